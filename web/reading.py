"""Streamed answers that hold something: a place, an open row of the record."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing

from engine.threads import door

UNREAD_SECONDS = 30.0  # a client may be gone before its answer began: nobody comes for it then


class Reading:
    """The pieces of one answer, for one reader. Made in a thread.

    ``over`` is awaited once: after the last piece, when the reader goes away, or where nobody
    came for the first one in time.
    """

    def __init__(
        self, pieces: AsyncGenerator[bytes], over: Callable[[], Awaitable[None]], name: str
    ) -> None:
        self._pieces, self._over, self._name = pieces, over, name
        self._begun = False
        self._reader = self._read()
        door.spawn(self._look(), name)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._reader

    def close(self) -> None:
        """Django is done with the answer, read or not. It may be closed again."""
        if door.is_open:
            door.spawn(self._end(), self._name)

    async def _read(self) -> AsyncGenerator[bytes]:
        if self._begun:  # too late
            return
        self._begun = True
        try:
            async with aclosing(self._pieces) as pieces:
                async for piece in pieces:
                    yield piece
        finally:
            await self._over()

    async def _look(self) -> None:
        try:
            await asyncio.sleep(UNREAD_SECONDS)
        finally:  # also where the server stops
            await self._unread()

    async def _end(self) -> None:
        await self._unread()
        await self._reader.aclose()

    async def _unread(self) -> None:
        if not self._begun:
            self._begun = True
            await self._over()
