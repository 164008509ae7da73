"""One browser that looks at a terminal: what it was sent, what it has room for, its pace."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable

from containers.replay import Replay
from containers.terminal_wire import OUTPUT, news
from web.sockets import Credit

WINDOW = 512 * 1024
TOGETHER_BYTES = 32 * 1024
TOGETHER_SECONDS = 0.008
MOST_BYTES = 64 * 1024
CALM_BYTES = 4 * 1024
CALM_MESSAGES = 8
LAST_SECONDS = 2.0  # after its farewell a browser's acknowledgements are waited for no longer


class Pace:
    """Little output goes at once; a flood goes in pieces of 8 ms or 32 KB.

    Little is what a person's keys bring about: up to 4 KB or 8 messages within 8 ms.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._began = 0.0
        self._bytes = self._messages = 0

    def pause(self, waiting: int) -> float:
        """Seconds to wait for more before ``waiting`` bytes are sent."""
        past = self._now() - self._began
        if past >= TOGETHER_SECONDS or waiting >= TOGETHER_BYTES:
            return 0.0
        calm = self._bytes + waiting <= CALM_BYTES and self._messages < CALM_MESSAGES
        return 0.0 if calm else TOGETHER_SECONDS - past

    def sent(self, count: int) -> None:
        now = self._now()
        if now - self._began >= TOGETHER_SECONDS:
            self._began, self._bytes, self._messages = now, 0, 0
        self._bytes += count
        self._messages += 1


class Viewer:
    """Reads the replay at its own place. ``moved`` is called whenever that place has changed."""

    def __init__(self, replay: Replay, place: int, moved: Callable[[], None]) -> None:
        self.place = place
        self.credit = Credit(WINDOW)
        self._replay = replay
        self._moved = moved
        self._news: deque[bytes] = deque()
        self._farewell: bytes | None = None
        self._wake = asyncio.Event()
        self._enough = asyncio.Event()
        self._pace = Pace(asyncio.get_running_loop().time)

    @property
    def behind(self) -> int:
        return self._replay.produced - self.place

    def tell(self, message: bytes) -> None:
        """Send this before any further output. Only the session calls it, a few times a life."""
        self._news.append(message)
        self._wake.set()

    def say_farewell(self, message: bytes) -> None:
        """Send this after all output; then the messages end, also where nothing is acknowledged."""
        self._farewell = message
        asyncio.get_running_loop().call_later(LAST_SECONDS, self.credit.waive)
        self._wake.set()
        self._enough.set()

    def more(self) -> None:
        """There is new output."""
        self._wake.set()
        if self.behind >= TOGETHER_BYTES:
            self._enough.set()

    async def messages(self) -> AsyncIterator[bytes]:
        """What to send, in order, never faster than the browser acknowledges."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._news or self.behind:
                if self._news:
                    yield self._news.popleft()
                    continue
                await self.credit.wait()
                await self._gather()
                yield self._next()
            if self._farewell is not None:
                yield self._farewell
                return

    async def _gather(self) -> None:
        if self._farewell is not None or not (seconds := self._pace.pause(self.behind)):
            return
        self._enough.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._enough.wait()
        except TimeoutError:
            return

    def _next(self) -> bytes:
        if not self._replay.holds(self.place):
            return self._skip()
        piece = self._replay.read(self.place, min(MOST_BYTES, max(1, self.credit.left)))
        self.place += len(piece)
        self._pace.sent(len(piece))
        self.credit.spend(len(piece))
        self._moved()
        return OUTPUT + piece

    def _skip(self) -> bytes:
        """Another viewer was faster, and what this one missed is gone: its screen begins anew."""
        self.place = self._replay.beginning
        self._moved()
        return news("skipped", position=self.place)
