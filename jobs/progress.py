"""How far a job is: parts (layers, files), bytes, rate and time left. Changed on the loop only."""

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

MOST_PARTS = 500
MOST_LINES = 200
MOST_TEXT = 64 * 1024  # characters of all lines together
RATE_SECONDS = 5.0
SAMPLE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Part:
    """One row of progress: a layer, a file. Bytes; ``total`` is 0 where it is not known. With
    ``things`` these two count something else, which ``status`` says."""

    id: str
    status: str
    current: int = 0
    total: int = 0
    moved: int = 0  # bytes of ``size`` that crossed the network
    size: int = 0
    done: bool = False
    things: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """All of it at one moment. ``rate`` in bytes a second; ``left`` in seconds, None if unknown."""

    parts: tuple[Part, ...] = ()
    current: int = 0
    total: int = 0
    rate: float = 0.0
    left: float | None = None
    lines: tuple[str, ...] = ()
    said: int = 0  # lines in all, with those that are not kept

    @property
    def done_parts(self) -> int:
        return sum(part.done for part in self.parts)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"done_parts": self.done_parts}

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> Self:
        fields = {
            name: kept[name]
            for name in ("current", "total", "rate", "left", "said")
            if name in kept
        }
        parts = tuple(Part(**part) for part in kept.get("parts", ()))
        return cls(parts=parts, lines=tuple(kept.get("lines", ())), **fields)


class Progress:
    """What a running job tells. ``touched`` is called after every change."""

    def __init__(
        self,
        touched: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
        most_lines: int = MOST_LINES,
    ) -> None:
        self._parts: dict[str, Part] = {}
        self._lines: deque[str] = deque()
        self._most_lines, self._text, self._said = most_lines, 0, 0
        self._samples: deque[tuple[float, int]] = deque([(clock(), 0)])
        self._touched, self._clock = touched, clock

    def part(self, id: str) -> Part | None:
        return self._parts.get(id)

    def put(self, part: Part) -> None:
        """Add or replace a part. Beyond MOST_PARTS new ones are left out."""
        if part.id not in self._parts and len(self._parts) >= MOST_PARTS:
            return
        self._parts[part.id] = part
        self._sample()
        self._touched()

    def line(self, text: str) -> None:
        """One more line of the log; the oldest go beyond its bounds."""
        self._lines.append(text[:1000])
        self._said += 1
        self._text += len(self._lines[-1])
        while len(self._lines) > self._most_lines or self._text > MOST_TEXT:
            self._text -= len(self._lines.popleft())
        self._touched()

    def picture(self) -> Picture:
        """From any thread: parts are immutable, and their tuple is made in one step."""
        parts = tuple(self._parts.values())
        current, total = moved(parts), sum(part.size for part in parts)
        rate = self._rate()
        sizes_known = all(part.size or part.done for part in parts)
        left = (total - current) / rate if rate and sizes_known and total > current else None
        said, lines = self._said, tuple(self._lines)
        return Picture(parts, current, total, rate, left, lines, said)

    def _sample(self) -> None:
        now = self._clock()
        if now - self._samples[-1][0] < SAMPLE_SECONDS:
            return
        self._samples.append((now, moved(self._parts.values())))
        while len(self._samples) > 2 and now - self._samples[1][0] > RATE_SECONDS:
            self._samples.popleft()

    def _rate(self) -> float:
        """Bytes a second over the last RATE_SECONDS; it sinks while nothing comes."""
        (since, before), (_, latest) = self._samples[0], self._samples[-1]
        span = self._clock() - since
        return max(0.0, (latest - before) / span) if span > 0 else 0.0


def moved(parts: Any) -> int:
    return sum(part.moved for part in parts)
