"""Static files as `manage.py prepare` leaves them: few, lean, named by their content, gzipped."""

import gzip
import hashlib
import posixpath
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from zopfli import gzip as zopfli_gzip

from dashboard.bundles import bundles
from dashboard.lean import lean_css, lean_js

WORTH_PACKING = 0.9  # a .gz larger than this share of the original is not kept
MOST_SQUEEZED = 128 * 1024  # bytes: above, a first start would wait for it
OTHERS = "vendor/"  # as it came, for its licence and its checksum
SCRIPTS = (".js", ".mjs")

Paths = dict[str, tuple[Storage, str]]


class HashedFiles(ManifestStaticFilesStorage):
    """Bundles our scripts, hashes names, rewrites addresses in files to them, writes ``.gz`` twins.

    Before anything is prepared, and in DEBUG, addresses stay as written in the source.
    """

    support_js_module_import_aggregation = True
    bundled: frozenset[str] = frozenset()
    digest = ""  # of all scripts

    @property
    def prepared(self) -> bool:
        return bool(self.manifest_hash)

    def hashed_names(self) -> frozenset[str]:
        """The names that may be served forever; empty before anything is prepared."""
        return frozenset(self.hashed_files.values()) if self.prepared else frozenset()

    def stored_name(self, name: str) -> str:
        return str(super().stored_name(name)) if self.prepared else name

    def file_hash(self, name: str, content: Any = None) -> str:
        """Bundles name each other in circles, so theirs is a digest of all scripts."""
        return self.digest if name in self.bundled else str(super().file_hash(name, content))

    def post_process(self, paths: Paths, *args: Any, **options: Any) -> Iterator[Any]:
        sources = Sources(paths)
        scripts = sources.scripts()
        self.bundled, self.digest = frozenset(scripts), sources.digest(scripts)
        made = scripts | {name: sources.sheet(name) for name in paths if is_sheet(name)}
        kept = {name: place for name, place in paths.items() if not is_script(name)}
        kept |= {name: (Made(text), name) for name, text in made.items()}
        yield from super().post_process(kept, *args, **options)
        for name in self.hashed_files.values():
            pack(Path(self.path(name)))


class Sources:
    """The files as they were written, by their name among all paths."""

    def __init__(self, paths: Paths) -> None:
        self.paths = paths

    def content(self, name: str) -> bytes:
        storage, path = self.paths[name]
        with storage.open(path) as file:
            return bytes(file.read())

    def text(self, name: str) -> str:
        return self.content(name).decode()

    def sheet(self, name: str) -> str:
        folder = posixpath.dirname(name)
        return lean_css(self.text(name), lambda other: self.text(posixpath.join(folder, other)))

    def scripts(self) -> dict[str, str]:
        made = bundles({name: self.text(name) for name in self.paths if is_script(name)})
        return {name: lean_js(text) for name, text in made.items()}

    def digest(self, scripts: dict[str, str]) -> str:
        """Of all bundles, and of others' scripts, whose hashed names stand in them."""
        others = [name for name in self.paths if name.endswith(SCRIPTS) and not is_script(name)]
        made = hashlib.sha256()
        for name in sorted([*scripts, *others]):
            content = scripts[name].encode() if name in scripts else self.content(name)
            made.update(f"{name}\0{len(content)}\0".encode() + content)
        return made.hexdigest()[:12]


class Made(Storage):
    """One file that stands nowhere: what is served in place of a source."""

    def __init__(self, text: str) -> None:
        self.text = text

    def _open(self, name: str, mode: str = "rb") -> ContentFile[bytes]:
        return ContentFile(self.text.encode(), name)


def is_script(name: str) -> bool:
    return name.endswith(SCRIPTS) and not name.startswith(OTHERS)


def is_sheet(name: str) -> bool:
    return name.endswith(".css") and not name.startswith(OTHERS)


def pack(path: Path) -> None:
    content = path.read_bytes()
    small = len(content) <= MOST_SQUEEZED
    # The same format, some 3 % smaller and a hundred times slower.
    packed = zopfli_gzip.compress(content) if small else gzip.compress(content, mtime=0)
    if len(packed) < WORTH_PACKING * len(content):
        path.with_name(f"{path.name}.gz").write_bytes(packed)
