"""Log feeds whose engine is lost: told in every phase, gone on with, nothing lost or doubled."""

import asyncio
import time
from collections.abc import Callable

import pytest

from engine import log_feed
from engine.engine import Engine
from engine.feed import Divider, Ended, LogRange
from engine.ring import Ring
from tests.conftest import DockerCli
from tests.faults import FaultyEngine
from tests.running_engine import counting, ended, reading, running, until, whole

Make = Callable[..., str]
# What hangs when the engine goes: nothing, or the answer to this question.
HELD = {
    "place": "json",
    "stored": "logs.follow=0",
    "between": "logs.follow=1",
    "live": "",
}


def ring_of(engine: Engine, id: str) -> Ring:
    held = engine.logs.hub._held.get(id)
    return held.upstream.ring if held else Ring(None, 1)


async def test_the_engine_is_cut_off_again_and_again(
    faulty_engine: FaultyEngine, container: Make, docker_cli: DockerCli
) -> None:
    id = await asyncio.to_thread(container, *counting(300))
    async with running(faulty_engine.url) as engine:
        faulty_engine.inject(rf"GET /containers/{id}/logs\?follow=1", cut_after=3001)
        async with (
            reading(engine, id, LogRange(tail=None)) as first,
            reading(engine, id, LogRange(tail=None)) as second,
        ):
            await asyncio.sleep(3)
            faulty_engine.heal()
            await until(lambda: ended(first) and ended(second), 40)
        truth = await asyncio.to_thread(whole, docker_cli, id)
        assert len(truth) == 600
        for reader in (first, second):
            assert sorted(reader.texts) == truth
            reasons = [item.reason for item in reader.others if isinstance(item, Divider)]
            assert reasons == ["reconnecting", "reconnected"] * (len(reasons) // 2)
            assert len(reasons) > 2


@pytest.mark.parametrize("phase", ["place", "stored", "between", "live"])
async def test_the_engine_is_gone_for_a_while(
    faulty_engine: FaultyEngine, container: Make, docker_cli: DockerCli, phase: str
) -> None:
    """Told within 5 s, whatever was being read of it, and then nothing is missing."""
    id = await asyncio.to_thread(container, *counting(150))
    asked = HELD[phase]
    for _ in range(200):
        if len(await asyncio.to_thread(whole, docker_cli, id)) > 40:
            break
        await asyncio.sleep(0.05)
    async with running(faulty_engine.url) as engine:
        if asked:
            faulty_engine.inject(rf"GET /containers/{id}/{asked}", hold_after=1500)
        async with reading(engine, id, LogRange(tail=None)) as reader:
            if asked:
                await until(lambda: faulty_engine.count(rf"GET /containers/{id}/{asked}"), 20)
            else:
                await until(lambda: ring_of(engine, id).newest != ring_of(engine, id).origin, 20)
            await asyncio.to_thread(faulty_engine.refuse)
            await until(lambda: reader.others, 5)
            await asyncio.to_thread(faulty_engine.heal)
            await until(lambda: ended(reader), 40)
        assert sorted(reader.texts) == await asyncio.to_thread(whole, docker_cli, id)
    lost, *others = reader.others
    assert isinstance(lost, Divider)
    assert (lost.reason, "engine" in lost.text) == ("reconnecting", True)
    assert others == [Divider("reconnected"), Ended("exited", 3)]


async def test_a_read_that_ends_is_also_gone_on_with(
    faulty_engine: FaultyEngine, container: Make, docker_cli: DockerCli
) -> None:
    id = await asyncio.to_thread(container, *counting(300, "true"))
    await asyncio.to_thread(docker_cli, "wait", id)
    async with running(faulty_engine.url) as engine:
        faulty_engine.inject(rf"GET /containers/{id}/logs", cut_after=9000, times=3)
        wanted = LogRange(tail=None, until_ns=time.time_ns())
        async with reading(engine, id, wanted) as reader:
            await until(lambda: reader.task.done(), 30)
    assert sorted(reader.texts) == await asyncio.to_thread(whole, docker_cli, id)
    assert reader.others[-1] == Ended("complete")
    assert Divider("reconnected") in reader.others


async def test_a_follower_that_outlives_its_container_is_hung_up_on(
    faulty_engine: FaultyEngine,
    container: Make,
    docker_cli: DockerCli,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Some engines do not end it that was opened while the container was being killed."""
    monkeypatch.setattr(log_feed, "OUTLIVED_SECONDS", 0.5)
    id = await asyncio.to_thread(container, "sh", "-c", "echo up; sleep 600")
    async with running(faulty_engine.url) as engine:
        follows = rf"GET /containers/{id}/logs\?follow=1"
        faulty_engine.inject(follows, hold_after=10)
        async with reading(engine, id, LogRange(tail=None)) as reader:
            await until(lambda: faulty_engine.count(follows), 20)
            await asyncio.sleep(2)  # quiet, but it runs: it is not hung up on
            assert faulty_engine.count(follows) == 1
            await asyncio.to_thread(docker_cli, "rm", "--force", id)
            await until(lambda: reader.others == [Ended("removed")], 20)
