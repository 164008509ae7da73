"""What one container uses while somebody looks: one stream of the engine for all who do."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Literal

from engine.backoff import waits
from engine.errors import EngineError, NotFound
from engine.hub import Hub
from engine.stats import Sample, sample_of
from engine.streams import Streams
from engine.threads import Door

KEPT = 300  # samples: five minutes, for the engine takes one a second

State = Literal["waiting", "running", "stopped", "lost", "gone"]


@dataclass(frozen=True, slots=True)
class News:
    """``samples`` are new to the viewer, oldest first: the history at first, then the latest."""

    state: State
    samples: tuple[Sample, ...]


class StatsFeed:
    """An upstream of the hub. A viewer that is slow gets fewer samples; none waits for it."""

    def __init__(self, streams: Streams, id: str) -> None:
        self._streams, self._id = streams, id
        self._history: deque[Sample] = deque(maxlen=KEPT)
        self._state: State = "waiting"
        self._turn = 0  # counts what was told
        self._told = asyncio.Condition()

    async def run(self) -> None:
        """Until it is cancelled or the container is gone; a lost engine is waited for."""
        pauses = waits()
        while True:
            try:
                async with self._streams.stats(self._id) as answers:
                    async for answer in answers:
                        pauses = waits()
                        await self._take(sample_of(answer))
            except NotFound:
                return await self._tell("gone")
            except EngineError:
                await self._tell("lost")
            await asyncio.sleep(next(pauses))

    async def _take(self, sample: Sample | None) -> None:
        if sample is not None:
            self._history.append(sample)
            await self._tell("running")
        elif self._state != "stopped":
            await self._tell("stopped")

    async def _tell(self, state: State) -> None:
        async with self._told:
            self._state = state
            self._turn += 1
            self._told.notify_all()

    async def news(self) -> AsyncGenerator[News]:
        """All that is kept, then what is latest whenever the viewer comes back for it."""
        turn, first = self._turn, tuple(self._history)
        yield News(self._state, first)
        while self._state != "gone":
            async with self._told:
                while self._turn == turn:
                    await self._told.wait()
                turn = self._turn
            running = self._state == "running"
            yield News(self._state, (self._history[-1],) if running else ())


class StatsFeeds:
    """The feeds of one engine by the containers' ids."""

    def __init__(self, streams: Streams, door: Door) -> None:
        self.hub: Hub[str, StatsFeed] = Hub(door, lambda id: StatsFeed(streams, id), "stats")

    async def watch(self, id: str) -> AsyncGenerator[News]:
        """The news of one container, for one viewer; closed, it lets go of the stream."""
        async with self.hub.hold(id) as feed, aclosing(feed.news()) as news:
            async for each in news:
                yield each
