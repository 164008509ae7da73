"""What needs a person first, read from memory: hosts that do not answer or are full; containers
that are unhealthy, restart, ran out of memory or failed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from containers.attention import Trouble, trouble_of
from containers.log_places import at_end, at_moment
from engine.past_events import PastEvents
from engine.room import Room
from engine.snapshot import Snapshot
from engine.types import ContainerRow, EngineState
from web.sizes import size_text

FULL_PERCENT = 85
WORDS: dict[Trouble, Promise] = {
    Trouble.UNHEALTHY: _("unhealthy"),
    Trouble.RESTARTING: _("restarting again and again"),
    Trouble.MEMORY: _("killed: out of memory"),
    Trouble.FAILED: _("ended with an error"),
    Trouble.DEAD: _("dead: the engine could not remove it"),
}


@dataclass(frozen=True, slots=True)
class Concern:
    """One container that needs a look, and why."""

    host: str
    row: ContainerRow
    trouble: Trouble
    at: str = ""  # where its log opens at that moment; "": at its end

    @property
    def words(self) -> Promise:
        return WORDS[self.trouble]


@dataclass(frozen=True, slots=True)
class HostConcern:
    """What is wrong with a host as a whole: in our words, and the engine's own or ""."""

    host: str
    words: str | Promise
    told: str = ""


def host_concerns(host: str, snapshot: Snapshot, room: Room | None) -> Iterator[HostConcern]:
    if snapshot.state == EngineState.SILENT:
        yield HostConcern(host, _("the engine is silent"), snapshot.error)
    elif snapshot.state == EngineState.DOWN:
        yield HostConcern(host, _("the engine cannot be reached"), snapshot.error)
    if room is not None and room.percent > FULL_PERCENT:
        words = gettext("its disk is %(percent)s %% full, %(free)s are left")
        yield HostConcern(host, words % {"percent": room.percent, "free": size_text(room.free)})


def concerns(host: str, snapshot: Snapshot, past: PastEvents) -> Iterator[Concern]:
    now = datetime.now(UTC)
    for row in sorted(snapshot.containers.values(), key=lambda row: row.name):
        if (trouble := trouble_of(row, now)) is not None:
            yield Concern(host, row, trouble, place_of(row, trouble, past))


def place_of(row: ContainerRow, trouble: Trouble, past: PastEvents) -> str:
    """Where its log opens at what is wrong: at its end, or when it was told to be unhealthy."""
    if trouble is not Trouble.UNHEALTHY:
        return at_end(row)
    since = past.last(row.id, "health_status: unhealthy")
    return at_moment(datetime.fromtimestamp(since / 1e9, UTC)) if since is not None else ""
