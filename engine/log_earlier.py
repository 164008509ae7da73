"""The lines before a line, read backwards as far as the engine lets us."""

import asyncio
from collections import deque
from contextlib import aclosing
from dataclasses import dataclass

from engine.errors import EngineSilent
from engine.log_items import LogRange
from engine.log_reader import CROSSING_NS, LogReader, place_of
from engine.types import Cursor, LogLine

MOST_BYTES = 4 * 1024 * 1024
SECONDS = 20.0
SLACK = 500
WIDER = 8


@dataclass(frozen=True, slots=True)
class Earlier:
    """``begins``: nothing stands before these lines."""

    lines: list[LogLine]
    begins: bool


async def lines_before(reader: LogReader, before: Cursor, count: int, held: int) -> Earlier:
    """At most ``count`` lines that stand just before a line, and at most 4 MiB of them.

    The engine counts a tail from the end of the log: ``held`` is how many lines the caller
    has from ``before`` on. Where that was too few a wider tail is read, at last everything.
    Raises EngineErrors, EngineSilent after 20 s.
    """
    try:
        async with asyncio.timeout(SECONDS):
            return await _widening(reader, before, count, held)
    except TimeoutError as error:
        raise EngineSilent("The log is too long to be read backwards in time.") from error


async def _widening(reader: LogReader, before: Cursor, count: int, held: int) -> Earlier:
    narrow = count + held + SLACK
    former: _Newest | None = None
    for tail in (narrow, narrow * WIDER, None):
        found = await _read(reader, before, count, tail)
        if found and (found.dropped or len(found.lines) == count):
            return Earlier(list(found.lines), False)
        if found and (tail is None or (former and former.seen == found.seen)):
            return Earlier(list(found.lines), True)  # a longer tail gave no more
        former = found
    found = await _read(reader, before, count, None, by_time=True)
    return Earlier(list(found.lines), not found.dropped) if found else Earlier([], True)


class _Newest:
    """The newest lines of a read, within a count and within MOST_BYTES."""

    def __init__(self, count: int) -> None:
        self.lines: deque[LogLine] = deque()
        self.seen = self._size = 0
        self._count = count

    @property
    def dropped(self) -> bool:
        return self.seen > len(self.lines)

    def add(self, line: LogLine) -> None:
        self.lines.append(line)
        self.seen += 1
        self._size += len(line.data)
        while len(self.lines) > self._count or (self._size > MOST_BYTES and len(self.lines) > 1):
            self._size -= len(self.lines.popleft().data)


async def _read(
    reader: LogReader, before: Cursor, count: int, tail: int | None, by_time: bool = False
) -> _Newest | None:
    """The newest lines before a line within a tail; None where that line is not in it.

    ``by_time``: all that are older, for a line that is no longer stored.
    """
    newest = _Newest(count)
    wanted = LogRange(tail=tail, until_ns=before.ns + CROSSING_NS, follow=False)
    async with aclosing(reader.stored(wanted)) as batches:
        async for lines in batches:
            for line in lines:
                if by_time and place_of(line) >= before:
                    continue
                if place_of(line) == before:
                    return newest
                newest.add(line)
    return newest if by_time else None
