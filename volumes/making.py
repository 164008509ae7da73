"""Whose a new volume will be, and whether its name is free."""

from django.utils.translation import gettext as _

from access.actors import Actor
from access.book import NOBODY, book
from access.errors import Denied
from access.models import Team
from access.names import any_team
from access.sight import sees_all
from engine.commands import Commands
from engine.errors import Conflict, NotFound

CREATE = "volume.create"


def owner(actor: Actor, host: str, wanted: str = "") -> int | None:
    """The team that will own it: ``wanted`` (a team's short name), else that of the oldest grant
    to create one. None for a superuser who names none. Raises Denied."""
    if actor.reaches_all:
        return any_team(wanted) if wanted else None
    rules = [
        rule
        for rule in book().rules_for(actor.user_id, host)
        if CREATE in rule.rights and wanted in ("", rule.team)
    ]
    if not rules:
        raise Denied(_("team: none of your grants lets it have a volume here."))
    return min(rules, key=lambda rule: rule.id).team_id


def teams_to_own(actor: Actor, host: str) -> list[Team]:
    """The teams that a new volume may belong to, where there is a choice."""
    if actor.reaches_all:
        return list(Team.objects.all())
    rules = book().rules_for(actor.user_id, host)
    found = {rule.team_id for rule in rules if CREATE in rule.rights}
    return list(Team.objects.filter(pk__in=found)) if len(found) > 1 else []


def check_holder(actor: Actor, host: str, name: str, team_id: int | None) -> None:
    """Raises Denied where others hold a volume of this name, be it there or not."""
    holders = book().holders(host, "volume", name)
    if holders != NOBODY and team_id not in holders.teams and not sees_all(actor, host):
        raise Denied(_("name: %(name)s is not a volume of your team.") % {"name": name})


def check_free(commands: Commands, name: str) -> None:
    """Raises Conflict where it is there: the engine would answer it as if it were new."""
    try:
        commands.inspect_volume(name)
    except NotFound:
        return
    words = _("A volume named %(name)s already exists: choose another name.")
    raise Conflict(words % {"name": name})
