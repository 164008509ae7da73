"""What the engine told of one container last: of what is kept of its events, nothing of others."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from containers.log_places import LATE, at_moment
from engine.engine import Engine
from engine.errors import EngineError
from engine.past_events import PastEvent
from engine.types import EngineEvent, EngineState

MOST = 8
BAD, GOOD = ("die", "oom"), ("start", "unpause", "connect")
TOLD = ("exitCode", "signal", "oldName")


@dataclass(frozen=True, slots=True)
class Told:
    """One event. ``about`` is the network's name, or what the engine said beside: 137, 15.
    ``log``: where its log opens at that moment, of what a person would want to read up."""

    at: datetime
    action: str
    about: str
    tone: str
    log: str


def last_events(engine: Engine, id: str) -> list[Told]:
    """The newest first. The engine is asked at most for what it did before it was heard."""
    past = engine.mirror.past
    if engine.mirror.snapshot.state == EngineState.UP:
        with suppress(EngineError):
            past.fill(engine.commands.events)
    return list(islice(told(reversed(past.picture()), id), MOST))


def told(past: Iterator[PastEvent], id: str) -> Iterator[Told]:
    for each in past:
        event = each.event
        if each.is_flood:
            continue
        joins = event.kind == "network" and event.attributes.get("container") == id
        if joins or (event.kind == "container" and event.id == id):
            yield one(event)


def one(event: EngineEvent) -> Told:
    word, _colon, rest = event.action.partition(": ")
    action = f"{word}: {rest}" if word == "health_status" else word
    name = event.attributes.get("name", "") if event.kind == "network" else ""
    said = [event.attributes[key] for key in TOLD if event.attributes.get(key)]
    bad = word in BAD or action.endswith("unhealthy")
    tone = "bad" if bad else "ok" if word in GOOD else "idle"
    if word == "die" and event.attributes.get("exitCode") == "0":
        tone = "idle"
    at = datetime.fromtimestamp(event.time_ns / 1e9, UTC)
    return Told(at, action, name or " ".join(said), tone, at_moment(at + LATE) if bad else "")
