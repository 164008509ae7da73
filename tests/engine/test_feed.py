"""Log feeds on a real engine: one sequence of stored and live lines, nothing lost or doubled."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import pytest

from engine.engine import Engine
from engine.errors import NotFound, Refused
from engine.feed import Divider, Ended, LogBatch, LogRange, Skipped
from engine.log_reader import place_of
from engine.ring import Ring
from engine.types import LogLine
from tests.conftest import DockerCli
from tests.faults import FaultyEngine
from tests.running_engine import Reader, counting, ended, reading, running, until, whole

Make = Callable[..., str]


@pytest.fixture
async def engine(engine_url: str) -> AsyncIterator[Engine]:
    async with running(engine_url) as made:
        yield made


async def test_readers_who_join_at_any_moment_see_every_line_once(
    engine: Engine, container: Make, docker_cli: DockerCli
) -> None:
    id = await asyncio.to_thread(container, *counting(200))
    readers: list[Reader] = []
    for number in range(12):
        tail = (None, 0, 1, 5)[number % 4]
        readers.append(Reader(engine, id, LogRange(tail=tail)))
        await asyncio.sleep(0.1)
    await until(lambda: all(ended(reader) for reader in readers), 30)
    truth = readers[0].texts
    assert sorted(truth) == await asyncio.to_thread(whole, docker_cli, id)
    for reader in readers:
        await reader.stop()
        assert reader.texts == truth[len(truth) - len(reader.texts) :]
        assert reader.others == [Ended("exited", 3)]
    assert [len(reader.lines) for reader in readers[::4]] == [400] * 3


async def test_all_readers_share_one_follower(faulty_engine: FaultyEngine, container: Make) -> None:
    id = await asyncio.to_thread(container, *counting(1000))
    async with running(faulty_engine.url) as engine:
        readers = [Reader(engine, id, LogRange(tail=1)) for _ in range(30)]
        await until(lambda: all(len(reader.lines) > 5 for reader in readers), 20)
        assert faulty_engine.count(rf"GET /containers/{id}/logs\?follow=1") == 1
        assert len(engine.logs.hub) == 1
        for reader in readers:
            await reader.stop()


@pytest.mark.parametrize("linger", [True, False], ids=["from the ring", "from the engine"])
async def test_a_reader_resumes_behind_its_last_line(
    engine_url: str, container: Make, linger: bool
) -> None:
    id = await asyncio.to_thread(container, *counting(150))
    async with running(engine_url) as engine:
        texts, after = [], None
        while True:
            async with reading(engine, id, LogRange(tail=None, after=after)) as reader:
                await until(lambda reader=reader: len(reader.lines) > 20 or ended(reader), 20)
                await asyncio.sleep(0.05)
            texts += reader.texts
            after = place_of(reader.lines[-1]) if reader.lines else after
            if ended(reader):
                break
            if not linger:
                await engine.logs.hub.close()
        async with reading(engine, id, LogRange(tail=None, follow=False)) as stored:
            await until(lambda: ended(stored))
        assert texts == stored.texts
        assert len(texts) == 300


async def test_an_end_a_start_and_a_removal_are_told(
    engine: Engine, container: Make, docker_cli: DockerCli
) -> None:
    id = await asyncio.to_thread(container, "sh", "-c", "echo hello; exit 5", start=False)
    async with reading(engine, id) as reader:
        await until(lambda: reader.others == [Ended("created")])
        for runs in (1, 2):
            await asyncio.to_thread(docker_cli, "start", id)
            await until(lambda runs=runs: len(reader.items) == 1 + 3 * runs, 5)
        await asyncio.to_thread(docker_cli, "rm", id)
        await until(lambda: reader.task.done())
    run = [Divider("restarted"), "hello", Ended("exited", 5)]
    told = [
        item.lines[0].data.decode() if isinstance(item, LogBatch) else item for item in reader.items
    ]
    assert told == [Ended("created"), *run, *run, Ended("removed")]


async def test_a_run_that_nobody_saw_loses_no_line(
    faulty_engine: FaultyEngine, container: Make, docker_cli: DockerCli
) -> None:
    """It began and ended between the end of the follower and the question how it ended."""
    id = await asyncio.to_thread(container, "sh", "-c", "sleep 1; echo hello")
    async with running(faulty_engine.url) as engine:
        await until(lambda: engine.mirror.snapshot.containers[id].inspected)
        async with reading(engine, id) as reader:
            faulty_engine.inject(rf"GET /containers/{id}/json", delay=3.0)
            await asyncio.to_thread(docker_cli, "wait", id)
            await asyncio.to_thread(docker_cli, "start", "--attach", id)
            await until(lambda: ended(reader), 10)
            assert reader.texts == ["hello", "hello"]


async def test_a_start_before_the_follower_is_open_is_told(
    faulty_engine: FaultyEngine, container: Make, docker_cli: DockerCli
) -> None:
    id = await asyncio.to_thread(container, "sh", "-c", "echo hello; sleep 600")
    async with running(faulty_engine.url) as engine:
        await until(lambda: engine.mirror.snapshot.containers[id].inspected)
        faulty_engine.inject(rf"GET /containers/{id}/logs\?follow=1", delay=2.0)
        async with reading(engine, id, LogRange(tail=None)) as reader:
            await until(lambda: reader.texts == ["hello"], 10)
            await asyncio.to_thread(docker_cli, "restart", "--time", "0", id)
            await until(lambda: reader.texts == ["hello", "hello"], 20)
        kinds = [type(item) for item in reader.items]
        assert kinds == [LogBatch, Divider, LogBatch]


async def test_a_container_that_restarts_itself_goes_on(engine: Engine, container: Make) -> None:
    id = await asyncio.to_thread(
        container, "sh", "-c", "echo hello; exit 1", options=("--restart", "always")
    )
    async with reading(engine, id, LogRange(tail=None)) as reader:
        await until(lambda: len(reader.lines) >= 4, 20)
    assert set(reader.texts) == {"hello"}
    places = [place_of(line) for line in reader.lines]
    assert places == sorted(set(places))
    assert Divider("restarted") in reader.others


async def test_a_reader_that_is_too_slow_is_told_how_many_lines_it_missed(
    engine: Engine, container: Make, docker_cli: DockerCli
) -> None:
    script = "sleep 1.5; i=0; while [ $i -lt 300 ]; do i=$((i+1)); cat /tmp/block; done; sleep 60"
    block = "seq 1000 1499 > /tmp/block; " + script
    id = await asyncio.to_thread(container, "sh", "-c", block)
    async with (
        reading(engine, id, LogRange(tail=0)) as quick,
        reading(engine, id, LogRange(tail=0), pause=1.0) as slow,
    ):
        await until(lambda: len(quick.lines) + quick.skipped == 150_000, 40)
        await until(lambda: len(slow.lines) + slow.skipped == 150_000, 40)
        assert slow.skipped > 0
        assert slow.lines[-1] == quick.lines[-1]
    places = [place_of(line) for line in slow.lines]
    assert places == sorted(set(places))


async def test_a_slow_reader_of_the_whole_log_finds_its_way_into_a_flood(
    engine: Engine, container: Make, docker_cli: DockerCli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When it has read what was stored, the ring has long passed that place."""
    found: list[object] = []
    locate = Ring.locate_evicted

    def spy(ring: Ring, lines: list[LogLine]) -> object:
        found.append(locate(ring, lines))
        return found[-1]

    monkeypatch.setattr(Ring, "locate_evicted", spy)
    # Where the stored part ends is now and then also the end of an entry: then it is found at once.
    monkeypatch.setattr(Ring, "locate", lambda ring, cursor: None)
    block = "i=0; while [ $i -lt {} ]; do i=$((i+1)); cat /tmp/block; done; "
    wait = "until [ -e /tmp/go ]; do sleep 0.1; done; "
    script = "seq 1000 1499 > /tmp/block; sleep 1; " + block.format(40) + wait + block.format(360)
    id = await asyncio.to_thread(container, "sh", "-c", script + "sleep 60")
    lines: list[LogLine] = []
    others: list[object] = []
    skipped = 0
    async with (
        reading(engine, id, LogRange(tail=0)) as holder,
        engine.logs.subscribe(id, LogRange(tail=None)) as items,
    ):
        await until(lambda: len(holder.lines) == 20_000, 30)
        async for item in items:
            if isinstance(item, LogBatch):
                lines += item.lines
            elif isinstance(item, Skipped):
                skipped += item.count
            else:
                others.append(item)
            if len(lines) == 20_000:
                await asyncio.to_thread(docker_cli, "exec", id, "touch", "/tmp/go")
                await until(lambda: len(holder.lines) + holder.skipped == 200_000, 60)
            if len(lines) + skipped == 200_000:
                break
    assert skipped > 0
    assert others == []
    assert any(found)
    places = [place_of(line) for line in lines]
    assert places == sorted(set(places))


async def test_what_is_asked_for_is_what_comes(
    engine: Engine, container: Make, docker_cli: DockerCli
) -> None:
    id = await asyncio.to_thread(container, *counting(50, "true"))
    await asyncio.to_thread(docker_cli, "wait", id)

    async def read(**wanted: object) -> Reader:
        async with reading(engine, id, LogRange(follow=False, **wanted)) as reader:  # type: ignore[arg-type]
            await until(lambda: reader.task.done())
        assert reader.others == [Ended("complete")]
        return reader

    everything = await read(tail=None)
    assert len(everything.lines) == 100
    assert (await read(tail=7)).lines == everything.lines[-7:]
    assert (await read(tail=0)).lines == []
    errors = await read(tail=None, stdout=False)
    assert errors.lines == [line for line in everything.lines if line.stream == 2]
    middle = sorted(everything.lines, key=lambda line: line.ns)
    within = await read(tail=None, since_ns=middle[20].ns, until_ns=middle[70].ns)
    assert set(within.lines) <= {x for x in middle if middle[20].ns <= x.ns <= middle[70].ns}
    assert len(within.lines) > 40
    after = await read(after=place_of(everything.lines[60]))
    assert after.lines == everything.lines[61:]


async def test_a_start_in_a_window_without_lines_gives_only_new_ones(
    engine: Engine, container: Make
) -> None:
    id = await asyncio.to_thread(container, "sh", "-c", "echo old; sleep 3; echo new; sleep 60")
    await asyncio.sleep(1.5)
    since = time.time_ns() - 500_000_000
    async with reading(engine, id, LogRange(tail=None, since_ns=since)) as reader:
        await until(lambda: reader.texts == ["new"])


async def test_a_terminal_log_has_one_stream(engine: Engine, container: Make) -> None:
    id = await asyncio.to_thread(
        container, "sh", "-c", "sleep 0.5; echo a; echo b >&2", options=("--tty",)
    )
    async with reading(engine, id) as reader:
        await until(lambda: ended(reader))
    assert [(line.stream, line.data) for line in reader.lines] == [(1, b"a"), (1, b"b")]


async def test_a_container_that_is_not_there(engine: Engine) -> None:
    async with engine.logs.subscribe("f" * 64) as items:
        with pytest.raises(NotFound):
            await anext(items)


async def test_a_log_driver_that_cannot_be_read_is_refused(engine: Engine, container: Make) -> None:
    id = await asyncio.to_thread(container, options=("--log-driver", "none"))
    async with engine.logs.subscribe(id) as items:
        with pytest.raises(Refused, match="log"):
            await anext(items)


async def test_a_feed_without_readers_ends(engine_url: str, container: Make) -> None:
    id = await asyncio.to_thread(container, *counting(1000))
    async with running(engine_url) as engine:
        engine.logs.hub._linger = 0.2
        async with reading(engine, id) as reader:
            await until(lambda: len(reader.lines) > 3)
        assert len(engine.logs.hub) == 1
        await until(lambda: len(engine.logs.hub) == 0, 2)


async def test_a_flood_reaches_a_reader_whole(engine: Engine, container: Make) -> None:
    """How fast is for ``script/bench``; here it must be complete."""
    id = await asyncio.to_thread(container, "sh", "-c", "sleep 1; seq 1 200000; sleep 60")
    async with reading(engine, id, LogRange(tail=None)) as reader:
        await until(lambda: reader.lines, 5)
        took = await until(lambda: len(reader.lines) + reader.skipped == 200_000, 40)
    print(f"{200_000 / took:.0f} lines/s, {reader.skipped} skipped")
    assert not any(isinstance(item, Skipped) for item in reader.items)
    assert reader.texts == [str(number) for number in range(1, 200_001)]
