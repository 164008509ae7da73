"""Whose an image, a network or a volume is, by its name: for pages, and for who makes a new one."""

from collections.abc import Mapping

from access.actors import Actor
from access.book import NOBODY, book
from access.models import Team
from access.sight import sees_all


def team_names() -> dict[int, str]:
    return {team.pk: team.name for team in Team.objects.all()}


def holders_of(
    actor: Actor, host: str, kind: str, name: str, names: Mapping[int, str]
) -> list[str]:
    """The teams that hold it (of ``names``), as far as they are one's own or all are shown."""
    held = book()
    teams = held.holders(host, kind, name).teams
    if not sees_all(actor, host):
        teams &= held.teams_of.get(actor.user_id or 0, frozenset())
    return sorted(names[team] for team in teams if team in names)


def holding(host: str, kind: str, name: str) -> tuple[list[str], bool]:
    """The short names of all teams that hold it, and whether it is shared."""
    held = book().holders(host, kind, name)
    slugs = Team.objects.filter(pk__in=held.teams).values_list("slug", flat=True)
    return list(slugs), held.shared


def is_shared(host: str, kind: str, name: str) -> bool:
    return book().holders(host, kind, name).shared


def is_others(actor: Actor, host: str, kind: str, name: str, team_id: int | None) -> bool:
    """Whether others than this team hold the name, be it there or not; who sees all may have it."""
    holders = book().holders(host, kind, name)
    return holders != NOBODY and team_id not in holders.teams and not sees_all(actor, host)
