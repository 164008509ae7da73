"""Who watches which jobs: changes merge per watcher and are never queued. On the loop only."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

INTERVAL = 0.25  # seconds between two updates of one watcher

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

    def touch(self, job_id: str, state_changed: bool = False) -> None:
        for watch in self._watches:
            watch.add(job_id, state_changed)

    @contextmanager
    def watch(self) -> Iterator[Watch]:
        watch = Watch()
        self._watches.add(watch)
        try:
            yield watch
        finally:
            self._watches.discard(watch)


board = Board()
