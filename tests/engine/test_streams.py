"""Logs, events and stats of a real engine."""

import asyncio
import os
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from engine.commands import Commands
from engine.streams import Streams
from engine.types import LogLine
from tests.faults import FaultyEngine

NewContainer = Callable[..., str]
Cli = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def streams(engine_url: str) -> Streams:
    return Streams(engine_url)


@pytest.fixture
def commands(engine_url: str) -> Commands:
    return Commands(engine_url)


@pytest.fixture
def faulty(faulty_engine: FaultyEngine) -> Streams:
    return Streams(faulty_engine.url)


async def all_lines(streams: Streams, id: str, **options: object) -> list[LogLine]:
    async with streams.logs(id, **({"tty": False, "follow": False} | options)) as batches:
        return [line async for batch in batches for line in batch]


@asynccontextmanager
async def at_most(seconds: float) -> AsyncIterator[None]:
    async with asyncio.timeout(seconds):
        yield


async def test_a_stored_log_with_both_streams(streams: Streams, container: NewContainer) -> None:
    id = container("sh", "-c", "echo one; sleep 0.1; echo two >&2; sleep 0.1; printf three")
    await streams.wait(id)
    before = time.time_ns()
    lines = await all_lines(streams, id)
    assert [(line.stream, line.data) for line in lines] == [
        (1, b"one"),
        (2, b"two"),
        (1, b"three"),
    ]
    assert before - 60_000_000_000 < lines[0].ns < lines[1].ns < lines[2].ns < before
    assert [line.data for line in await all_lines(streams, id, stdout=False)] == [b"two"]
    assert [line.data for line in await all_lines(streams, id, tail=1)] == [b"three"]
    since = await all_lines(streams, id, since_ns=lines[1].ns, until_ns=lines[1].ns)
    assert since == [lines[1]]


async def test_every_byte_and_long_lines_come_through(
    streams: Streams, container: NewContainer
) -> None:
    script = "head -c 100000 /dev/zero | tr '\\0' x; echo; printf 'a\\rb\\0c\\033[1m\\n'"
    for tty in (False, True):
        id = container("sh", "-c", script, options=("-t",) if tty else ())
        await streams.wait(id)
        lines = await all_lines(streams, id, tty=tty)
        assert [line.data for line in lines] == [b"x" * 100_000, b"a\rb\0c\033[1m"]


async def test_a_download_is_byte_for_byte_what_the_engine_stored(
    streams: Streams, container: NewContainer, engine_url: str
) -> None:
    script = "head -c 70000 /dev/zero | tr '\\0' y; printf 'é\\200\\n'; echo err >&2; printf end"
    for tty in (False, True):
        id = container("sh", "-c", script, options=("-t",) if tty else ())
        await streams.wait(id)
        command = ["docker", "-H", engine_url, "logs", id]
        shown = await asyncio.to_thread(subprocess.run, command, capture_output=True, check=True)
        async with streams.raw_logs(id, tty=tty, stderr=tty) as pieces:
            assert b"".join([piece async for piece in pieces]) == shown.stdout
        if not tty:
            async with streams.raw_logs(id, tty=tty, stdout=False) as pieces:
                assert b"".join([piece async for piece in pieces]) == shown.stderr == b"err\n"


async def test_following_ends_with_the_container(
    streams: Streams, commands: Commands, container: NewContainer
) -> None:
    id = container("sh", "-c", "echo up; sleep 3600")
    async with at_most(10), streams.logs(id, tty=False, follow=True) as batches:
        assert [line.data for line in await anext(batches)] == [b"up"]
        await asyncio.to_thread(commands.kill, id, "KILL")
        assert [batch async for batch in batches] == []


async def test_a_resume_from_a_cursor_repeats_only_its_nanosecond(
    streams: Streams, container: NewContainer
) -> None:
    id = container("sh", "-c", "i=0; while [ $i -lt 3000 ]; do echo $i; i=$((i+1)); done")
    await streams.wait(id)
    whole = await all_lines(streams, id)
    assert [line.data for line in whole] == [b"%d" % number for number in range(3000)]
    for place in (1, 1500, 2999):
        cursor = whole[place][:2]
        rest = await all_lines(streams, id, since_ns=cursor[0])
        assert [line for line in rest if line[:2] > cursor] == whole[place + 1 :]


async def test_leaving_closes_the_socket_at_once(
    faulty: Streams, faulty_engine: FaultyEngine, container: NewContainer
) -> None:
    id = container("sh", "-c", "while :; do echo tick; sleep 0.05; done")
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        async with faulty.logs(id, tty=False, follow=True) as batches:
            await anext(batches)
    task = asyncio.ensure_future(all_lines(faulty, id, follow=True))
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with at_most(3):
        while faulty_engine._open or len(os.listdir("/proc/self/fd")) > before:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_a_slow_reader_holds_the_engine_back(
    streams: Streams, container: NewContainer
) -> None:
    id = container("sh", "-c", "yes 0123456789012345678901234567890123456789 | head -n 200000")
    await streams.wait(id)
    async with streams.logs(id, tty=False, follow=False) as batches:
        first = await anext(batches)
        await asyncio.sleep(0.3)
        sizes = [len(first)] + [len(batch) async for batch in batches]
    assert sum(sizes) == 200_000
    assert max(sizes) < 2_000


async def test_events_from_a_time_on(
    streams: Streams, container: NewContainer, docker_cli: Cli
) -> None:
    since = time.time_ns()
    id = container()
    await asyncio.to_thread(docker_cli, "kill", id)
    seen: list[str] = []
    async with at_most(10), streams.events(since) as events:
        async for event in events:
            if event.id == id:
                assert event.kind == "container"
                assert since <= event.time_ns <= time.time_ns()
                assert event.attributes["image"]
                seen.append(event.action)
            if event.action == "die" and event.id == id:
                break
    assert seen == ["create", "start", "kill", "die"]


async def test_stats_go_on(streams: Streams, container: NewContainer) -> None:
    id = container()
    async with at_most(10), streams.stats(id) as samples:
        assert (await anext(samples))["id"] == (await anext(samples))["id"] == id
