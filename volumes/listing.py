"""Which volumes a list shows and in what order. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from access.fence import OUR_LABEL
from access.secrets import masked
from engine.types import PROJECT_LABEL, ContainerRow
from engine.volume_rows import VolumeRow
from volumes.query import Users
from web.filters import Query
from web.lists import in_order

COMPOSE = "com.docker.compose."
ANONYMOUS = "com.docker.volume.anonymous"


@dataclass(frozen=True, slots=True)
class Shown:
    """One row, with the containers that have it and that one sees. ``size`` is in bytes, None
    where it was not measured; ``url`` is "" for a name that no address can hold."""

    row: VolumeRow
    url: str
    size: int | None
    users: Sequence[ContainerRow]
    teams: Sequence[str]
    shared: bool
    removable: bool

    @property
    def name(self) -> str:
        return self.row.name[:12] if self.row.anonymous else self.row.name

    @property
    def project(self) -> str:
        return self.row.labels.get(PROJECT_LABEL, "")

    @property
    def others(self) -> list[tuple[str, str]]:
        """Its labels but those of Compose, the engine and ours, values that look secret masked."""
        return [
            (name, masked(name, value))
            for name, value in sorted(self.row.labels.items())
            if not name.startswith((COMPOSE, OUR_LABEL)) and name != ANONYMOUS
        ]


@dataclass(frozen=True, slots=True)
class Listing:
    """All that match, in order. ``counts`` are per segment, whatever segment is open."""

    rows: tuple[VolumeRow, ...]
    counts: Mapping[str, int]


def listing(
    rows: Iterable[VolumeRow],
    query: Query[VolumeRow],
    sort: str,
    users: Users,
    sizes: Mapping[str, int],
) -> Listing:
    everything = list(rows)
    anyhow = query.with_state("").select(everything) if query.terms else everything
    used = sum(bool(users(row.name)) for row in anyhow)
    counts = {
        "": len(anyhow),
        "used": used,
        "unused": len(anyhow) - used,
        "anonymous": sum(row.anonymous for row in anyhow),
    }
    return Listing(ordered(query.select(everything), sort, users, sizes), counts)


def ordered(
    rows: list[VolumeRow], sort: str, users: Users, sizes: Mapping[str, int]
) -> tuple[VolumeRow, ...]:
    keys: dict[str, Callable[[VolumeRow], Any]] = {
        "size": lambda row: sizes.get(row.name, -1),
        "driver": lambda row: row.driver,
        "used": lambda row: len(users(row.name)),
        "created": lambda row: -row.created.timestamp(),  # the newest first
    }
    return in_order(rows, sort, by_name, keys)


def by_name(row: VolumeRow) -> tuple[bool, str]:
    """Those whose names the engine made up stand last."""
    return row.anonymous, row.name.casefold()
