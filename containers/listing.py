"""Which containers a list shows, in what order and groups. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter
from types import MappingProxyType
from typing import Any
from zlib import crc32

from containers.attention import trouble_of
from containers.query import ATTENTION, MEASURED, Query
from engine.meter import Reading
from engine.types import ContainerRow

NOTHING: Mapping[str, Reading] = MappingProxyType({})
_UNSTOPPED = ("running", "paused", "restarting", "removing")
_ORDER = ("unhealthy", "restarting", "dead", "running", "starting", "healthy", "paused", "created")


@dataclass(frozen=True, slots=True)
class Group:
    """Neighbouring rows of one compose project; ``name`` is "" for containers without one."""

    name: str
    rows: tuple[ContainerRow, ...]
    count: int  # in the whole list, not on this page
    continued: bool = False  # its first rows stand on the page before

    @property
    def anchor(self) -> str:
        """An id for its element: project names may hold anything."""
        return f"g-{crc32(self.name.encode()):08x}"


@dataclass(frozen=True, slots=True)
class Listing:
    """All rows that match, in order. ``counts`` are per segment, whatever segment is open."""

    rows: tuple[ContainerRow, ...]
    counts: Mapping[str, int]
    grouped: bool = True
    sizes: Mapping[str, int] = field(default_factory=dict)

    def groups(self, first: int = 0, last: int | None = None) -> list[Group]:
        """The rows from ``first`` up to ``last``, grouped."""
        shown = self.rows[first:last]
        if not shown:
            return []
        if not self.grouped:
            return [Group("", shown, len(self.rows), first > 0)]
        before = self.rows[first - 1].project if first else None
        return [
            Group(name, tuple(rows), self.sizes[name], name == before)
            for name, rows in groupby(shown, lambda row: row.project)
        ]


def in_order(
    rows: Iterable[ContainerRow],
    sort: str,
    grouped: bool,
    readings: Mapping[str, Reading] = NOTHING,
) -> tuple[ContainerRow, ...]:
    """``sort`` is a key of SORTS, or one that is measured, with ``-`` in front for descending;
    another sorts by name."""
    ordered = sorted(rows, key=by_name)
    column = sort.removeprefix("-")
    if column in MEASURED:
        ordered.sort(key=lambda row: use(readings.get(row.id), column), reverse=sort != column)
    elif column in SORTS and sort != "name":
        ordered.sort(key=SORTS[column], reverse=sort != column)
    if grouped:
        ordered.sort(key=by_project)
    return tuple(ordered)


def listing(
    rows: Iterable[ContainerRow], query: Query, grouped: bool = True, now: datetime | None = None
) -> Listing:
    """Those of the ``rows``, in order already, that the query asks for."""
    moment = now or datetime.now(UTC)
    found = anyhow = list(rows)
    if query.terms:
        found = query.select(found, moment)
        anyhow = query.with_state("").select(anyhow, moment)
    projects = map(attrgetter("project"), found) if grouped else ()
    return Listing(tuple(found), counted(anyhow, moment), grouped, Counter(projects))


def counted(rows: list[ContainerRow], now: datetime) -> dict[str, int]:
    states = Counter(map(attrgetter("state"), rows))
    return {
        "": len(rows),
        "running": states["running"],
        ATTENTION: sum(trouble_of(row, now) is not None for row in rows),
        "stopped": len(rows) - sum(states[word] for word in _UNSTOPPED),
    }


def by_project(row: ContainerRow) -> tuple[bool, str, str]:
    """Those of no project stand last."""
    project = row.project
    return (not project, project.casefold(), project)


def by_name(row: ContainerRow) -> str:
    return row.name.casefold()


def by_state(row: ContainerRow) -> tuple[int, int]:
    """What needs a look comes first, then what runs, then what ended."""
    word = row.health if row.state == "running" and row.health else row.state
    failed = not row.running and bool(row.exit_code)
    rank = _ORDER.index(word) if word in _ORDER else len(_ORDER)
    return (rank, -(row.exit_code or 0) if failed else 0)


def since(row: ContainerRow) -> datetime:
    """When it came into its present state, as far as is known."""
    moment = row.started_at if row.running else row.finished_at
    return moment or row.created


def use(reading: Reading | None, column: str) -> float:
    """Of what is not known: less than nothing."""
    known = None if reading is None else reading.cpu if column == "cpu" else reading.memory
    return -1.0 if known is None else known


SORTS: Mapping[str, Callable[[ContainerRow], Any]] = {
    "name": by_name,
    "image": lambda row: row.image.casefold(),
    "state": by_state,
    "ports": lambda row: min((port.host_port or 65536 for port in row.ports), default=65537),
    "since": lambda row: -since(row).timestamp(),  # the newest first
    "created": lambda row: -row.created.timestamp(),
}
