"""Static files as `manage.py prepare` leaves them: lean, named by their content, gzipped beside."""

import gzip
import posixpath
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.files.base import ContentFile
from django.core.files.storage import Storage

from dashboard.lean import lean_css, lean_js

WORTH_PACKING = 0.9  # a .gz larger than this share of the original is not kept
OTHERS = "vendor/"  # as it came, for its licence and its checksum

Paths = dict[str, tuple[Storage, str]]


class HashedFiles(ManifestStaticFilesStorage):
    """Hashes names, rewrites ``import … from "./x.js"`` to them, writes ``.gz`` twins.

    Before anything is prepared, and in DEBUG, addresses stay as written in the source.
    """

    support_js_module_import_aggregation = True

    @property
    def prepared(self) -> bool:
        return bool(self.manifest_hash)

    def hashed_names(self) -> frozenset[str]:
        """The names that may be served forever; empty before anything is prepared."""
        return frozenset(self.hashed_files.values()) if self.prepared else frozenset()

    def stored_name(self, name: str) -> str:
        return str(super().stored_name(name)) if self.prepared else name

    def post_process(self, paths: Paths, *args: Any, **options: Any) -> Iterator[Any]:
        lean = {name: (Lean(paths), name) for name in paths if is_ours(name)}
        yield from super().post_process(paths | lean, *args, **options)
        for name in self.hashed_files.values():
            pack(Path(self.path(name)))


class Lean(Storage):
    """Our style sheets and scripts, by their name among all paths, as they shall be served."""

    def __init__(self, paths: Paths) -> None:
        self.paths = paths

    def _open(self, name: str, mode: str = "rb") -> ContentFile[bytes]:
        text = self.text(name)
        lean = lean_js(text) if name.endswith(".js") else lean_css(text, self.beside(name))
        return ContentFile(lean.encode(), name)

    def text(self, name: str) -> str:
        storage, path = self.paths[name]
        with storage.open(path) as file:
            content: bytes = file.read()
        return content.decode()

    def beside(self, name: str) -> Any:
        folder = posixpath.dirname(name)
        return lambda other: self.text(posixpath.join(folder, other))


def is_ours(name: str) -> bool:
    return name.endswith((".css", ".js")) and not name.startswith(OTHERS)


def pack(path: Path) -> None:
    content = path.read_bytes()
    packed = gzip.compress(content, mtime=0)
    if len(packed) < WORTH_PACKING * len(content):
        path.with_name(f"{path.name}.gz").write_bytes(packed)
