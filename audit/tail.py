"""Tells whoever watches the record that rows came: written in threads, watched on the loop."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Tail:
    """One flag per watcher, however many rows come before it looks."""

    def __init__(self) -> None:
        self._watchers: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}

    @contextmanager
    def watch(self) -> Iterator[asyncio.Event]:
        """On the loop: an event that is set when rows were committed by this process."""
        woken = asyncio.Event()
        self._watchers[woken] = asyncio.get_running_loop()
        try:
            yield woken
        finally:
            del self._watchers[woken]

    def touch(self) -> None:
        """From any thread, after the commit."""
        for woken, loop in list(self._watchers.items()):
            with suppress(RuntimeError):  # a loop that is closed watches no more
                loop.call_soon_threadsafe(woken.set)


tail = Tail()
