"""What is asked of a host's events, and the rows that answer it."""

from contextlib import suppress
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from access.actors import Actor
from engine.errors import EngineError
from engine.past_events import MOST, PastEvent
from engine.types import EngineState
from events.query import GRAMMAR
from events.rows import Happened, doers, happened
from events.seeing import Eyes
from hosts.live import engine_of
from web.filters import Query

MOST_ROWS = 200
MOST_TEXT = 1000


@dataclass(frozen=True)
class Asked:
    """``floods``: with what health checks and shells make; an ``action:`` word asks for it, too."""

    text: str
    query: Query[Happened]
    floods: bool

    @classmethod
    def of(cls, text: str, floods: bool) -> "Asked":
        text = text.replace("\0", "")[:MOST_TEXT].strip()
        query = GRAMMAR.parse(text)
        named = any(term.key == "action" and not term.negated for term in query.terms)
        return cls(text, query, floods or named)

    def address(self, **changed: str) -> str:
        parts = {"q": self.text, "all": "1" if self.floods else ""} | changed
        return "?" + urlencode({name: value for name, value in parts.items() if value})


@dataclass(frozen=True, slots=True)
class Answer:
    """The newest first. ``newest`` is where the next look goes on; ``lost``: what came between is
    not kept any more, or is more than a page."""

    rows: list[Happened]
    newest: str
    lost: bool = False


def answer(actor: Actor, host: str, asked: Asked, after: str = "", most: int = MOST_ROWS) -> Answer:
    """At most ``most`` events that fit, behind the one with the key ``after``."""
    recall(host)
    eyes, kept = Eyes(actor, host), engine_of(host).mirror.past.picture()
    shown = eyes.among(kept)
    behind = behind_of(shown, after)
    fitting = asked.query.select(happened([e for e in behind if fits(e, asked)], eyes))[::-1]
    rows = fitting[:most]
    known = doers(actor, host, rows)
    more = bool(after) and len(fitting) > most
    lost = more or is_lost(kept, after)
    return Answer([replace(row, by=known.get(row.key)) for row in rows], newest(shown, after), lost)


def recall(host: str) -> None:
    """Let the engine tell what it did before it was listened to; one that cannot tells nothing."""
    engine = engine_of(host)
    if engine.mirror.snapshot.state is EngineState.UP:
        with suppress(EngineError):
            engine.mirror.past.fill(engine.commands.events)


def newest(shown: list[PastEvent], after: str) -> str:
    """By arrival: an event may come after one that happened later."""
    return max(shown, key=lambda each: each.place).key if shown else after


def behind_of(shown: list[PastEvent], after: str) -> list[PastEvent]:
    """Those that arrived after it; where it is not in sight any more, those that happened later."""
    places = [each.place for each in shown if each.key == after]
    if places:
        return [each for each in shown if each.place > places[-1]]
    return [each for each in shown if each.event.time_ns > time_of(after)]


def time_of(key: str) -> int:
    """Nanoseconds; 0 for what is no key of ours: behind that is everything."""
    digits = key.partition("-")[0]
    return int(digits) if digits.isdecimal() and len(digits) < 20 else 0


def is_lost(kept: list[PastEvent], after: str) -> bool:
    """Whether so many came since that the first of them are not kept any more."""
    ring = [each for each in kept if not each.is_flood]
    return len(ring) == MOST and 0 < time_of(after) < ring[0].event.time_ns


def fits(past: PastEvent, asked: Asked) -> bool:
    return asked.floods or not past.is_flood
