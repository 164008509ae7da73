"""The engine goes and comes back while everything streams; nothing is left behind."""

import asyncio
import gc
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from dashboard.demo.rootfs import busybox_rootfs
from engine.engine import Engine
from engine.types import EngineState
from tests.engine import as_instruction, engine_command, import_image, private_engine, start_daemon
from tests.engine import run as run_program
from tests.faults import FaultyEngine
from tests.running_engine import reading, running, until

CHATTY = ("sh", "-c", "i=0; while :; do i=$((i+1)); echo $i; usleep 100000; done")
Held = tuple[int, int, int]


def held() -> Held:
    """Tasks, descriptors, threads."""
    gc.collect()
    descriptors = len(list(Path("/proc/self/fd").iterdir()))
    return len(asyncio.all_tasks()), descriptors, threading.active_count()


def is_up(engine: Engine) -> bool:
    return engine.mirror.snapshot.state is EngineState.UP


def inspected(engine: Engine) -> bool:
    return all(row.inspected for row in engine.mirror.snapshot.containers.values())


@pytest.mark.parametrize("restarts", [2, pytest.param(20, marks=pytest.mark.long)])
async def test_an_engine_that_goes_and_comes_back_leaves_nothing_behind(
    faulty_engine: FaultyEngine, container: Callable[..., str], restarts: int
) -> None:
    """The log's viewer goes on at the very next line each time."""
    id = await asyncio.to_thread(container, *CHATTY)
    took = []
    async with running(faulty_engine.url) as engine, reading(engine, id) as reader:
        await until(lambda: len(reader.lines) > 5 and inspected(engine), 30)
        before = held()
        for _ in range(restarts):
            await asyncio.to_thread(faulty_engine.refuse)
            await until(lambda: not is_up(engine), 20)
            await asyncio.to_thread(faulty_engine.listen)
            seen = len(reader.lines)
            took.append(await until(lambda: is_up(engine), 30))
            await until(lambda seen=seen: len(reader.lines) > seen + 3, 60)
        await until(lambda: inspected(engine), 30)
        await until(lambda: not_more(before), 30)
        numbers = [int(text) for text in reader.texts]
        assert numbers == list(range(numbers[0], numbers[-1] + 1))
    print(f"{restarts} restarts, up again after {max(took):.1f} s at most")


def not_more(before: Held) -> bool:
    tasks, descriptors, threads = held()
    # The door's pool keeps its threads, and the commands their idle connections.
    return tasks <= before[0] and descriptors <= before[1] + 6 and threads <= before[2] + 8


@pytest.mark.long
async def test_twenty_restarts_of_a_real_engine() -> None:
    """The daemon itself, killed every second time; a container comes back by its policy."""
    with private_engine() as url:
        home = Path(url.removeprefix("unix://")).parent
        name = "restarts/busybox:1"
        import_image(url, name, busybox_rootfs(), as_instruction("CMD", ["sh"]))
        command = ("docker", "-H", url, "run", "-d", "--restart", "always", name, *CHATTY)
        id = run_program(*command).strip()
        async with running(url) as engine, reading(engine, id) as reader:
            await until(lambda: len(reader.lines) > 5, 30)
            before = held()
            for turn in range(20):
                await restarted(home, signal.SIGKILL if turn % 2 else signal.SIGTERM)
                took = await until(lambda: is_up(engine), 30)
                print(f"turn {turn}: up again after {took:.1f} s")
                assert took < 5
                seen = len(reader.lines)
                await until(lambda seen=seen: len(reader.lines) > seen, 60)
            await until(lambda: not_more(before), 30)


async def restarted(home: Path, number: int) -> None:
    """End the private engine's daemon and start it again; returns once its socket answers."""
    daemon = int((home / "dockerd.pid").read_text())
    os.kill(daemon, number)
    await until(lambda: has_ended(daemon), 60)
    bridge = (home / "bridge").read_text()
    (home / "dockerd.pid").unlink(missing_ok=True)
    start_daemon(engine_command(home, bridge), home / f"dockerd-{time.monotonic_ns()}.log")
    await until((home / "docker.sock").exists, 60)


def has_ended(process: int) -> bool:
    """Also as a zombie: it is another's child."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True
