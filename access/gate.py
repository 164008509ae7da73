"""The one gate: everything is denied unless a rule here says otherwise."""

from access.actors import Actor
from access.errors import Denied, Hidden
from access.rights import PUBLIC, RIGHTS, SIGNED_IN
from access.targets import Target


def authorize(actor: Actor, right: str, target: Target) -> None:
    """Return when the actor may; raise Hidden (404) or Denied (403) when not.

    A first superuser may do all; everyone else sees nothing until grants exist.
    """
    if right == PUBLIC:
        return
    if right == SIGNED_IN and actor.signed_in:
        return
    if right in RIGHTS and actor.signed_in and actor.superuser:
        return
    raise Hidden


def may(actor: Actor, right: str, target: Target) -> bool:
    """Whether the gate would open: for what a page shows, never in place of the gate."""
    try:
        authorize(actor, right, target)
    except Denied:
        return False
    return True
