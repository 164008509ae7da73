"""Who watches which jobs: changes merge per watcher and are never queued. On the loop only."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

INTERVAL = 0.25  # seconds between two updates of one watcher
JUST_NOW = 15.0  # seconds from the rendering of a page to its first subscription, at most

Changes = dict[str, bool]  # job id → whether its state changed (else only its progress did)


class Watch:
    """One watcher's pending changes; iterate it."""

    def __init__(self) -> None:
        self._pending: Changes = {}
        self._changed = asyncio.Event()

    def add(self, job_id: str, state_changed: bool) -> None:
        self._pending[job_id] = self._pending.get(job_id, False) or state_changed
        self._changed.set()

    async def __aiter__(self) -> AsyncIterator[Changes]:
        while True:
            await self._changed.wait()
            self._changed.clear()
            changes, self._pending = self._pending, {}
            yield changes
            await asyncio.sleep(INTERVAL)


class Board:
    def __init__(self) -> None:
        self._watches: set[Watch] = set()
        self._changed_at = -JUST_NOW

    def touch(self, job_id: str, state_changed: bool = False) -> None:
        if state_changed:
            self._changed_at = time.monotonic()
        for watch in self._watches:
            watch.add(job_id, state_changed)

    @property
    def changed_just_now(self) -> bool:
        """A page that was rendered before this moment may not show the newest state."""
        return time.monotonic() - self._changed_at < JUST_NOW

    @contextmanager
    def watch(self) -> Iterator[Watch]:
        watch = Watch()
        self._watches.add(watch)
        try:
            yield watch
        finally:
            self._watches.discard(watch)


board = Board()
