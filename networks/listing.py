"""Which networks a list shows and in what order. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from access.secrets import masked
from engine.types import PROJECT_LABEL, ContainerRow, NetworkRow
from web.filters import Query
from web.lists import in_order

COMPOSE = "com.docker.compose."


@dataclass(frozen=True, slots=True)
class Shown:
    """One row, with the containers in it that one sees."""

    row: NetworkRow
    users: Sequence[ContainerRow]
    teams: Sequence[str]
    shared: bool
    removable: bool

    @property
    def project(self) -> str:
        return self.row.labels.get(PROJECT_LABEL, "")

    @property
    def others(self) -> list[tuple[str, str]]:
        """Its labels but those of Compose, values that look secret masked."""
        return [
            (name, masked(name, value))
            for name, value in sorted(self.row.labels.items())
            if not name.startswith(COMPOSE)
        ]


@dataclass(frozen=True, slots=True)
class Listing:
    """All that match, in order. ``counts`` are per segment, whatever segment is open."""

    rows: tuple[NetworkRow, ...]
    counts: Mapping[str, int]


def listing(
    rows: Iterable[NetworkRow],
    query: Query[NetworkRow],
    sort: str,
    users: Callable[[NetworkRow], Sequence[ContainerRow]],
) -> Listing:
    everything = list(rows)
    anyhow = query.with_state("").select(everything) if query.terms else everything
    used = sum(bool(users(row)) for row in anyhow)
    counts = {"": len(anyhow), "used": used, "unused": len(anyhow) - used}
    return Listing(ordered(query.select(everything), sort, users), counts)


def ordered(
    rows: list[NetworkRow], sort: str, users: Callable[[NetworkRow], Sequence[ContainerRow]]
) -> tuple[NetworkRow, ...]:
    keys: dict[str, Callable[[NetworkRow], Any]] = {
        "driver": lambda row: row.driver,
        "used": lambda row: len(users(row)),
        "created": lambda row: -row.created.timestamp(),  # the newest first
    }
    return in_order(rows, sort, by_name, keys)


def by_name(row: NetworkRow) -> tuple[bool, str]:
    """The engine's own stand last."""
    return row.predefined, row.name.casefold()
