"""A running ``Engine`` with a door of its own, and waiting for what it will see."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from engine.engine import Engine
from engine.feed import Ended, LogBatch, LogItem, LogRange, Skipped
from engine.threads import Door
from engine.types import EngineState, LogLine
from tests.conftest import DockerCli

COUNT = "i=0; while [ $i -lt {0} ]; do i=$((i+1)); echo out $i; echo err $i >&2; {1}; done; {2}"


@asynccontextmanager
async def running(url: str, up: bool = True) -> AsyncIterator[Engine]:
    """``engine.door`` is its door. Leaving checks that no task outlives it."""
    before = asyncio.all_tasks()
    door = Door()
    door.open(asyncio.get_running_loop())
    engine = Engine("test", url, door)
    door.spawn(engine.run(), "engine")
    try:
        if up:
            await until(lambda: engine.mirror.snapshot.state is EngineState.UP, 10)
        yield engine
    finally:
        await engine.close()
        await door.close()
    await until(lambda: not asyncio.all_tasks() - before - {asyncio.current_task()}, 2)


async def until(condition: Callable[[], Any], seconds: float = 5) -> float:
    """Wait until it is true; how long it took."""
    start = time.monotonic()
    while not condition():
        assert time.monotonic() < start + seconds, f"not within {seconds} s"
        await asyncio.sleep(0.005)
    return time.monotonic() - start


class Reader:
    """Takes all that a subscription gives: ``lines`` and ``others`` in their order."""

    def __init__(self, engine: Engine, id: str, wanted: LogRange, pause: float = 0.0) -> None:
        self.items: list[LogItem] = []
        self.lines: list[LogLine] = []
        self.pause = pause
        self._subscription = engine.logs.subscribe(id, wanted)
        self.task = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        async with self._subscription as items:
            async for item in items:
                self.items.append(item)
                if isinstance(item, LogBatch):
                    self.lines += item.lines
                await asyncio.sleep(self.pause)

    @property
    def texts(self) -> list[str]:
        return [line.data.decode() for line in self.lines]

    @property
    def others(self) -> list[LogItem]:
        return [item for item in self.items if not isinstance(item, LogBatch)]

    @property
    def skipped(self) -> int:
        return sum(item.count for item in self.items if isinstance(item, Skipped))

    async def stop(self) -> None:
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


@asynccontextmanager
async def reading(
    engine: Engine, id: str, wanted: LogRange | None = None, pause: float = 0.0
) -> AsyncIterator[Reader]:
    reader = Reader(engine, id, wanted or LogRange(), pause)
    try:
        yield reader
    finally:
        await reader.stop()
    if not reader.task.cancelled():
        await reader.task


def counting(count: int, pause: str = "sleep 0.01", then: str = "exit 3") -> tuple[str, ...]:
    """A command that says so many lines to each stream."""
    return ("sh", "-c", COUNT.format(count, pause, then))


def whole(docker_cli: DockerCli, id: str) -> list[str]:
    """All lines of both streams in the log's order is what the engine's own file says."""
    done = docker_cli("logs", id)
    return sorted(done.stdout.splitlines() + done.stderr.splitlines())


def ended(reader: Reader) -> bool:
    return any(isinstance(item, Ended) for item in reader.others)
