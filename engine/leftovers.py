"""What an engine could do without: nothing uses it, neither running nor stopped. Pure."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.answers import parse_time
from engine.helpers import is_helper
from engine.rows import container_from_list
from engine.types import ImageRow

Json = Mapping[str, Any]
MADE_UP = re.compile(r"[0-9a-f]{64}")
ANONYMOUS = "com.docker.volume.anonymous"  # newer engines say so; older ones make such names
AT_WORK = ("running", "paused", "restarting", "removing")
PREDEFINED = ("bridge", "host", "none", "docker_gwbridge", "ingress")
KEPT_CACHE = ("internal", "frontend")  # only where everything is asked for, as the engine has it


@dataclass(frozen=True, slots=True)
class Leftover:
    """One object. ``size`` is the bytes that go with it; ``since`` when it was made, of a cache
    record when it was last used; ``mark`` tells it from a later one of the same id or name."""

    kind: str  # container, image, volume, network, cache
    id: str  # full; a volume's is its name
    name: str
    size: int = 0
    since: datetime | None = None
    detail: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    mark: str = ""
    volumes: tuple[str, ...] = ()  # of a container: anonymous ones that nothing else uses

    @property
    def short(self) -> str:
        return self.name if self.kind == "volume" else self.id[:12]


def containers(rows: Iterable[Json]) -> list[Leftover]:
    """Those that are not at work, of a list with sizes."""
    return [
        Leftover(
            kind="container",
            id=str(row["Id"]),
            name=(row.get("Names") or [row["Id"][:12]])[0].lstrip("/"),
            size=int(row.get("SizeRw") or 0),
            since=parse_time(row.get("Created")),
            detail=f"{row.get('Image') or ''} · {row.get('Status') or ''}".strip(" ·"),
            labels=dict(row.get("Labels") or {}),
        )
        for row in rows
        if row.get("State") not in AT_WORK and not is_helper(container_from_list(row))
    ]


def left_alone(rows: Iterable[Json], going: Collection[str]) -> dict[str, str]:
    """The anonymous volumes that no container has once those of ``going`` (ids) went: name → the
    id of one that had it."""
    owner: dict[str, str] = {}
    staying: set[str] = set()
    for row in rows:
        for mount in row.get("Mounts") or ():
            name = str(mount.get("Name") or "")
            if row["Id"] not in going:
                staying.add(name)
            elif mount.get("Type") == "volume" and MADE_UP.fullmatch(name):
                owner.setdefault(name, str(row["Id"]))
    return {name: id for name, id in owner.items() if name not in staying}


def volumes(rows: Iterable[Json], users: Collection[str], named: bool) -> list[Leftover]:
    """Those without a user, of ``/system/df``; those that have a name of somebody's choice only
    with ``named``. ``users``: the names that containers mount."""
    return [
        volume(row)
        for row in rows
        if in_use(row) is False and row["Name"] not in users and (named or is_anonymous(row))
    ]


def volume(row: Json, detail: str = "") -> Leftover:
    made = str(row.get("CreatedAt") or "")
    size = int((row.get("UsageData") or {}).get("Size") or 0)
    return Leftover(
        kind="volume",
        id=str(row["Name"]),
        name=str(row["Name"]),
        size=max(size, 0),
        since=parse_time(made),
        detail=detail or str(row.get("Driver") or ""),
        labels=dict(row.get("Labels") or {}),
        mark=made,
    )


def in_use(row: Json) -> bool | None:
    """Whether a container has the volume; None where the engine does not count."""
    usage = row.get("UsageData")
    return None if not usage or usage.get("RefCount", -1) < 0 else bool(usage["RefCount"])


def is_anonymous(row: Json) -> bool:
    return ANONYMOUS in (row.get("Labels") or {}) or bool(MADE_UP.fullmatch(str(row["Name"])))


def networks(rows: Iterable[Json], users: Collection[str]) -> list[Leftover]:
    """This host's own that no container is in, or would be in once it starts; ``users`` are the
    names of the networks of all containers."""
    return [
        Leftover(
            kind="network",
            id=str(row["Id"]),
            name=str(row["Name"]),
            since=parse_time(row.get("Created")),
            detail=str(row.get("Driver") or ""),
            labels=dict(row.get("Labels") or {}),
        )
        for row in rows
        if is_own(row) and row["Name"] not in users
    ]


def is_own(row: Json) -> bool:
    special = row.get("Ingress") or row.get("ConfigOnly") or row["Name"] in PREDEFINED
    return row.get("Scope") == "local" and not special


def cache(
    rows: Sequence[Json], everything: bool, fits: Callable[[Leftover], bool]
) -> list[Leftover]:
    """Records of the build cache, those that others are built on last: the engine lets no record
    go before those on top of it."""
    found = {str(row["ID"]): record(row) for row in rows if is_free(row, everything)}
    wanted = {id for id, thing in found.items() if fits(thing)}
    children: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        for parent in row.get("Parents") or [row.get("Parent") or ""]:
            children[parent].add(str(row["ID"]))
    return [found[id] for id in leaves_first(wanted, children)]


def record(row: Json) -> Leftover:
    """The bytes of one that is shared stay with the images that have them."""
    return Leftover(
        kind="cache",
        id=str(row["ID"]),
        name=str(row.get("Description") or row["ID"]),
        size=0 if row.get("Shared") else int(row.get("Size") or 0),
        since=parse_time(row.get("LastUsedAt")) or parse_time(row.get("CreatedAt")),
        detail=str(row.get("Type") or ""),
    )


def is_free(row: Json, everything: bool) -> bool:
    kept = row.get("Shared") or row.get("Type") in KEPT_CACHE
    return not row.get("InUse") and (everything or not kept)


def images(
    every: Iterable[ImageRow], used: Collection[str], wanted: Collection[str]
) -> list[ImageRow]:
    """Those of ``wanted`` (ids) that the engine lets go, each after the images on top of it.

    ``every`` holds the images between the steps of a build, too: these go with the last image on
    top of them. ``used`` are ids that containers are made from.
    """
    rows = {row.id: row for row in every}
    children: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows.values():
        children[row.parent_id].add(row.id)
    between = {id for id, row in rows.items() if is_between(row, children)}
    may_go = {id for id in {*wanted, *between} if id not in used}
    order = leaves_first(may_go, children)
    return [rows[id] for id in order if id not in between]


def is_between(row: ImageRow, children: Mapping[str, Collection[str]]) -> bool:
    return not row.tags and not row.digests and bool(children.get(row.id))


def leaves_first(wanted: Collection[str], children: Mapping[str, Collection[str]]) -> list[str]:
    """Those whose children all go before them; whatever has a child that stays is left out."""
    order: list[str] = []
    gone: set[str] = set()
    left = sorted(wanted)
    while ready := [id for id in left if gone.issuperset(children.get(id, ()))]:
        order += ready
        gone.update(ready)
        left = [id for id in left if id not in gone]
    return order
