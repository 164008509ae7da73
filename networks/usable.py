"""Which networks a person sees on a host, whose they are, and which a container may join."""

from collections.abc import Iterable

from access.actors import Actor
from access.gate import may
from access.sight import held_names, sees_all
from access.targets import NetworkTarget, Target
from engine.snapshot import Snapshot
from engine.types import PREDEFINED_NETWORKS, ContainerRow, NetworkRow

NOT_JOINED = ("host", "none")  # a container is made in these, or never comes into them


def visible(
    actor: Actor, host: str, rows: Iterable[NetworkRow], sight: Snapshot
) -> list[NetworkRow]:
    """``sight`` is what they see of the host. The gate says the same of each by itself."""
    if not may(actor, "network.see", Target("network", "", "", host)):
        return []
    if sees_all(actor, host):
        return list(rows)
    joined = {name for row in sight.containers.values() for name in row.networks}
    names = held_names(actor, host, "network") | joined | set(PREDEFINED_NETWORKS)
    return [row for row in rows if row.name in names]


def joinable(
    actor: Actor, host: str, rows: Iterable[NetworkRow], of: ContainerRow
) -> list[NetworkRow]:
    """Those that this container is not in yet and may come into, by name."""
    found = (
        row
        for row in rows
        if row.name not in (*NOT_JOINED, *of.networks)
        and may(actor, "network.use", NetworkTarget.of(host, row))
    )
    return sorted(found, key=lambda row: row.name.casefold())


def users_of(row: NetworkRow, sight: Snapshot) -> tuple[ContainerRow, ...]:
    """The containers in it, stopped ones too, that one sees; by name."""
    found = (each for each in sight.containers.values() if row.name in each.networks)
    return tuple(sorted(found, key=lambda each: each.name))
