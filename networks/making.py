"""Whether the name of a new network is free for whoever makes it."""

from django.utils.translation import gettext as _

from access.actors import Actor
from access.errors import Denied
from access.holders import is_others

CREATE = "network.create"


def check_name(actor: Actor, host: str, name: str, team_id: int | None) -> None:
    """Raises Denied where others hold a network of this name, be it there or not."""
    if is_others(actor, host, "network", name, team_id):
        raise Denied(_("name: %(name)s is not a network of your team.") % {"name": name})
