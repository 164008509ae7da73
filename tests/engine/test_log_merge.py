"""Several logs as one: order, silent logs, ends and failures."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import log_merge
from engine.errors import NotFound
from engine.log_items import Divider, Ended, LogItem, batch_of
from engine.log_merge import Failed, Merge, MergedItem, by_place
from engine.threads import Door
from engine.types import LogLine
from tests.running_engine import until


class Told:
    """A reading that gives what it is told: lists of times, or items."""

    def __init__(self, *script: list[int] | LogItem | Exception, live: bool = False) -> None:
        self.live = live
        self.script = asyncio.Queue[list[int] | LogItem | Exception | None]()
        for one in script:
            self.script.put_nowait(one)
        if not live:
            self.script.put_nowait(None)

    async def items(self) -> AsyncGenerator[LogItem]:
        while (one := await self.script.get()) is not None:
            if isinstance(one, Exception):
                raise one
            if isinstance(one, list):
                one = batch_of([LogLine(ns, 0, 1, b"") for ns in one])
            yield one


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    made = Door()
    made.open(asyncio.get_running_loop())
    yield made
    await made.close()


async def merged(door: Door, *readings: Told) -> list[MergedItem]:
    async with aclosing(Merge(door, readings).items()) as items:
        return [item async for item in items]


def times(items: list[MergedItem]) -> list[tuple[int, int]]:
    return [(line.ns, place) for item in items for place, line in by_place(item)]


@given(st.lists(st.lists(st.lists(st.integers(0, 50), min_size=1), max_size=4), max_size=5))
def test_stored_logs_are_merged_exactly(logs: list[list[list[int]]]) -> None:
    logs = [cut(sorted(chain.from_iterable(one)), [len(batch) for batch in one]) for one in logs]

    async def run() -> list[MergedItem]:
        door = Door()
        door.open(asyncio.get_running_loop())
        try:
            return await merged(door, *(Told(*batches) for batches in logs))
        finally:
            await door.close()

    result = times(asyncio.run(run()))
    assert [ns for ns, _ in result] == sorted(ns for one in logs for batch in one for ns in batch)
    for place, one in enumerate(logs):
        assert [ns for ns, at in result if at == place] == list(chain.from_iterable(one))


def cut(lines: list[int], sizes: list[int]) -> list[list[int]]:
    rest = iter(lines)
    return [[next(rest) for _ in range(size)] for size in sizes]


async def test_the_order_of_one_log_is_never_changed(door: Door) -> None:
    result = times(await merged(door, Told([5, 3, 9]), Told([4, 6])))
    assert [ns for ns, place in result if place == 0] == [5, 3, 9]


async def test_what_happens_to_one_stands_behind_its_lines_and_ends_no_other(door: Door) -> None:
    result = await merged(
        door,
        Told([1, 4], Ended("removed")),
        Told([2], NotFound("It is gone."), [9]),
        Told([3], Divider("restarted"), [7]),
    )
    assert times(result) == [(1, 0), (2, 1), (3, 2), (4, 0), (7, 2)]
    told = [item for item in result if not by_place(item)]
    assert sorted(told, key=lambda item: item[0]) == [
        (0, Ended("removed")),
        (1, Failed("It is gone.", missing=True)),
        (2, Divider("restarted")),
    ]


@contextlib.asynccontextmanager
async def reading(door: Door, *readings: Told) -> AsyncIterator[list[MergedItem]]:
    """What a merge has given so far."""
    seen: list[MergedItem] = []

    async def read() -> None:
        async with aclosing(Merge(door, readings).items()) as items:
            async for item in items:
                seen.append(item)

    task = asyncio.ensure_future(read())
    yield seen
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_live_line_waits_for_earlier_ones_but_not_for_ever(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    quiet, loud = Told(live=True), Told(live=True)
    async with reading(door, quiet, loud) as seen:
        loud.script.put_nowait([10])
        await until(lambda: times(seen) == [(10, 1)], 10)
        monkeypatch.setattr(log_merge, "REORDER_SECONDS", 60.0)
        loud.script.put_nowait([30])
        await asyncio.sleep(0.1)
        quiet.script.put_nowait([20])  # later to come, earlier in time
        await until(lambda: len(seen) == 2, 10)
        monkeypatch.setattr(log_merge, "REORDER_SECONDS", 0.0)
        await until(lambda: len(seen) == 3, 10)
    assert times(seen) == [(10, 1), (20, 0), (30, 1)]


async def test_a_log_that_hangs_before_its_stored_lines_holds_the_others_for_a_while(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_merge, "REORDER_SECONDS", 0.0)
    hung = Told(live=True)
    hung.live = False
    async with reading(door, hung, Told([1, 2])) as seen:
        await asyncio.sleep(0.2)
        assert seen == []
        monkeypatch.setattr(log_merge, "STALL_SECONDS", 0.0)
        await until(lambda: times(seen) == [(1, 1), (2, 1)], 10)


async def test_no_task_is_left_when_the_reader_leaves(door: Door) -> None:
    before = asyncio.all_tasks()
    async with aclosing(Merge(door, [Told([1], live=True), Told([2], live=True)]).items()) as items:
        await anext(items)
    assert asyncio.all_tasks() == before
