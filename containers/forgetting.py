"""What was removed is forgotten before its week is over: nobody makes it again.

The settings were the team's, so those who could run them again may also have them gone: a right of
its own, by which the record tells it from a copy and a token is given the one without the other.
"""

from collections.abc import Iterable

from access import door
from access.actors import Actor
from access.gate import authorize
from access.targets import Target
from containers.models import RemovedContainer
from containers.removals import Removed, of_host

RIGHT = "container.forget"


def forget(actor: Actor, removed: Removed) -> None:
    """Raises Denied or Hidden, NotRecorded."""
    with door.change(actor, RIGHT, removed.target) as outcome:
        outcome.alongside = lambda: erase([removed])


def forget_all(actor: Actor, host: str, newest: int | None = None) -> int:
    """All that the person may, one row of the record for all; how many. ``newest`` is the row up
    to which they were shown: what was removed since stays."""
    here = Target("host", host, host, host)
    with door.judged(actor, RIGHT, here):
        authorize(actor, RIGHT, here)
    going = [each for each in of_host(actor, host, RIGHT) if newest is None or each.key <= newest]
    if going:
        names = [each.target.name for each in going]
        with door.change(actor, RIGHT, here, containers=names) as outcome:
            outcome.alongside = lambda: erase(going)
    return len(going)


def erase(these: Iterable[Removed]) -> None:
    RemovedContainer.objects.filter(pk__in=[each.key for each in these]).delete()
