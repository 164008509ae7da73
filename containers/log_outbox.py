"""What goes to one browser at a log: lines in batches, events in between, within its credit."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from itertools import chain
from typing import Any

from containers.log_wire import merged_messages, messages, messages_of, news
from engine.feed import LogBatch
from engine.log_items import LogItem, Losses
from engine.log_merge import Failed
from engine.namesakes import Renamed, Successor
from web.sockets import Credit

CREDIT = 256 * 1024
FLUSH_BYTES = 64 * 1024
FLUSH_SECONDS = 0.05
Runs = list[tuple[int, LogBatch]]
Item = LogItem | Failed | Renamed | Successor


class Outbox:
    """``send`` takes whole messages. ``merged``: lines and events say of which container."""

    def __init__(self, send: Callable[[bytes], Awaitable[None]], merged: bool) -> None:
        self.credit = Credit(CREDIT)
        self.going = asyncio.Event()
        self.going.set()
        self._send = send
        self._merged = merged
        self._more = asyncio.Event()
        self._turn = asyncio.Lock()  # else all that wait for credit would go when there is some
        self._runs: Runs = []
        self._size = 0
        self._losses: dict[int, Losses] = {}

    async def take(self, place: int, item: Item) -> None:
        """Send this; waits while the browser pauses or has no room."""
        if isinstance(item, LogBatch):
            await self.going.wait()
            self._runs.append((place, item))
            self._size += item.size
            self._more.set()
            if self._size >= FLUSH_BYTES:
                await self.flush()
            return
        await self.going.wait()
        await self.put(chain(self._messages(), self._told(place, item)))

    async def tell(self, place: int, item: Item) -> None:
        """An event that belongs to no place among the lines."""
        await self.put(self._told(place, item))

    async def flush(self) -> None:
        """Send the lines that wait. Cancelled, it loses them: for the reader's tasks only."""
        await self.put(self._messages())

    async def flush_soon(self) -> None:
        """A quiet line goes at once; under a flood what came within 50 ms goes together."""
        while True:
            await self._more.wait()
            self._more.clear()
            await self.flush()
            await asyncio.sleep(FLUSH_SECONDS)

    async def put(self, made: Iterable[bytes]) -> None:
        """Messages, one behind the other, as there is room."""
        async with self._turn:
            for message in made:
                await self.credit.wait()
                await self.spend(message)

    async def spend(self, message: bytes) -> None:
        """Send without waiting for room: for the last words."""
        self.credit.spend(len(message))
        await self._send(message)

    def _told(self, place: int, item: Item) -> list[bytes]:
        where: dict[str, Any] = {"container": place} if self._merged else {}
        told: list[Any] = [item]
        if not isinstance(item, Failed | Renamed | Successor):
            told = self._losses.setdefault(place, Losses()).told(item)
        return [news(**one.words(), **where) for one in told if not isinstance(one, LogBatch)]

    def _messages(self) -> Iterator[bytes]:
        runs, self._runs, self._size = self._runs, [], 0
        if self._merged:
            return merged_messages((at, line) for at, batch in runs for line in batch.lines)
        if len(runs) == 1:
            return iter(messages_of(runs[0][1]))
        return messages(list(chain.from_iterable(batch.lines for _, batch in runs)))
