"""Disk use by kind, from the engine's /system/df answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class KindUse:
    """One kind of object: how many, how many in use, bytes, and bytes that a prune would free."""

    kind: str
    title: Promise
    count: int
    in_use: int
    size: int
    reclaimable: int

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
    # What is shared stays as long as one of its images does: as the command line counts it.
    kept = sum(row["Size"] - max(row.get("SharedSize", 0), 0) for row in used)
    return KindUse("images", _("Images"), len(rows), len(used), size, max(size - kept, 0))


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
