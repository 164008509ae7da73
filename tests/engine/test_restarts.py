"""The engine goes and comes back while everything streams; nothing is left behind."""

import asyncio
import gc
import os
import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from dashboard.demo.rootfs import busybox_rootfs
from engine.engine import Engine
from engine.types import EngineState
from tests.engine import (
    answers,
    as_instruction,
    engine_command,
    import_image,
    private_engine,
    start_daemon,
    stop_daemon,
)
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
    """The daemon itself, asked to end or killed; a container comes back by its policy."""
    with private_engine() as url, Daemon(url) as daemon:
        name = "restarts/busybox:1"
        import_image(url, name, busybox_rootfs(), as_instruction("CMD", ["sh"]))
        command = ("docker", "-H", url, "run", "-d", "--restart", "always", name, *CHATTY)
        id = run_program(*command).strip()
        async with running(url) as engine, reading(engine, id) as reader:
            await until(lambda: len(reader.lines) > 5, 30)
            before = held()
            for turn in range(20):
                await daemon.end(signal.SIGKILL if turn % 2 else signal.SIGTERM)
                await until(lambda: not is_up(engine), 20)
                await daemon.start()
                took = await until(lambda: is_up(engine), 30)
                print(f"turn {turn}: up again after {took:.1f} s")
                assert took < 5
                seen = len(reader.lines)
                await until(lambda seen=seen: len(reader.lines) > seen, 120)
            await until(lambda: not_more(before), 30)


class Daemon:
    """The daemon of a private engine, to be ended and started again."""

    def __init__(self, url: str) -> None:
        self._socket = Path(url.removeprefix("unix://"))
        self._home = self._socket.parent
        self._started: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> "Daemon":
        return self

    def __exit__(self, *error: object) -> None:
        for process in self._started:
            stop_daemon(process)

    async def end(self, by: signal.Signals) -> None:
        """Ended with its containerd, which a killed daemon takes with it a moment later."""
        daemon, below = (
            int((self._home / name).read_text())
            for name in ("dockerd.pid", "exec/containerd/containerd.pid")
        )
        os.kill(daemon, by)
        await until(lambda: has_ended(daemon) and has_ended(below), 60)
        for stale in ("dockerd.pid", "exec/containerd/containerd.pid"):
            (self._home / stale).unlink(missing_ok=True)
        self._socket.unlink(missing_ok=True)

    async def start(self) -> None:
        """Returns once its socket answers."""
        log = self._home / f"dockerd-{len(self._started)}.log"
        command = engine_command(self._home, (self._home / "bridge").read_text())
        self._started.append(start_daemon(command, log))
        await until(lambda: answers(self._socket), 60)


def has_ended(process: int) -> bool:
    """Also as a zombie: it may be another's child."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True
