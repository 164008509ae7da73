"""Disk use by kind, from the engine's /system/df answer."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from engine.answers import bare_id
from engine.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class KindUse:
    """One kind of object: how many, how many in use, bytes, and bytes that a prune would free."""

    kind: str
    title: Promise
    count: int
    in_use: int
    size: int
    reclaimable: int = 0

    @property
    def percent_free(self) -> int:
        return round(100 * self.reclaimable / self.size) if self.size else 0


def disk_use(usage: Mapping[str, Any]) -> list[KindUse]:
    """Rows as ``docker system df`` shows them. Keys may be null where there is nothing."""
    return [images(usage), containers(usage), volumes(usage), build_cache(usage)]


def images(usage: Mapping[str, Any]) -> KindUse:
    rows = usage.get("Images") or []
    used = [row for row in rows if row.get("Containers", 0) > 0]
    size = usage.get("LayersSize") or 0
    # Of what is shared the command line counts all as free, also where each image is in use.
    kept = sum(row["Size"] - max(row.get("SharedSize", 0), 0) for row in used)
    free = max(size - kept, 0) if len(used) < len(rows) else 0
    return KindUse("images", _("Images"), len(rows), len(used), size, free)


def containers(usage: Mapping[str, Any]) -> KindUse:
    rows = usage.get("Containers") or []
    used = [row for row in rows if row["State"] in ("running", "paused", "restarting")]
    size = sum(row.get("SizeRw", 0) for row in rows)
    kept = sum(row.get("SizeRw", 0) for row in used)
    return KindUse("containers", _("Containers"), len(rows), len(used), size, size - kept)


def volumes(usage: Mapping[str, Any]) -> KindUse:
    rows = [row["UsageData"] for row in usage.get("Volumes") or [] if row.get("UsageData")]
    used = [row for row in rows if row["RefCount"] > 0]
    size = sum(max(row["Size"], 0) for row in rows)
    kept = sum(max(row["Size"], 0) for row in used)
    return KindUse("volumes", _("Volumes"), len(rows), len(used), size, size - kept)


def build_cache(usage: Mapping[str, Any]) -> KindUse:
    rows = usage.get("BuildCache") or []
    used = [row for row in rows if row.get("InUse")]
    size = sum(row["Size"] for row in rows if not row.get("Shared"))
    kept = sum(row["Size"] for row in used if not row.get("Shared"))
    return KindUse("build-cache", _("Build cache"), len(rows), len(used), size, size - kept)


def seen_use(usage: Mapping[str, Any], sight: Snapshot, volumes: Collection[str]) -> list[KindUse]:
    """The same of what one person sees: ``sight`` and the names ``volumes``. Layers that several
    images have count with each of them, so that no sum tells of images that are not seen; what a
    prune would free depends on those, too, and is left out."""
    return [
        seen_kind("images", _("Images"), seen_images(usage, sight)),
        seen_kind("containers", _("Containers"), seen_containers(usage, sight)),
        seen_kind("volumes", _("Volumes"), seen_volumes(usage, sight, volumes)),
    ]


Seen = Iterator[tuple[int, bool]]  # bytes, and whether it is in use


def seen_kind(kind: str, title: Promise, rows: Seen) -> KindUse:
    found = list(rows)
    in_use = sum(used for size, used in found)
    return KindUse(kind, title, len(found), in_use, sum(size for size, used in found))


def seen_images(usage: Mapping[str, Any], sight: Snapshot) -> Seen:
    for row in usage.get("Images") or ():
        id = bare_id(str(row.get("Id") or ""))
        if id in sight.images:
            yield int(row.get("Size") or 0), bool(sight.containers_of_image(id))


def seen_containers(usage: Mapping[str, Any], sight: Snapshot) -> Seen:
    for row in usage.get("Containers") or ():
        if (known := sight.containers.get(str(row.get("Id") or ""))) is not None:
            yield int(row.get("SizeRw") or 0), known.running


def seen_volumes(usage: Mapping[str, Any], sight: Snapshot, names: Collection[str]) -> Seen:
    for row in usage.get("Volumes") or ():
        name, size = str(row.get("Name") or ""), (row.get("UsageData") or {}).get("Size", -1)
        if name in names:
            yield max(int(size), 0), bool(sight.containers_of_volume(name))
