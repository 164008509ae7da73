"""One upstream per key, however many hold it; it lingers after the last has left."""

import asyncio
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from engine.threads import Door

LINGER = 10.0  # seconds


class Upstream(Protocol):
    """``run`` works until it is cancelled, or returns when there will never be more."""

    async def run(self) -> None: ...


K = TypeVar("K", bound=Hashable)
U = TypeVar("U", bound=Upstream)


@dataclass
class _Held(Generic[U]):
    upstream: U
    task: asyncio.Task[None]
    holders: int = 0
    stop: asyncio.TimerHandle | None = None


class Hub(Generic[K, U]):
    """``make(key)`` makes an upstream; the hub runs it while somebody holds it. Loop only."""

    def __init__(
        self, door: Door, make: Callable[[K], U], name: str, linger: float = LINGER
    ) -> None:
        self._door = door
        self._make = make
        self._name = name
        self._linger = linger
        self._held: dict[K, _Held[U]] = {}

    def __len__(self) -> int:
        return len(self._held)

    @asynccontextmanager
    async def hold(self, key: K) -> AsyncIterator[U]:
        """The upstream of ``key``, running while the context lasts."""
        held = self._held.get(key)
        if held is None or held.task.done():
            upstream = self._make(key)
            held = _Held(upstream, self._door.spawn(upstream.run(), f"{self._name} {key}"))
            self._held[key] = held
        held.holders += 1
        if held.stop is not None:
            held.stop.cancel()
        try:
            yield held.upstream
        finally:
            held.holders -= 1
            if not held.holders and held.task.done():
                self._let_go(key, held)
            elif not held.holders:
                loop = asyncio.get_running_loop()
                held.stop = loop.call_later(self._linger, self._let_go, key, held)

    async def close(self) -> None:
        """Stop all upstreams and wait for them."""
        held = list(self._held.items())
        for key, one in held:
            if one.stop is not None:
                one.stop.cancel()
            self._let_go(key, one)
        await asyncio.gather(*(one.task for _, one in held), return_exceptions=True)

    def _let_go(self, key: K, held: _Held[U]) -> None:
        held.task.cancel()
        if self._held.get(key) is held:
            del self._held[key]
