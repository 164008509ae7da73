"""Reads of one container's log by exact places in it."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace

from engine.log_items import Divider, LogRange
from engine.streams import Streams
from engine.types import Cursor, LogLine

# stdout and stderr are stamped before they queue for the file: their times may cross.
CROSSING_NS = 100_000_000
# Without a tail the engine reads the whole file to find a time; most resumes are near its end.
NEAR = 20_000
BEFORE_TAIL = 125
WIDER = 8
MOST_HELD = 100_000


class LogReader:
    """Reads both streams always: ordinals count the lines of both. Raises EngineErrors."""

    def __init__(self, streams: Streams, id: str, is_tty: Callable[[], Awaitable[bool]]) -> None:
        self._streams = streams
        self._id = id
        self._is_tty = is_tty
        self.heard_at = 0.0  # on the loop's clock: when the engine last sent something

    async def last(self) -> Cursor | None:
        """The newest line's place; None where there is no line."""
        found = None
        async with aclosing(self.stored(LogRange(tail=1))) as batches:
            async for lines in batches:
                found = place_of(lines[-1])
        return found

    async def stored(self, wanted: LogRange) -> AsyncGenerator[list[LogLine]]:
        """What is stored now within ``tail``, ``since_ns`` and ``until_ns``."""
        first_ns, shift = None, 0
        async with self._open(replace(wanted, follow=False)) as batches:
            async for lines in batches:
                if first_ns is None:
                    first_ns = lines[0].ns
                    shift = await self._cut_off(lines, wanted.tail) if wanted.tail else 0
                if shift:
                    lines = [with_shift(line, first_ns, shift) for line in lines]
                yield lines

    async def after(
        self, cursor: Cursor | None, follow: bool, until_ns: int | None = None
    ) -> AsyncGenerator[list[LogLine] | Divider]:
        """The lines behind a line, whatever their times; None: all lines.

        An empty list says that the engine answered. ``Divider("gap")`` says that the line is
        no longer stored; then come those with a later time.
        """
        since_ns = None if cursor is None else max(0, cursor.ns - CROSSING_NS)
        for tail in (None,) if cursor is None else (NEAR, None):
            search = Search(cursor, last_chance=tail is None)
            wanted = LogRange(tail=tail, since_ns=since_ns, until_ns=until_ns, follow=follow)
            async with aclosing(self._behind(search, wanted)) as found:
                async for item in found:
                    yield item
            if search.found:
                return

    async def _behind(
        self, search: "Search", wanted: LogRange
    ) -> AsyncGenerator[list[LogLine] | Divider]:
        begun = False
        async with self._open(wanted) as batches:
            yield []
            async for lines in batches:
                self.heard_at = asyncio.get_running_loop().time()
                if not begun and search.may_be_cut(lines):
                    search.failed = not await self._reaches(wanted)
                begun = True
                for item in search.feed(lines):
                    yield item
                if search.failed:
                    return
        for item in search.end():
            yield item

    async def _reaches(self, wanted: LogRange) -> bool:
        """Whether a tail begins before its time, so that a read of it misses nothing.

        The tail of a log that grows begins later each time: what holds now held a moment ago.
        """
        until_ns = (wanted.since_ns or 1) - 1
        async with self._open(LogRange(tail=wanted.tail, until_ns=until_ns, follow=False)) as found:
            async for _ in found:
                return True
        return False

    @asynccontextmanager
    async def _open(self, wanted: LogRange) -> AsyncIterator[AsyncIterator[list[LogLine]]]:
        async with self._streams.logs(
            self._id,
            tty=await self._is_tty(),
            follow=wanted.follow,
            tail=wanted.tail,
            since_ns=wanted.since_ns,
            until_ns=wanted.until_ns,
        ) as batches:
            yield batches

    async def _cut_off(self, lines: list[LogLine], tail: int) -> int:
        """How many parts of the first line's time lie before a tail, which numbers from there."""
        ns = lines[0].ns
        if lines[-1].ns != ns:
            ours = max(line.ordinal for line in lines if line.ns == ns)
        else:
            ours = await self._last_ordinal(ns, tail)
        more, shift = BEFORE_TAIL, BEFORE_TAIL
        while shift == more:
            more *= WIDER
            shift = max(0, await self._last_ordinal(ns, tail + more) - ours)
        return shift

    async def _last_ordinal(self, ns: int, tail: int) -> int:
        """The highest ordinal of a time, counted within a tail; 0 where there is none."""
        wanted = LogRange(tail=tail, since_ns=ns, until_ns=ns, follow=False)
        async with self._open(wanted) as batches:
            found = [line.ordinal async for lines in batches for line in lines if line.ns == ns]
        return max(found, default=0)


class Search:
    """Finds a line in the batches of a read, and passes on what comes behind it. Pure.

    ``found`` is also true once the line is known to be stored no more; ``failed`` says that
    it lies before what was read, unless this read was the last chance.
    """

    def __init__(self, cursor: Cursor | None, last_chance: bool) -> None:
        self.found = cursor is None
        self.failed = False
        self._cursor = cursor
        self._last_chance = last_chance
        self._held: list[LogLine] = []

    def may_be_cut(self, lines: list[LogLine]) -> bool:
        """Whether a tail may have begun among the lines of our time, and numbered from there."""
        if self.found or self._last_chance or self._cursor is None:
            return False
        return lines[0].ns == self._cursor.ns

    def feed(self, lines: list[LogLine]) -> list[list[LogLine] | Divider]:
        if self.failed:
            return []
        if self.found or self._cursor is None:
            return [lines]
        ns, ordinal = self._cursor
        for index, line in enumerate(lines):
            if line[0] == ns and line[1] == ordinal:
                self.found = True
                self._held.clear()
                return [lines[index + 1 :]]
        self._held += [line for line in lines if place_of(line) > self._cursor]
        passed = lines[-1].ns > ns + CROSSING_NS or len(self._held) > MOST_HELD
        return self._give_up() if passed else []

    def end(self) -> list[list[LogLine] | Divider]:
        """When the read has ended."""
        return [] if self.found or self.failed else self._give_up()

    def _give_up(self) -> list[list[LogLine] | Divider]:
        if not self._last_chance:
            self.failed = True
            return []
        self.found = True
        held, self._held = self._held, []
        return [Divider("gap"), held]


def place_of(line: LogLine) -> Cursor:
    return Cursor(line.ns, line.ordinal)


def with_shift(line: LogLine, ns: int, shift: int) -> LogLine:
    return line._replace(ordinal=line.ordinal + shift) if line.ns == ns else line
