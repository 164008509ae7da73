"""Keys on their way to a program that may not be reading: as many as a person can have typed."""

import asyncio
from collections.abc import Callable

MOST_WAITING = 1024 * 1024
DETACH = b"\x10\x11"  # Ctrl+P, Ctrl+Q: the engine keeps them to itself, and lets go


class Typed:
    """One writer takes what others add. The bytes stand in one buffer: a million messages of one
    byte each cost a megabyte, not a million objects."""

    def __init__(self) -> None:
        self.at_once: Callable[[bytes], bool] | None = None  # gives them, if that needs no wait
        self.total = 0  # bytes that the program was given
        self.detaching = False  # whether those keys were among them
        self._last = b""
        self._waiting = bytearray()
        self._taken = 0
        self._some = asyncio.Event()

    def add(self, data: bytes) -> bool:
        """False where more are waiting than may; then nothing was added."""
        if len(self._waiting) + self._taken + len(data) > MOST_WAITING:
            return False
        if not data:
            return True
        self.detaching = self.detaching or DETACH in self._last + data
        self._last = data[-1:]
        if not self._waiting and not self._taken and self.at_once and self.at_once(data):
            self.total += len(data)
            return True
        self._waiting += data
        self._some.set()
        return True

    async def take(self) -> bytes:
        """All that waits; it counts as waiting until it is ``given``."""
        await self._some.wait()
        self._some.clear()
        data = bytes(self._waiting)
        self._waiting.clear()
        self._taken = len(data)
        return data

    def given(self) -> None:
        self.total += self._taken
        self._taken = 0
