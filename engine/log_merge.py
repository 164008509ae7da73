"""Several logs as one, in the order of their times."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Protocol

from engine.errors import EngineError
from engine.log_items import LogBatch, LogItem, batch_of
from engine.threads import Door
from engine.types import LogLine

REORDER_SECONDS = 0.1  # how long a live line waits for earlier ones of other logs
STALL_SECONDS = 10.0  # a log that says nothing for so long no longer holds the others
TICK = 0.05


@dataclass(frozen=True, slots=True)
class Failed:
    """This log cannot be read, or no longer; the others go on."""

    message: str
    missing: bool = False

    def words(self) -> dict[str, Any]:
        return {"event": "error", "reason": self.message}


MergedItem = tuple[int, LogItem | Failed]  # the place of its log among those asked for


class Reading(Protocol):
    """A subscription: ``live`` says that it has given all that was stored."""

    @property
    def live(self) -> bool: ...

    def items(self) -> AsyncGenerator[LogItem]: ...


class Source:
    """One log, read one item ahead."""

    def __init__(self, place: int, reading: Reading, changed: asyncio.Event) -> None:
        self.place = place
        self.head: LogItem | Failed | None = None
        self.offset = 0
        self.came = self.asked = time.monotonic()
        self.ended = False
        self._reading = reading
        self._changed = changed
        self._room = asyncio.Event()

    async def run(self) -> None:
        try:
            async with aclosing(self._reading.items()) as items:
                async for item in items:
                    await self._put(item)
        except EngineError as error:
            await self._put(Failed(error.message, error.status == 404))
        self.ended = True
        self._changed.set()

    async def _put(self, item: LogItem | Failed) -> None:
        self.head, self.offset, self.came = item, 0, time.monotonic()
        self._room.clear()
        self._changed.set()
        await self._room.wait()

    @property
    def batch(self) -> LogBatch | None:
        return self.head if isinstance(self.head, LogBatch) else None

    @property
    def ns(self) -> int:
        """The time of the next line; only where ``batch`` is one."""
        return self.batch.lines[self.offset].ns if self.batch else 0

    @property
    def live(self) -> bool:
        return self._reading.live

    def holds_up(self, now: float) -> bool:
        """Whether earlier lines may yet come of it, so that the others must wait."""
        if self.head is not None or self.ended:
            return False
        return not self._reading.live and now - self.asked < STALL_SECONDS

    def take(self) -> LogItem | Failed:
        """The whole of what is left of the head."""
        head = self.head
        assert head is not None
        if isinstance(head, LogBatch) and self.offset:
            head = batch_of(head.lines[self.offset :])
        self.head, self.asked = None, time.monotonic()
        self._room.set()
        return head

    def take_until(self, ns: float) -> LogItem | Failed:
        """The next lines up to one that is later; the first in any case."""
        lines = self.batch.lines if self.batch else []
        end = self.offset + 1
        while end < len(lines) and lines[end].ns <= ns:
            end += 1
        if end >= len(lines):
            return self.take()
        start, self.offset = self.offset, end
        return batch_of(lines[start:end])


class Merge:
    """``items`` gives what the readings give, each with its place; lines in the order of time.

    The order of each log stays as it is. What is stored is merged exactly; a live line waits
    until it is 0.1 s old, and only then goes before a log that is silent.
    """

    def __init__(self, door: Door, readings: Sequence[Reading]) -> None:
        self._door = door
        self._changed = asyncio.Event()
        self._sources = [Source(at, one, self._changed) for at, one in enumerate(readings)]
        self._ahead = float("inf")  # our clock less the engine's, as the quickest line showed it

    async def items(self) -> AsyncGenerator[MergedItem]:
        tasks = [self._door.spawn(one.run(), "log of a merged view") for one in self._sources]
        try:
            while True:
                self._changed.clear()
                while (item := self._next()) is not None:
                    yield item
                if all(one.ended and one.head is None for one in self._sources):
                    return
                await self._more()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _more(self) -> None:
        """Until something came, or what is held may have become old enough."""
        held = any(one.head is not None for one in self._sources)
        try:
            async with asyncio.timeout(TICK if held else None):
                await self._changed.wait()
        except TimeoutError:
            pass

    def _next(self) -> MergedItem | None:
        full = [one for one in self._sources if one.head is not None]
        for one in full:
            if one.batch is None:
                return one.place, one.take()
        now = time.monotonic()
        if not full or any(one.holds_up(now) for one in self._sources):
            return None
        full.sort(key=lambda one: one.ns)
        first = full[0]
        silent = any(one.head is None and not one.ended for one in self._sources)
        limit: float | None = full[1].ns if len(full) > 1 else None
        if silent and now - first.came < REORDER_SECONDS:
            old = self._old_ns(first, now)
            if first.ns > old:
                return None
            limit = old if limit is None else min(limit, old)
        return first.place, first.take() if limit is None else first.take_until(limit)

    def _old_ns(self, one: Source, now: float) -> float:
        """Times up to this one are older than the window, by the engine's clock as we know it."""
        lines: list[LogLine] = one.batch.lines if one.batch else []
        if one.live and lines:
            self._ahead = min(self._ahead, one.came - lines[-1].ns / 1e9)
        return (now - self._ahead - REORDER_SECONDS) * 1e9


def by_place(item: MergedItem) -> list[tuple[int, LogLine]]:
    """The lines of an item, each with the place of its log; none for what is no batch."""
    place, found = item
    return [(place, line) for line in found.lines] if isinstance(found, LogBatch) else []
