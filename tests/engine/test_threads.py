"""The door between threads and the loop."""

import asyncio
import contextvars
import logging
import threading
from collections.abc import AsyncIterator

import pytest

from engine.threads import Door


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    made = Door()
    made.open(asyncio.get_running_loop())
    yield made
    await made.close()


async def test_run_keeps_the_loop_free_and_brings_the_result(door: Door) -> None:
    release = threading.Event()
    waiting = asyncio.ensure_future(door.run(release.wait, 5))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    release.set()
    assert await waiting is True


async def test_run_is_parallel(door: Door) -> None:
    both = threading.Barrier(8, timeout=5)
    await asyncio.gather(*(door.run(both.wait) for _ in range(8)))


async def test_run_brings_errors_keeps_context_and_tidies_up_in_its_thread(door: Door) -> None:
    place = contextvars.ContextVar("place", default="nowhere")
    place.set("here")
    tidied: list[int] = []
    door.after(lambda: tidied.append(threading.get_ident()))
    assert await door.run(place.get) == "here"
    with pytest.raises(ZeroDivisionError):
        await door.run(lambda: 1 / 0)
    assert len(tidied) == 2
    assert threading.get_ident() not in tidied


async def test_call_from_a_thread(door: Door) -> None:
    async def work() -> int:
        await asyncio.sleep(0)
        return 7

    assert await asyncio.to_thread(lambda: door.call(work(), 2)) == 7


async def test_call_gives_up_and_cancels(door: Door) -> None:
    cancelled = asyncio.Event()

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            cancelled.set()

    with pytest.raises(TimeoutError):
        await asyncio.to_thread(lambda: door.call(work(), 0.05))
    await asyncio.wait_for(cancelled.wait(), 2)


async def test_call_on_the_loop_is_refused_before_it_blocks(door: Door) -> None:
    with pytest.raises(RuntimeError, match="loop"):
        door.call(asyncio.sleep(0), 1)


async def test_spawn_from_the_loop_and_from_a_thread(door: Door) -> None:
    async def work() -> str:
        task = asyncio.current_task()
        return task.get_name() if task else ""

    assert await door.spawn(work(), "mine") == "mine"
    task = await asyncio.to_thread(lambda: door.spawn(work(), "theirs"))
    assert await task == "theirs"


async def test_a_task_that_fails_is_logged_with_its_name(
    door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    async def work() -> None:
        raise ValueError("broken")

    with caplog.at_level(logging.ERROR, "engine.threads"):
        await asyncio.wait([door.spawn(work(), "the-task")])
        await asyncio.sleep(0)
    assert "the-task" in caplog.text
    assert "broken" in caplog.text


async def test_close_cancels_awaits_and_leaves_nothing() -> None:
    door = Door()
    door.open(asyncio.get_running_loop())
    steps: list[str] = []

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.01)
            steps.append("cleaned")

    task = door.spawn(work(), "long")
    await asyncio.sleep(0)
    await door.close()
    assert steps == ["cleaned"]
    assert task.cancelled()
    assert not door.is_open
    with pytest.raises(RuntimeError, match="closed"):
        await door.run(int)


async def test_it_opens_again_after_close() -> None:
    door = Door()
    for _ in range(2):
        door.open(asyncio.get_running_loop())
        door.open(asyncio.get_running_loop())
        assert await door.run(int) == 0
        await door.close()
