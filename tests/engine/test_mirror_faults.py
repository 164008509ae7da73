"""The mirror over an engine that stops, hangs, is cut off and lies."""

import asyncio
import gc
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.engine import Engine
from engine.types import EngineState
from tests.conftest import DockerCli
from tests.faults import FaultyEngine
from tests.running_engine import running, until

Make = Callable[..., str]


def is_in(engine: Engine, state: EngineState) -> Callable[[], bool]:
    return lambda: engine.mirror.snapshot.state is state


async def test_an_engine_that_is_down_leaves_what_was_known_and_comes_back(
    faulty_engine: FaultyEngine, container: Make, docker_cli: DockerCli
) -> None:
    id = await asyncio.to_thread(container)
    gone = await asyncio.to_thread(container, start=False)
    async with running(faulty_engine.url) as engine:
        mirror = engine.mirror
        await until(lambda: id in mirror.snapshot.containers)
        async with mirror.subscribe() as changes:
            await asyncio.to_thread(faulty_engine.refuse)
            assert await until(is_in(engine, EngineState.DOWN)) < 5
            change = await anext(changes)
            while not change.state_changed:
                change = await anext(changes)
        assert id in mirror.snapshot.containers
        assert mirror.snapshot.seen_at is not None
        await until(lambda: "there is no such socket" in mirror.snapshot.error)
        await asyncio.to_thread(docker_cli, "pause", id)
        await asyncio.to_thread(docker_cli, "rm", gone)
        new = await asyncio.to_thread(container)
        await asyncio.sleep(2)
        await asyncio.to_thread(faulty_engine.listen)
        assert await until(is_in(engine, EngineState.UP), 8) < 5
        assert mirror.snapshot.containers[id].state == "paused"
        assert new in mirror.snapshot.containers
        assert gone not in mirror.snapshot.containers
        assert mirror.snapshot.error == ""


async def test_an_engine_that_hangs_is_silent_and_recovers(
    faulty_engine: FaultyEngine, container: Make
) -> None:
    id = await asyncio.to_thread(container)
    async with running(faulty_engine.url) as engine:
        faulty_engine.freeze()
        assert await until(is_in(engine, EngineState.SILENT), 15) < 12
        assert "did not answer" in engine.mirror.snapshot.error
        assert id in engine.mirror.snapshot.containers
        faulty_engine.thaw()
        assert await until(is_in(engine, EngineState.UP), 8) < 5


async def test_a_server_that_starts_before_the_engine_waits_for_it(
    faulty_engine: FaultyEngine,
) -> None:
    await asyncio.to_thread(faulty_engine.refuse)
    async with running(faulty_engine.url, up=False) as engine:
        await until(is_in(engine, EngineState.DOWN), 2)
        await asyncio.to_thread(faulty_engine.listen)
        assert await until(is_in(engine, EngineState.UP), 8) < 5


async def test_what_happened_while_events_were_cut_is_seen(
    faulty_engine: FaultyEngine, container: Make, docker_cli: DockerCli
) -> None:
    id = await asyncio.to_thread(container)
    async with running(faulty_engine.url) as engine:
        await until(lambda: engine.mirror.snapshot.containers[id].inspected, 20)
        started = engine.mirror.snapshot.containers[id].started_at
        listening = faulty_engine.inject(r"GET /events", delay=1.0, times=1)
        await asyncio.to_thread(faulty_engine.cut)
        await asyncio.to_thread(docker_cli, "restart", "-t", "0", id)
        await until(lambda: engine.mirror.snapshot.containers[id].started_at != started, 20)
        await until(lambda: listening.times == 0, 20)  # the list that comes first may tell it all


async def test_what_happens_between_the_list_and_the_first_event_is_seen(
    faulty_engine: FaultyEngine, container: Make, docker_cli: DockerCli
) -> None:
    """The engine takes a second to open its stream of events; the list came before."""
    id = await asyncio.to_thread(container)
    faulty_engine.inject(r"GET /events", delay=1.5)
    async with running(faulty_engine.url) as engine:
        await asyncio.to_thread(docker_cli, "pause", id)
        await until(lambda: engine.mirror.snapshot.containers[id].state == "paused", 4)


@pytest.mark.parametrize(
    "fault",
    [
        {"answer": (500, b'{"message":"database is locked"}')},
        {"answer": (200, b"<html>not json</html>")},
        {"answer": (200, b'[{"Id": 5, "Names": 7}]')},
        {"cut_after": 300},
        {"cut_after": 5},
    ],
    ids=["500", "no JSON", "another JSON", "cut in the body", "cut in the head"],
)
async def test_a_list_that_fails_is_told_and_tried_again(
    faulty_engine: FaultyEngine, container: Make, fault: dict[str, object]
) -> None:
    await asyncio.to_thread(container, start=False)  # so that there is a body to cut
    broken = faulty_engine.inject(r"GET /containers/json", times=2, **fault)
    async with running(faulty_engine.url, up=False) as engine:
        await until(is_in(engine, EngineState.DOWN))
        assert engine.mirror.snapshot.error
        await until(is_in(engine, EngineState.UP), 8)
    assert broken.times == 0


@pytest.mark.parametrize("asked", ["/images/json", "/info", "/events"])
@pytest.mark.parametrize(
    "answer", [(500, b'{"message":"out of order"}'), (200, b"<html>"), (302, b"")]
)
async def test_whatever_answers_wrong_the_mirror_says_so_and_recovers(
    faulty_engine: FaultyEngine, asked: str, answer: tuple[int, bytes]
) -> None:
    broken = faulty_engine.inject(f"GET {asked}", times=1, answer=answer)
    async with running(faulty_engine.url, up=False) as engine:
        await until(lambda: engine.mirror.snapshot.error, 20)
        await until(is_in(engine, EngineState.UP), 20)
    assert broken.times == 0


async def test_twenty_restarts_leave_nothing_behind(faulty_engine: FaultyEngine) -> None:
    def descriptors() -> int:
        gc.collect()
        return len(list(Path("/proc/self/fd").iterdir()))

    async with running(faulty_engine.url) as engine:
        await until(
            lambda: all(row.inspected for row in engine.mirror.snapshot.containers.values()), 20
        )
        before = len(asyncio.all_tasks()), descriptors(), threading.active_count()
        for _ in range(20):
            await asyncio.to_thread(faulty_engine.cut)
            await asyncio.sleep(0.05)
        await until(is_in(engine, EngineState.UP), 8)
        await until(
            lambda: all(row.inspected for row in engine.mirror.snapshot.containers.values()), 20
        )
        await asyncio.sleep(0.3)
        tasks, fds, threads = len(asyncio.all_tasks()), descriptors(), threading.active_count()
        assert tasks <= before[0]
        assert fds <= before[1] + 6
        assert threads <= before[2] + 8
