"""Disk use by object, from the engine's /system/df answer: what one person may see of it. Pure."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from engine.answers import bare_id
from engine.snapshot import Snapshot
from web.sizes import size_text

MOST = 500  # rows of a kind: the largest


@dataclass(frozen=True, slots=True)
class ObjectUse:
    """One object. ``size`` is in bytes: of an image all its layers, of a container what it wrote;
    ``shared`` are those of an image that others have, too; ``more`` says what else is to be said;
    ``url`` is "" where it has no page."""

    id: str
    name: str
    size: int
    more: str
    url: str
    used: bool
    shared: int = 0


@dataclass(frozen=True, slots=True)
class KindObjects:
    """The objects of one kind, the largest first; ``cut`` where there are more than are shown."""

    kind: str
    title: Promise
    column: Promise
    rows: tuple[ObjectUse, ...]
    cut: bool


def objects(
    host: str, usage: Mapping[str, Any], sight: Snapshot, volumes: Collection[str], everything: bool
) -> list[KindObjects]:
    """``sight`` and ``volumes`` (names) are what the person sees of the host; the build cache is
    nobody's, so that it is shown to those who see ``everything``."""
    found = [
        kind("images", _("Images"), _("Size"), images(host, usage, sight)),
        kind("containers", _("Containers"), _("Written"), containers(host, usage, sight)),
        kind("volumes", _("Volumes"), _("Size"), of_volumes(host, usage, sight, volumes)),
    ]
    if everything:
        found.append(kind("build-cache", _("Build cache"), _("Size"), build_cache(usage)))
    return found


def kind(name: str, title: Promise, column: Promise, rows: Iterator[ObjectUse]) -> KindObjects:
    ordered = sorted(rows, key=lambda row: (-row.size, row.name))
    return KindObjects(name, title, column, tuple(ordered[:MOST]), len(ordered) > MOST)


def images(host: str, usage: Mapping[str, Any], sight: Snapshot) -> Iterator[ObjectUse]:
    for each in usage.get("Images") or ():
        row = sight.images.get(bare_id(str(each.get("Id") or "")))
        if row is None:
            continue
        shared = max(int(each.get("SharedSize") or 0), 0)
        name = (row.tags or row.digests or (row.short_id,))[0]
        words = _("%(size)s shared with other images") % {"size": size_text(shared)}
        yield ObjectUse(
            row.id,
            name,
            int(each.get("Size") or 0),
            str(words) if shared else "",
            reverse("image-detail", args=[host, row.id]),
            bool(sight.containers_of_image(row.id)),
            shared,
        )


def containers(host: str, usage: Mapping[str, Any], sight: Snapshot) -> Iterator[ObjectUse]:
    for each in usage.get("Containers") or ():
        row = sight.containers.get(str(each.get("Id") or ""))
        if row is not None:
            url = reverse("container-detail", args=[host, row.id])
            size = int(each.get("SizeRw") or 0)
            yield ObjectUse(row.id, row.name, size, row.state, url, row.running)


def of_volumes(
    host: str, usage: Mapping[str, Any], sight: Snapshot, seen: Collection[str]
) -> Iterator[ObjectUse]:
    for each in usage.get("Volumes") or ():
        name, size = str(each.get("Name") or ""), (each.get("UsageData") or {}).get("Size", -1)
        if name in seen and size >= 0:
            url = "" if "/" in name else reverse("volume-detail", args=[host, name])
            yield ObjectUse(name, name, int(size), "", url, bool(sight.containers_of_volume(name)))


def build_cache(usage: Mapping[str, Any]) -> Iterator[ObjectUse]:
    for each in usage.get("BuildCache") or ():
        id, size = str(each.get("ID") or ""), int(each.get("Size") or 0)
        name, kind = str(each.get("Description") or id), str(each.get("Type") or "")
        yield ObjectUse(id, name, size, kind, "", bool(each.get("InUse")))
