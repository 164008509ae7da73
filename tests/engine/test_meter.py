"""What rows use: read while somebody looks, one reading for all of them, none for nobody."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing
from types import SimpleNamespace
from typing import Any, cast

import pytest

from engine import meter
from engine.errors import Conflict
from engine.hub import Hub
from engine.meter import Look, Meter, Reading, Sweep
from engine.mirror import Mirror
from engine.streams import Streams
from engine.threads import Door
from tests.containers.rows import row

A, B, DOWN = "a" * 64, "b" * 64, "d" * 64


def answer(number: int) -> dict[str, Any]:
    """The ``number``-th: half of one of four cores all the time."""
    used, system = number * 500_000_000, number * 4_000_000_000
    cpu = {
        "cpu_usage": {"total_usage": used + 1},
        "system_cpu_usage": system + 1,
        "online_cpus": 4,
    }
    memory = {"usage": 3 * 2**20, "limit": 64 * 2**20, "stats": {"inactive_file": 2**20}}
    return {"read": "2026-11-28T09:00:00Z", "cpu_stats": cpu, "memory_stats": memory}


class Told(Streams):
    """Answers by itself, and knows what it was asked for and how much of it at a time."""

    def __init__(self) -> None:
        super().__init__("unix:///nowhere.sock")
        self.asked: list[str] = []
        self.busy = self.most = 0

    async def reading(self, id: str) -> dict[str, Any]:
        self.asked.append(id)
        self.busy += 1
        self.most = max(self.most, self.busy)
        await asyncio.sleep(0.001)
        self.busy -= 1
        if id == B:
            raise Conflict("It is broken.")
        return answer(self.asked.count(id))


@pytest.fixture
def streams() -> Told:
    return Told()


@pytest.fixture
async def measuring(streams: Told, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Meter]:
    for name, seconds in {"EVERY": 0.05, "SOON": 0.01, "TICK": 0.005}.items():
        monkeypatch.setattr(meter, name, seconds)
    door = Door()
    door.open(asyncio.get_running_loop())
    rows = {id: row(id=id) for id in (A, B)} | {DOWN: row(id=DOWN, state="exited")}
    mirror = cast(Mirror, SimpleNamespace(snapshot=SimpleNamespace(containers=rows)))
    made = Meter(streams, mirror, door)
    made.hub = Hub(door, made._begin, "meter", linger=0.1)
    yield made
    await made.hub.close()
    await door.close()


async def until_told(
    news: AsyncIterator[Mapping[str, Reading]], wanted: Callable[[Mapping[str, Reading]], bool]
) -> Mapping[str, Reading]:
    async with asyncio.timeout(30):
        async for each in news:
            if wanted(each):
                return each
    raise AssertionError("it ended before")


async def test_what_is_looked_at_and_runs_is_read_once_for_all(
    measuring: Meter, streams: Told
) -> None:
    assert measuring.readings == {}
    looks = Look(frozenset((A, DOWN, "gone"))), Look(frozenset((A,)))
    async with (
        aclosing(measuring.watch(looks[0])) as one,
        aclosing(measuring.watch(looks[1])) as two,
    ):
        told = await until_told(one, lambda each: A in each and each[A].count >= 3)
        await until_told(two, lambda each: A in each)
    assert set(streams.asked) == {A}
    assert told[A].cpu == pytest.approx(50, abs=0.1)
    assert told[A].trail == pytest.approx((50,) * told[A].count, abs=0.1)
    assert (told[A].memory, told[A].memory_limit) == (2 * 2**20, 64 * 2**20)
    assert len(streams.asked) <= measuring.readings[A].count + 2


async def test_nobody_looking_costs_nothing(measuring: Meter, streams: Told) -> None:
    look = Look(frozenset((A,)))
    async with aclosing(measuring.watch(look)) as news:
        await until_told(news, lambda each: A in each)
        look.ids = frozenset()
        await asyncio.sleep(0.1)
        before = len(streams.asked)
        await asyncio.sleep(0.2)
        assert len(streams.asked) == before
    async with asyncio.timeout(30):
        while len(measuring.hub):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    assert measuring.readings == {}


async def test_one_that_fails_holds_nobody_up_and_who_stops_has_no_numbers(
    measuring: Meter, streams: Told
) -> None:
    async with aclosing(measuring.watch(Look(frozenset((A, B))))) as news:
        await until_told(news, lambda each: A in each)
        async with asyncio.timeout(30):
            while streams.asked.count(B) < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        assert B not in measuring.readings
        rows = cast(Any, measuring._mirror).snapshot.containers
        rows[A] = row(id=A, state="exited")
        await until_told(news, lambda each: A not in each)


async def test_many_are_read_a_few_at_a_time(streams: Told) -> None:
    rows = {f"{n:064x}": row(id=f"{n:064x}") for n in range(60)}
    mirror = cast(Mirror, SimpleNamespace(snapshot=SimpleNamespace(containers=rows)))
    sweep = Sweep(streams, mirror)
    with sweep.looked(Look(frozenset(rows))):
        await sweep._read_all(sweep._wanted())
    assert (streams.most, len(sweep.readings)) == (meter.AT_ONCE, 60)


async def test_a_real_engine_answers_at_once(
    engine_url: str, container: Callable[..., str]
) -> None:
    id = await asyncio.to_thread(container, options=("--memory", "64m"))
    mirror = cast(Mirror, SimpleNamespace(snapshot=SimpleNamespace(containers={id: row(id=id)})))
    sweep = Sweep(Streams(engine_url), mirror)
    with sweep.looked(Look(frozenset((id,)))):
        await sweep._read_all([id])
        assert sweep.readings[id].cpu is None
        await asyncio.sleep(0.2)
        await sweep._read_all([id])
    assert sweep.readings[id].cpu is not None
    assert sweep.readings[id].memory_limit == 64 * 2**20
    assert sweep.readings[id].memory > 0
