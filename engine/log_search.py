"""What is looked for in a log, and which lines and neighbours are found. Pure."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

import regex

from engine.sentences import BadValue
from engine.types import LogLine

LINE_SECONDS = 0.2  # of computing for one line; ordinary expressions take microseconds
MOST_SLOW = 50
CONTEXT = 3
MOST = 1000
HIT, AFTER_GAP, SLOW = 1, 2, 4
_COLOURS = regex.compile(rb"\x1b\[[0-9;:]*m")
# An expression that calls itself fills memory as fast as it computes.
_CALLS_ITSELF = regex.compile(r"(?<!\\)(?:\\\\)*\((?:\?(?:R|&|P>|[+-]?\d))")


@dataclass(frozen=True, slots=True)
class Wanted:
    """``context`` lines before and after each of at most ``most`` matches."""

    text: str
    is_regex: bool = False
    case: bool = False
    context: int = CONTEXT
    most: int = MOST


class Found(NamedTuple):
    """A line of the result: its marks (HIT, AFTER_GAP, SLOW), its container's place, itself."""

    marks: int
    source: int
    line: LogLine


def matcher(wanted: Wanted) -> Callable[[bytes], bool]:
    """Whether a line's bytes match; TimeoutError after LINE_SECONDS. Raises BadValue."""
    if not wanted.is_regex:
        if wanted.case:
            plain = wanted.text.encode("utf-8", "replace")
            return lambda data: plain in data
        return _expression(regex.escape(wanted.text), regex.IGNORECASE)
    if _CALLS_ITSELF.search(wanted.text):
        raise BadValue("An expression that calls itself is not searched for.")
    return _expression(wanted.text, 0 if wanted.case else regex.IGNORECASE)


def _expression(text: str, flags: int) -> Callable[[bytes], bool]:
    try:
        search = regex.compile(text, flags | regex.VERSION0).search
    except regex.error as error:
        raise BadValue("This is no regular expression: %(reason)s.", reason=str(error)) from error
    except (RecursionError, OverflowError, MemoryError) as error:
        raise BadValue("This expression is too deep.") from error

    def matches(data: bytes) -> bool:
        line = data.decode("utf-8", "replace")
        return search(line, timeout=LINE_SECONDS) is not None

    return matches


class Finder:
    """Takes a log's lines in order and gives those that match, with their neighbours, once.

    ``feed`` may run in a thread, one call at a time; ``stop`` ends it from any other, at the
    next line. ``over`` says that no further line can add anything.
    """

    def __init__(self, wanted: Wanted) -> None:
        self.lines = self.bytes = self.hits = self.slow = 0
        self.first: LogLine | None = None
        self.last: LogLine | None = None
        self._matches = matcher(wanted)
        self._wanted = wanted
        self._before: deque[tuple[int, LogLine]] = deque(maxlen=wanted.context)
        self._after = 0  # neighbours still to give behind the last match
        self._left_out = False
        self._stopped = False

    @property
    def full(self) -> bool:
        return self.hits >= self._wanted.most

    @property
    def too_slow(self) -> bool:
        return self.slow >= MOST_SLOW

    @property
    def over(self) -> bool:
        return self._stopped or self.too_slow or (self.full and not self._after)

    def stop(self) -> None:
        self._stopped = True

    def feed(self, lines: Iterable[tuple[int, LogLine]]) -> list[Found]:
        """What these lines add to the result."""
        found: list[Found] = []
        for source, line in lines:
            if self.over:
                break
            self._count(line)
            marks = 0 if self.full else self._marks(line.data)
            if marks:
                self._give_before(found)
                found.append(self._found(marks, source, line))
                self._after = self._wanted.context
            elif self._after:
                self._after -= 1
                found.append(self._found(0, source, line))
            else:
                self._keep(source, line)
        return found

    def _count(self, line: LogLine) -> None:
        self.lines += 1
        self.bytes += len(line.data)
        self.first = self.first or line
        self.last = line

    def _marks(self, data: bytes) -> int:
        if b"\x1b" in data:
            data = _COLOURS.sub(b"", data)
        try:
            if not self._matches(data):
                return 0
        except TimeoutError:
            self.slow += 1
            return SLOW
        self.hits += 1
        return HIT

    def _give_before(self, found: list[Found]) -> None:
        found += [self._found(0, source, line) for source, line in self._before]
        self._before.clear()

    def _found(self, marks: int, source: int, line: LogLine) -> Found:
        """The mark of a gap belongs to the first line behind it."""
        gap, self._left_out = self._left_out, False
        return Found(marks | AFTER_GAP if gap else marks, source, line)

    def _keep(self, source: int, line: LogLine) -> None:
        """A line that may yet become a neighbour; the one it pushes out never will."""
        if len(self._before) == self._before.maxlen:
            self._left_out = True
        self._before.append((source, line))
