"""The site as it runs: the runtime on a loop of its own thread, in front of the test engine."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

import pytest
from django.conf import LazySettings

T = TypeVar("T")


class Loop:
    """A loop in a thread, as the server has one; ``run`` waits for a coroutine on it."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="site-loop")
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, T], seconds: float = 30) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(seconds)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


@contextlib.contextmanager
def site_before(url: str, settings: LazySettings) -> Iterator[Loop]:
    """The started runtime with one host, ``dock``, at this address."""
    from dashboard import runtime as site
    from hosts.live import engine_of

    settings.DOCKER_HOST = url
    loop = Loop()
    try:
        loop.run(site.start())
        until(lambda: engine_of("dock").mirror.snapshot.state == "up")
        yield loop
    finally:
        loop.run(site.stop())
        loop.close()


@pytest.fixture
def runtime(transactional_db: None, engine_url: str, settings: LazySettings) -> Iterator[Loop]:
    """The site in front of the test engine. Stopping it is part of every test."""
    with site_before(engine_url, settings) as loop:
        yield loop


def until(condition: Callable[[], Any], seconds: float = 30) -> Any:
    """Wait for something true, and return it."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
    return found
