"""Which containers a list shows, in what order and groups. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from typing import Any
from zlib import crc32

from containers.attention import trouble_of
from containers.query import ATTENTION, Query
from engine.types import ContainerRow

SEGMENTS = ("", "running", ATTENTION, "stopped")
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


def listing(
    rows: Iterable[ContainerRow],
    query: Query,
    sort: str = "name",
    grouped: bool = True,
    now: datetime | None = None,
) -> Listing:
    """``sort`` is a key of SORTS, with ``-`` in front for descending; another sorts by name."""
    moment = now or datetime.now(UTC)
    everything = list(rows)
    found = query.select(everything, moment)
    ordered = sorted(found, key=lambda row: row.name.casefold())
    ordered.sort(key=SORTS.get(sort.lstrip("-"), by_name), reverse=sort.startswith("-"))
    if grouped:
        ordered.sort(key=lambda row: (not row.project, row.project.casefold(), row.project))
    anyhow = query.with_state("").select(everything, moment) if query.terms else everything
    return Listing(
        tuple(ordered),
        counted(anyhow, moment),
        grouped,
        Counter(row.project for row in ordered),
    )


def counted(rows: list[ContainerRow], now: datetime) -> dict[str, int]:
    return {
        "": len(rows),
        "running": sum(row.state == "running" for row in rows),
        ATTENTION: sum(trouble_of(row, now) is not None for row in rows),
        "stopped": sum(not row.running and row.state != "removing" for row in rows),
    }


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


SORTS: Mapping[str, Callable[[ContainerRow], Any]] = {
    "name": by_name,
    "image": lambda row: row.image.casefold(),
    "state": by_state,
    "ports": lambda row: min((port.host_port or 65536 for port in row.ports), default=65537),
    "since": lambda row: -since(row).timestamp(),  # the newest first
}
