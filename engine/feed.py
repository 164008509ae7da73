"""Logs of one engine: stored lines and live ones as one sequence, nothing lost or doubled."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager

from engine.commands import Commands
from engine.hub import Hub
from engine.log_feed import LogFeed
from engine.log_items import (
    Divider,
    Ended,
    LogBatch,
    LogItem,
    LogRange,
    Skipped,
    batch_of,
)
from engine.log_reader import LogReader, place_of
from engine.mirror import Mirror
from engine.ring import Place
from engine.streams import Streams
from engine.threads import Door
from engine.types import LogLine

__all__ = ["Divider", "Ended", "LogBatch", "LogFeeds", "LogItem", "LogRange", "Skipped"]

MOST_BYTES = 256 * 1024
PACE = 0.04
BEHIND_SECONDS = 1.0


Source = AsyncGenerator[list[LogLine]] | AsyncGenerator[list[LogLine] | Divider]


class LogFeeds:
    """One follower of the engine per container, however many subscribe."""

    def __init__(self, commands: Commands, streams: Streams, mirror: Mirror, door: Door) -> None:
        self.hub: Hub[str, LogFeed] = Hub(
            door, lambda id: LogFeed(id, commands, streams, mirror, door), "log of"
        )

    @asynccontextmanager
    async def subscribe(
        self, id: str, wanted: LogRange | None = None
    ) -> AsyncIterator[AsyncIterator[LogItem]]:
        """The stored lines, then (``follow``) the live ones until the container is removed.

        Pull when you are ready: stored lines wait for you, live ones that you do not take in
        time come as ``Skipped``. Raises EngineErrors while iterating; a lost engine is none
        once lines are followed, but a ``Divider``.
        """
        async with self.hub.hold(id) as feed:
            subscription = Subscription(feed, wanted or LogRange())
            async with aclosing(subscription.items()) as items:
                yield items


class Subscription:
    """One reader of a feed."""

    def __init__(self, feed: LogFeed, wanted: LogRange) -> None:
        self._feed = feed
        self._reader: LogReader = feed.reader
        self._wanted = wanted
        self._last = wanted.after
        self._place: Place | None = None
        self._follows = wanted.follow and wanted.until_ns is None
        self._streams = {1: wanted.stdout, 2: wanted.stderr}

    async def items(self) -> AsyncGenerator[LogItem]:
        """Batches of about 256 KiB at most, and what happened between them."""
        if self._follows and self._feed.begun and self._last is not None:
            self._place = self._feed.ring.locate(self._last)
        for part in self._parts():
            async with aclosing(part()) as items:
                async for item in items:
                    if (given := self._without_unwanted(item)) is not None:
                        yield given

    def _parts(self) -> list[Callable[[], AsyncGenerator[LogItem]]]:
        if not self._follows:
            return [self._stored, self._complete]
        return [self._live] if self._place else [self._stored, self._catch_up, self._live]

    async def _complete(self) -> AsyncGenerator[LogItem]:
        yield Ended("complete")

    async def _stored(self) -> AsyncGenerator[LogItem]:
        """What the engine has stored, at the speed of whoever iterates."""
        if self._last is not None:
            source: Source = self._reader.after(self._last, follow=False)
        else:
            if self._follows and (self._wanted.since_ns is not None or self._wanted.tail == 0):
                self._last = await self._reader.last()
            if self._wanted.tail == 0:
                return
            source = self._reader.stored(self._wanted)
        async with aclosing(source) as found:
            async for item in found:
                for taken in self._take(item):
                    yield taken

    async def _catch_up(self) -> AsyncGenerator[LogItem]:
        """From the last stored line to the same line in the live ring, or to one evicted since."""
        self._feed.begin(self._last)
        while not self._find():
            if self._feed.failed:
                raise type(self._feed.failed)(self._feed.failed.message)
            newest = self._feed.ring.newest
            if newest is None or self._last is None or self._last >= newest:
                await self._feed.news(BEHIND_SECONDS)
                continue
            async with aclosing(self._reader.after(self._last, follow=False)) as found:
                async for item in found:
                    if isinstance(item, list) and (hit := self._feed.ring.locate_evicted(item)):
                        item = item[: hit[0] + 1]
                        self._place = hit[1]
                    for taken in self._take(item):
                        yield taken
                    if self._place:
                        return
            await asyncio.sleep(PACE)

    def _find(self) -> bool:
        """Set the place in the ring where this subscription goes on, if the ring knows it."""
        ring = self._feed.ring
        if self._last is not None:
            self._place = ring.locate(self._last)
        else:
            self._place = Place(0, 0, 0) if ring.origin is None else ring.start
        return self._place is not None

    async def _live(self) -> AsyncGenerator[LogItem]:
        """What the ring holds behind our place, and then what comes."""
        next_at = 0.0
        while self._place is not None:
            ring = self._feed.ring
            items, self._place = ring.read(self._place, MOST_BYTES)
            for item in items:
                yield item
                if isinstance(item, Ended) and item.final:
                    return
            if not items:
                if self._feed.failed:
                    raise type(self._feed.failed)(self._feed.failed.message)
                await self._feed.news()
                # A line after a pause goes at once; under a flood many go together.
                await asyncio.sleep(next_at - time.monotonic())
                next_at = time.monotonic() + PACE

    def _take(self, found: list[LogLine] | Divider) -> list[LogItem]:
        """What a read gave as items, and where it ended."""
        if isinstance(found, Divider):
            return [found]
        if not found:
            return []
        self._last = place_of(found[-1])
        return [batch_of(found)]

    def _without_unwanted(self, item: LogItem) -> LogItem | None:
        """The item without the stream that was not asked for; None where nothing is left."""
        if not isinstance(item, LogBatch) or all(self._streams.values()):
            return item
        lines = [line for line in item.lines if self._streams[line.stream]]
        return batch_of(lines) if lines else None
