"""What is asked of a log, and what a subscription to it gives."""

from dataclasses import dataclass, field
from typing import Any, Literal

from engine.types import Cursor, LogLine


@dataclass(frozen=True, slots=True)
class LogRange:
    """Times are nanoseconds since 1970, both inclusive; ``tail`` None means all of it.

    ``after`` resumes behind a line that was seen; then ``tail`` and ``since_ns`` count for
    nothing. With ``until_ns`` nothing is followed.
    """

    tail: int | None = 1000
    since_ns: int | None = None
    until_ns: int | None = None
    stdout: bool = True
    stderr: bool = True
    after: Cursor | None = None
    follow: bool = True


@dataclass(frozen=True, slots=True)
class LogBatch:
    """Lines in the log's order; ``size`` is the bytes of their text.

    ``derived`` is what readers worked out of this batch alone; it goes with it.
    """

    lines: list[LogLine]
    size: int
    derived: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Skipped:
    """So many lines, of both streams, came faster than this subscriber took them."""

    count: int

    def words(self) -> dict[str, Any]:
        return {"event": "skipped", "count": self.count}


@dataclass(frozen=True, slots=True)
class Divider:
    """Something that happened between two lines.

    reconnecting: the engine is lost, ``text`` says why · reconnected: it answers again ·
    restarted: the container runs again · gap: lines in between are no longer stored.
    """

    reason: Literal["reconnecting", "reconnected", "restarted", "gap"]
    text: str = ""

    def words(self) -> dict[str, Any]:
        event = "reconnecting" if self.reason == "reconnecting" else "divider"
        return {"event": event, "reason": self.reason, "text": self.text}


@dataclass(frozen=True, slots=True)
class Ended:
    """No more lines for now. ``exited`` and ``created``: the subscription waits for a start.

    ``removed`` (the container is gone) and ``complete`` (all that was asked for) are the last.
    """

    reason: Literal["exited", "created", "removed", "complete"]
    exit_code: int | None = None

    @property
    def final(self) -> bool:
        return self.reason in ("removed", "complete")

    def words(self) -> dict[str, Any]:
        return {"event": "ended", "reason": self.reason, "exit_code": self.exit_code}


LogItem = LogBatch | Skipped | Divider | Ended


def batch_of(lines: list[LogLine]) -> LogBatch:
    return LogBatch(lines, sum([len(line[3]) for line in lines]))


class Losses:
    """Says of each loss of the engine, and of each return, once, whoever noticed. Pure."""

    def __init__(self) -> None:
        self.lost = False

    def told(self, item: LogItem) -> list[LogItem]:
        """What a viewer is told when this comes."""
        reason = item.reason if isinstance(item, Divider) else ""
        if reason == "reconnecting":
            known, self.lost = self.lost, True
            return [] if known else [item]
        if not self.lost:
            return [] if reason == "reconnected" else [item]
        if isinstance(item, Skipped):  # it says of lines before the loss
            return [item]
        self.lost = False
        return [item] if reason == "reconnected" else [Divider("reconnected"), item]
