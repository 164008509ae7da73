"""What state a container is in, in the reader's words. The engine's own line of it ("Up 3 minutes
(healthy)") is English, and as old as the answer that it stood in.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from engine.types import ContainerRow

SIGNALLED = (130, 137, 143)  # 128 + INT, KILL, TERM: somebody stopped it


@dataclass(frozen=True, slots=True)
class Chip:
    """A state as a word with its tone: ok, info, warn, bad or idle (the class of chip and dot)."""

    word: str | Promise
    tone: str
    code: int | None = None  # the exit code, where it says something


HEALTH = {
    "healthy": Chip(_("Healthy"), "ok"),
    "unhealthy": Chip(_("Unhealthy"), "bad"),
    "starting": Chip(_("Starting"), "info"),
}
STATES = {
    "running": Chip(_("Running"), "ok"),
    "paused": Chip(_("Paused"), "warn"),
    "restarting": Chip(_("Restarting"), "warn"),
    "created": Chip(pgettext_lazy("state", "Created"), "idle"),
    "removing": Chip(_("Removing"), "warn"),
    "dead": Chip(_("Dead"), "bad"),
    "exited": Chip(_("Exited"), "idle"),
}


def chip_of(row: ContainerRow) -> Chip:
    """Health wins over running; an ended container shows its exit code; a state we do not know
    stays as it is."""
    if row.state == "running" and row.health in HEALTH:
        return HEALTH[row.health]
    if row.state != "exited":
        return STATES.get(row.state) or Chip(row.state, "idle")
    if row.oom_killed:
        return Chip(_("Out of memory"), "bad", row.exit_code)
    calm = row.exit_code in (None, 0, *SIGNALLED)
    return Chip(STATES["exited"].word, "idle" if calm else "bad", row.exit_code)


def state_words(row: ContainerRow) -> str:
    """The same in one line: ``Healthy``, ``Exited (137)``."""
    chip = chip_of(row)
    return str(chip.word) if chip.code is None else f"{chip.word} ({chip.code})"
