"""Answers that trickle, never end, or are larger than any honest one: told, and bounded."""

import asyncio
import os
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.commands import Commands
from engine.errors import EngineError, EngineSilent
from engine.streams import Streams
from engine.types import EngineState
from tests.faults import FaultyEngine
from tests.running_engine import running, until
from tests.storms import HEAD, chunk

MIB = 2**20
GIB = 2**30
PIECE = b'{"Id": "' + b"x" * (MIB - 8)
SOME = 1.5  # copies of what is kept while it is put together
PAGE = os.sysconf("SC_PAGESIZE")


async def a_gigabyte() -> AsyncIterator[bytes]:
    """One JSON object that does not end for a gigabyte."""
    yield HEAD
    for _ in range(GIB // len(PIECE)):
        yield chunk(PIECE)


async def a_byte_now_and_then() -> AsyncIterator[bytes]:
    for byte in HEAD * 100:
        yield bytes([byte])
        await asyncio.sleep(0.1)


class Peak:
    """MiB by which our own memory was above its begin at most."""

    def __init__(self) -> None:
        self.begin = self.most = self.now()
        self.over = threading.Event()

    @staticmethod
    def now() -> float:
        return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE / MIB

    def watch(self) -> None:
        while not self.over.wait(0.02):
            self.most = max(self.most, self.now())

    @property
    def grown(self) -> float:
        return self.most - self.begin


@contextmanager
def measured() -> Iterator[Peak]:
    peak = Peak()
    thread = threading.Thread(target=peak.watch)
    thread.start()
    try:
        yield peak
    finally:
        peak.over.set()
        thread.join()


async def test_a_list_of_a_gigabyte_is_given_up(faulty_engine: FaultyEngine) -> None:
    faulty_engine.inject("GET /containers/json", pour=a_gigabyte)
    commands = Commands(faulty_engine.url)
    with measured() as peak, pytest.raises(EngineError, match="more than an answer may hold"):
        await asyncio.to_thread(commands.containers)
    commands.close()
    assert peak.grown < 128 * SOME


@pytest.mark.parametrize("asked", ["/events", "/images/create"])
async def test_an_object_of_a_gigabyte_in_a_stream_is_given_up(
    faulty_engine: FaultyEngine, asked: str
) -> None:
    faulty_engine.inject(asked, pour=a_gigabyte)
    streams = Streams(faulty_engine.url)

    async def read() -> None:
        async with streams.events(None) if asked == "/events" else streams.pull("x") as objects:
            async for _ in objects:
                pass

    with measured() as peak, pytest.raises(EngineError, match="larger than any honest one"):
        await read()
    assert peak.grown < 64 * SOME


async def test_a_mirror_before_an_engine_that_floods_says_so_and_recovers(
    faulty_engine: FaultyEngine,
) -> None:
    flood = faulty_engine.inject("GET /containers/json", times=1, pour=a_gigabyte)
    async with running(faulty_engine.url, up=False) as engine:
        await until(lambda: engine.mirror.snapshot.state is EngineState.DOWN, 20)
        assert "more than an answer may hold" in engine.mirror.snapshot.error
        await until(lambda: engine.mirror.snapshot.state is EngineState.UP, 20)
    assert flood.times == 0


async def test_headers_that_trickle_have_a_deadline(
    faulty_engine: FaultyEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.upstream import Upstream

    # The decorator keeps the function itself, where the default of ten seconds lives.
    defaults = Upstream.open.__wrapped__.__kwdefaults__  # type: ignore[attr-defined]
    monkeypatch.setitem(defaults, "first_byte", 1.0)
    faulty_engine.inject("/archive", pour=a_byte_now_and_then)
    with pytest.raises(EngineSilent, match="did not answer"):
        async with Streams(faulty_engine.url).get_archive("any", "/"):
            pass


async def test_a_head_that_never_ends_is_broken(faulty_engine: FaultyEngine) -> None:
    async def headers() -> AsyncIterator[bytes]:
        yield HEAD[:-2]
        for number in range(100_000):
            yield b"X-%d: %b\r\n" % (number, b"x" * 1000)

    faulty_engine.inject("/events", pour=headers)
    with measured() as peak, pytest.raises(EngineError, match="head never ends"):
        async with Streams(faulty_engine.url).events(None):
            pass
    assert peak.grown < 16


async def test_an_image_list_that_trickles_is_silent_not_forever(
    faulty_engine: FaultyEngine,
) -> None:
    faulty_engine.inject("GET /images/json", pour=a_byte_now_and_then)
    commands = Commands(faulty_engine.url)
    began = time.monotonic()
    with pytest.raises(EngineSilent):
        await asyncio.to_thread(commands._calls.make, lambda client: client.images(), 1.0)
    assert time.monotonic() - began < 8
    commands.close()
