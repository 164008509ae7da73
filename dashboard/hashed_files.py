"""Static files as `manage.py prepare` leaves them: named by their content, and gzipped beside."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage

WORTH_PACKING = 0.9  # a .gz larger than this share of the original is not kept


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

    def post_process(self, *args: Any, **options: Any) -> Iterator[Any]:
        yield from super().post_process(*args, **options)
        for name in self.hashed_files.values():
            pack(Path(self.path(name)))


def pack(path: Path) -> None:
    content = path.read_bytes()
    packed = gzip.compress(content, mtime=0)
    if len(packed) < WORTH_PACKING * len(content):
        path.with_name(f"{path.name}.gz").write_bytes(packed)
