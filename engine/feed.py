"""Logs of one engine: stored lines and live ones as one sequence, nothing lost or doubled."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager

from engine import backoff
from engine.commands import Commands
from engine.errors import Conflict, EngineDown, EngineError, EngineSilent, NotFound, Refused
from engine.hub import Hub
from engine.log_earlier import Earlier, lines_before
from engine.log_feed import LogFeed
from engine.log_items import (
    Divider,
    Ended,
    LogBatch,
    LogItem,
    LogRange,
    Losses,
    Skipped,
    batch_of,
)
from engine.log_merge import Failed, Merge, MergedItem, by_place
from engine.log_reader import LogReader, place_of
from engine.log_search import Finder, Found
from engine.mirror import Mirror
from engine.ring import Place
from engine.streams import Streams
from engine.threads import Door
from engine.types import Cursor, LogLine

__all__ = ["Divider", "Ended", "LogBatch", "LogFeeds", "LogItem", "LogRange", "Skipped"]

MOST_BYTES = 256 * 1024
PACE = 0.04
BEHIND_SECONDS = 1.0
SEARCHES = 2  # threads that match at a time; a search is as quick as the engine lets it read
SEARCH_LINES = 4096
SEARCH_BYTES = 1024 * 1024
SEARCH_SECONDS = 0.25

Source = AsyncGenerator[list[LogLine]] | AsyncGenerator[list[LogLine] | Divider]


class LogFeeds:
    """One follower of the engine per container, however many subscribe."""

    def __init__(self, commands: Commands, streams: Streams, mirror: Mirror, door: Door) -> None:
        self.hub: Hub[str, LogFeed] = Hub(
            door, lambda id: LogFeed(id, commands, streams, mirror, door), "log of"
        )
        self._door = door
        self._searching = asyncio.Semaphore(SEARCHES)

    @asynccontextmanager
    async def subscribe(
        self, id: str, wanted: LogRange | None = None
    ) -> AsyncIterator[AsyncIterator[LogItem]]:
        """The stored lines, then (``follow``) the live ones until the container is removed.

        Pull when you are ready: stored lines wait for you, live ones that you do not take in
        time come as ``Skipped``. Raises EngineErrors while iterating; a lost engine is none,
        but a ``Divider``.
        """
        async with self.hub.hold(id) as feed:
            subscription = Subscription(feed, wanted or LogRange())
            async with aclosing(subscription.items()) as items:
                yield items

    @asynccontextmanager
    async def merged(
        self, wanted: Mapping[str, LogRange]
    ) -> AsyncIterator[AsyncIterator[MergedItem]]:
        """Several logs in the order of time, each item with the place of its log in ``wanted``.

        Raises nothing of the engine: a log that cannot be read gives ``Failed``.
        """
        async with AsyncExitStack() as stack:
            readings = []
            for id, one in wanted.items():
                feed = await stack.enter_async_context(self.hub.hold(id))
                readings.append(Subscription(feed, one))
            merge = Merge(self._door, readings)
            yield await stack.enter_async_context(aclosing(merge.items()))

    @asynccontextmanager
    async def search(
        self, wanted: Mapping[str, LogRange], finder: Finder
    ) -> AsyncIterator[AsyncIterator[list[Found]]]:
        """What ``finder`` finds, piece by piece, empty ones included; its counters move on.

        The ranges should not follow. Raises EngineError where none of the logs can be read.
        """
        async with (
            self.merged(wanted) as items,
            aclosing(self._search(items, finder, len(wanted))) as found,
        ):
            yield found

    async def _search(
        self, items: AsyncIterator[MergedItem], finder: Finder, logs: int
    ) -> AsyncGenerator[list[Found]]:
        waiting: list[tuple[int, LogLine]] = []
        size, since = 0, time.monotonic()
        try:
            async for item in items:
                if isinstance(item[1], Failed):
                    logs -= 1
                    if not logs:
                        raise EngineError(item[1].message)
                waiting += by_place(item)
                size += item[1].size if isinstance(item[1], LogBatch) else 0
                few = len(waiting) < SEARCH_LINES and size < SEARCH_BYTES
                if few and time.monotonic() < since + SEARCH_SECONDS:
                    continue
                yield await self._feed(finder, waiting)
                waiting, size, since = [], 0, time.monotonic()
                if finder.over:
                    return
            yield await self._feed(finder, waiting)
        finally:
            finder.stop()  # a thread may still be at it

    async def _feed(self, finder: Finder, lines: list[tuple[int, LogLine]]) -> list[Found]:
        async with self._searching:
            return await self._door.run(finder.feed, lines)

    async def earlier(self, id: str, before: Cursor, lines: int, held: int) -> Earlier:
        """The ``lines`` that stand just before a line; see ``lines_before``."""
        async with self.hub.hold(id) as feed:
            return await lines_before(feed.reader, before, lines, held)


class Subscription:
    """One reader of a feed."""

    def __init__(self, feed: LogFeed, wanted: LogRange) -> None:
        self._feed = feed
        self._reader: LogReader = feed.reader
        self._wanted = wanted
        self._last = wanted.after
        self._resumes = wanted.after is not None
        self._losses = Losses()
        self._place: Place | None = None
        self._follows = wanted.follow and wanted.until_ns is None
        self._streams = {1: wanted.stdout, 2: wanted.stderr}

    @property
    def live(self) -> bool:
        """Whether all that was stored has been given."""
        return self._place is not None

    async def items(self) -> AsyncGenerator[LogItem]:
        """Batches of about 256 KiB at most, and what happened between them."""
        if self._follows and self._feed.begun and self._last is not None:
            self._place = self._feed.ring.locate(self._last)
        for part in self._parts():
            async with aclosing(self._through_losses(part)) as items:
                async for item in items:
                    for told in self._losses.told(item):
                        if (given := self._without_unwanted(told)) is not None:
                            yield given
                    if isinstance(item, Ended) and item.final:
                        return

    async def _through_losses(
        self, part: Callable[[], AsyncGenerator[LogItem]]
    ) -> AsyncGenerator[LogItem]:
        """A part, gone on with behind the last line whenever the engine was lost."""
        waits = backoff.waits()
        while True:
            try:
                async with aclosing(part()) as items:
                    async for item in items:
                        waits = backoff.waits()
                        yield item
                yield Divider("reconnected")  # heard only where a loss was told
                return
            except (EngineDown, EngineSilent) as error:
                yield Divider("reconnecting", error.message)
                await asyncio.sleep(next(waits))
            except (Conflict, Refused, NotFound) as error:
                if not await self._leaves(error):
                    raise
                yield Ended("removed")
                return

    async def _leaves(self, error: EngineError) -> bool:
        """Whether the container was there and is removed now, waited for where it goes on."""
        while not isinstance(error, NotFound):
            try:
                await self._feed.while_removed(error)
            except NotFound:
                return True
        return self._resumes

    def _parts(self) -> list[Callable[[], AsyncGenerator[LogItem]]]:
        if not self._follows:
            return [self._stored, self._complete]
        return [self._live] if self._place else [self._stored, self._catch_up, self._live]

    async def _complete(self) -> AsyncGenerator[LogItem]:
        yield Ended("complete")

    async def _stored(self) -> AsyncGenerator[LogItem]:
        """What the engine has stored, at the speed of whoever iterates."""
        if self._last is not None and self._resumes:
            until_ns = self._wanted.until_ns
            source: Source = self._reader.after(self._last, follow=False, until_ns=until_ns)
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
                yield self._feed.lost or Divider("reconnected")
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
            await self._feed.turns.take()
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
        self._resumes = True
        return [batch_of(found)]

    def _without_unwanted(self, item: LogItem) -> LogItem | None:
        """The item without the stream that was not asked for; None where nothing is left."""
        if not isinstance(item, LogBatch) or all(self._streams.values()):
            return item
        lines = [line for line in item.lines if self._streams[line.stream]]
        return batch_of(lines) if lines else None
