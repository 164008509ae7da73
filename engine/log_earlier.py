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
    tail = count + held + SLACK
    first = await _read(reader, before, count, tail)
    if first.dropped or len(first.lines) == count:
        return Earlier(list(first.lines), False)
    wider = await _read(reader, before, count, tail * WIDER)
    if first.lines and wider.seen == first.seen:  # a tail eight times as long gave no more
        return Earlier(list(wider.lines), True)
    if wider.dropped or len(wider.lines) == count:
        return Earlier(list(wider.lines), False)
    whole = await _read(reader, before, count, None)
    return Earlier(list(whole.lines), not whole.dropped)


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


async def _read(reader: LogReader, before: Cursor, count: int, tail: int | None) -> _Newest:
    """The newest lines before a place within a tail. None: all of them, though it be gone."""
    newest = _Newest(count)
    wanted = LogRange(tail=tail, until_ns=before.ns + CROSSING_NS, follow=False)
    async with aclosing(reader.stored(wanted)) as batches:
        async for lines in batches:
            for line in lines:
                if place_of(line) == before:
                    return newest
                newest.add(line)
    # The line is no longer stored, or lies before this tail: what is surely older stands.
    kept = [line for line in newest.lines if place_of(line) < before]
    gone = _Newest(count)
    for line in kept:
        gone.add(line)
    gone.seen += newest.seen - len(newest.lines)
    return gone
