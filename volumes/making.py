"""Whether the name of a new volume is free, and for whoever makes it."""

from django.utils.translation import gettext as _

from access.actors import Actor
from access.errors import Denied
from access.holders import is_others
from engine.commands import Commands
from engine.errors import Conflict, NotFound

CREATE = "volume.create"


def check_holder(actor: Actor, host: str, name: str, team_id: int | None) -> None:
    """Raises Denied where others hold a volume of this name, be it there or not."""
    if is_others(actor, host, "volume", name, team_id):
        raise Denied(_("name: %(name)s is not a volume of your team.") % {"name": name})


def check_free(commands: Commands, name: str) -> None:
    """Raises Conflict where it is there: the engine would answer it as if it were new."""
    try:
        commands.inspect_volume(name)
    except NotFound:
        return
    words = _("A volume named %(name)s already exists: choose another name.")
    raise Conflict(words % {"name": name})
