"""How a container does, in one chip, and whether a person should look at it. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from engine.types import ContainerRow
from web import states

RECENT = timedelta(hours=24)
SIGNALLED = (130, 137, 143)  # 128 + INT, KILL, TERM: somebody stopped it


class Trouble(StrEnum):
    UNHEALTHY = "unhealthy"
    RESTARTING = "restarting"
    MEMORY = "memory"
    FAILED = "failed"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class Chip:
    """A state as a word with its tone: ok, info, warn, bad or idle (the class of chip and dot)."""

    word: str | Promise
    tone: str
    code: int | None = None  # the exit code, where it says something


HEALTH = {
    "healthy": Chip(states.HEALTH["healthy"], "ok"),
    "unhealthy": Chip(states.HEALTH["unhealthy"], "bad"),
    "starting": Chip(states.HEALTH["starting"], "info"),
}
STATES = {
    "running": Chip(states.STATES["running"], "ok"),
    "paused": Chip(states.STATES["paused"], "warn"),
    "restarting": Chip(states.STATES["restarting"], "warn"),
    "created": Chip(states.STATES["created"], "idle"),
    "removing": Chip(states.STATES["removing"], "warn"),
    "dead": Chip(states.STATES["dead"], "bad"),
}


def trouble_of(row: ContainerRow, now: datetime) -> Trouble | None:
    """Why a container needs a look; None where it does not."""
    if row.state == "dead":
        return Trouble.DEAD
    if row.state == "restarting":
        return Trouble.RESTARTING
    if row.health == "unhealthy" and row.running:
        return Trouble.UNHEALTHY
    if row.running or row.exit_code in (None, 0):
        return None
    if row.finished_at is not None and now - row.finished_at > RECENT:
        return None
    if row.oom_killed:
        return Trouble.MEMORY
    return None if row.exit_code in SIGNALLED else Trouble.FAILED


def chip_of(row: ContainerRow) -> Chip:
    """Health wins over running; an ended container shows its exit code."""
    if row.state == "running" and row.health in HEALTH:
        return HEALTH[row.health]
    if row.state in STATES:
        return STATES[row.state]
    if row.oom_killed:
        return Chip(_("Out of memory"), "bad", row.exit_code)
    calm = row.exit_code in (None, 0, *SIGNALLED)
    return Chip(states.STATES["exited"], "idle" if calm else "bad", row.exit_code)
