"""Whether a person should look at a container, and why. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum

from engine.types import ContainerRow
from web.states import SIGNALLED

RECENT = timedelta(hours=24)


class Trouble(StrEnum):
    UNHEALTHY = "unhealthy"
    RESTARTING = "restarting"
    MEMORY = "memory"
    FAILED = "failed"
    DEAD = "dead"


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
