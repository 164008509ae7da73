"""Which networks a person sees on a host, whose they are, and which a container may join."""

from collections.abc import Iterable, Mapping

from access.actors import Actor
from access.book import book
from access.gate import may
from access.models import Team
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


def team_names() -> dict[int, str]:
    return {team.pk: team.name for team in Team.objects.all()}


def holders_of(actor: Actor, host: str, name: str, names: Mapping[int, str]) -> list[str]:
    """The teams that hold it (of ``names``), as far as they are one's own or all are shown."""
    held = book()
    teams = held.holders(host, "network", name).teams
    if not sees_all(actor, host):
        teams &= held.teams_of.get(actor.user_id or 0, frozenset())
    return sorted(names[team] for team in teams if team in names)


def holding(host: str, name: str) -> tuple[list[str], bool]:
    """The short names of all teams that hold it, and whether it is shared."""
    held = book().holders(host, "network", name)
    slugs = Team.objects.filter(pk__in=held.teams).values_list("slug", flat=True)
    return list(slugs), held.shared


def is_shared(host: str, name: str) -> bool:
    return book().holders(host, "network", name).shared
