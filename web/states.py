"""What state a container is in, in the reader's words. The engine's own line of it ("Up 3 minutes
(healthy)") is English, and as old as the answer that it stood in.
"""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from engine.types import ContainerRow

HEALTH = {
    "healthy": _("Healthy"),
    "unhealthy": _("Unhealthy"),
    "starting": _("Starting"),
}
STATES = {
    "running": _("Running"),
    "paused": _("Paused"),
    "restarting": _("Restarting"),
    "created": pgettext_lazy("state", "Created"),
    "removing": _("Removing"),
    "dead": _("Dead"),
    "exited": _("Exited"),
}


def state_words(row: ContainerRow) -> str:
    """``Healthy``, ``Exited (137)``: health wins over running; a state we do not know stays."""
    if row.state == "running" and row.health in HEALTH:
        return str(HEALTH[row.health])
    words = str(STATES.get(row.state, row.state))
    ended = row.state == "exited" and row.exit_code is not None
    return f"{words} ({row.exit_code})" if ended else words
