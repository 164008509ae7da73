"""A container ends while its log, numbers, shell and files are read: each is told, none leaks."""

import asyncio
import gc
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.archive import whole
from engine.engine import Engine
from engine.errors import EngineError
from engine.feed import Ended
from tests.conftest import DockerCli
from tests.running_engine import Reader, reading, running, until

TALKING = ("sh", "-c", "while :; do echo line; usleep 20000; done")
VERBS = (("rm", "-f"), ("stop", "-t", "0"), ("kill",))


async def numbers(engine: Engine, id: str) -> None:
    async with engine.streams.stats(id) as samples:
        async for _ in samples:
            pass


async def shell(engine: Engine, id: str) -> None:
    """Told by its end or, where it never began, by the engine's refusal."""
    options = {"tty": True, "user": "", "workdir": "", "env": []}
    exec_id = await asyncio.to_thread(engine.commands.exec_create, id, ["cat"], **options)
    async with engine.streams.exec_start(exec_id, tty=True) as ends:
        while await ends.read():
            pass


async def copy(engine: Engine, id: str) -> None:
    """A whole archive each time, or an error: never a part that looks whole."""
    while True:
        async with engine.streams.get_archive(id, "/bin") as (_, pieces):
            size = sum([len(piece) async for piece in whole(pieces)])
        assert size > 500_000
        await asyncio.sleep(0.02)


async def race(engine: Engine, docker_cli: DockerCli, id: str, verb: tuple[str, ...]) -> float:
    """End the container at any moment; seconds until all that read it knew."""
    async with reading(engine, id) as reader:
        await until(lambda: reader.lines, 20)  # before that, a container that is gone is an error
        others = [asyncio.ensure_future(work(engine, id)) for work in (numbers, shell, copy)]
        await asyncio.sleep(random.uniform(0, 0.3))
        await asyncio.to_thread(docker_cli, *verb, id)
        took = await until(lambda: reader.task.done() or has_ended(reader), 20)
        assert has_ended(reader), reader.task
        if verb[0] != "rm":  # files and numbers of a stopped container can be read on
            await asyncio.to_thread(docker_cli, "rm", "-f", id)
        took += await until(lambda: all(task.done() for task in others), 30)
        await until(lambda: Ended("removed") in reader.others, 20)
    for end in await asyncio.gather(*others, return_exceptions=True):
        assert end is None or isinstance(end, EngineError), end
    return took


def has_ended(reader: Reader) -> bool:
    return any(isinstance(item, Ended) for item in reader.others)


@pytest.mark.parametrize("races", [6, pytest.param(500, marks=pytest.mark.long)])
async def test_whoever_reads_a_container_is_told_of_its_end(
    engine_url: str, container: Callable[..., str], docker_cli: DockerCli, races: int
) -> None:
    took = []
    async with running(engine_url) as engine:
        for number in range(races):
            id = await asyncio.to_thread(container, *TALKING)
            took.append(await race(engine, docker_cli, id, VERBS[number % len(VERBS)]))
            if number == 2:
                before = len(asyncio.all_tasks()), descriptors()
        await until(lambda: len(asyncio.all_tasks()) <= before[0], 20)
        await until(lambda: descriptors() <= before[1] + 8, 20)
    print(f"{races} races, told within {max(took):.2f} s")


def descriptors() -> int:
    gc.collect()
    return len(list(Path("/proc/self/fd").iterdir()))
