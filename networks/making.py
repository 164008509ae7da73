"""Whose a new network will be, and whether its name is free for them."""

from django.utils.translation import gettext as _

from access.actors import Actor
from access.book import NOBODY, book
from access.errors import Denied
from access.names import any_team
from access.sight import sees_all

CREATE = "network.create"


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
        raise Denied(_("team: none of your grants lets it have a network here."))
    return min(rules, key=lambda rule: rule.id).team_id


def check_name(actor: Actor, host: str, name: str, team_id: int | None) -> None:
    """Raises Denied where others hold a network of this name, be it there or not."""
    holders = book().holders(host, "network", name)
    if holders != NOBODY and team_id not in holders.teams and not sees_all(actor, host):
        raise Denied(_("name: %(name)s is not a network of your team.") % {"name": name})
