"""Networks and volumes as last listed: the mirror has none, and who looks for a name types many
letters. One question serves them all; while nobody looks nothing is asked."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import Generic, TypeVar

from engine.errors import EngineError
from engine.threads import Door

KEPT_SECONDS = 60.0
PAUSE_SECONDS = 2.0  # from one question to the next, whatever happens on the engine
WAIT_SECONDS = 0.3


Row = TypeVar("Row")


class Listed(Generic[Row]):
    """One kind of object of one engine. ``rows`` is for threads, ``outdate`` for anybody."""

    def __init__(self, ask: Callable[[], list[Row]], door: Door) -> None:
        self._ask, self._door = ask, door
        self._rows: tuple[Row, ...] = ()
        self._lock = threading.Lock()
        self._answer: Future[None] | None = None  # of the question that was asked last
        self._asked = float("-inf")
        self._outdated = True

    def outdate(self) -> None:
        """One came or went: who looks next asks."""
        self._outdated = True

    def rows(self) -> tuple[Row, ...]:
        """As they are, or were a minute ago; those known before where the engine takes longer
        than a moment to say, or does not."""
        with self._lock:
            if self._due():
                self._outdated, self._asked = False, time.monotonic()
                self._answer = Future()
                self._door.spawn(self._read(self._answer), "list of names")
        left = self._asked + WAIT_SECONDS - time.monotonic()
        if self._answer is not None and left > 0:
            wait([self._answer], left)
        return self._rows

    def _due(self) -> bool:
        age = time.monotonic() - self._asked
        free = self._answer is None or self._answer.done()
        return free and (age > KEPT_SECONDS or (self._outdated and age > PAUSE_SECONDS))

    async def _read(self, answer: "Future[None]") -> None:
        try:
            self._rows = tuple(await self._door.run(self._ask))
        except EngineError:
            self._outdated = True
        finally:
            answer.set_result(None)
