"""Streams on a real engine; the faults through a stand-in in front of it."""

import asyncio
import os
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from engine.commands import Commands
from engine.errors import Conflict, EngineDown, EngineError, EngineSilent, NotFound, Refused
from engine.streams import Streams, split_reference
from engine.types import LogLine, RegistryAuth
from engine.upstream import Upstream
from tests.faults import FaultyEngine
from tests.registry import Registry

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


# Logs


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


# Events and stats


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


# Exec and attach


async def test_an_exec_with_its_streams_input_and_exit_code(
    streams: Streams, commands: Commands, container: NewContainer
) -> None:
    id = container()
    exec_id = commands.exec_create(
        id, ["sh", "-c", "echo $A >&2; pwd; cat; exit 4"], tty=False, workdir="/bin",
        env={"A": "b c"}
    )  # fmt: skip
    everything = bytes(range(256)) * 1000
    found = {1: b"", 2: b""}
    async with at_most(20), streams.exec_start(exec_id, False) as duplex:
        async with asyncio.TaskGroup() as tasks:

            async def feed() -> None:
                await duplex.write(everything)
                duplex.close_stdin()

            tasks.create_task(feed())
            while pieces := await duplex.read_streams():
                for stream, data in pieces:
                    found[stream] += data
        assert await duplex.read() == b""
        with pytest.raises(Conflict, match="ended"):
            await duplex.write(b"more")
    assert found == {1: b"/bin\n" + everything, 2: b"b c\n"}
    assert commands.exec_inspect(exec_id)["ExitCode"] == 4


async def test_a_terminal_has_a_size_and_an_echo(
    streams: Streams, commands: Commands, container: NewContainer
) -> None:
    id = container()
    exec_id = commands.exec_create(id, ["sh"], tty=True)
    async with at_most(10), streams.exec_start(exec_id, True) as duplex:
        output = await duplex.read()
        await asyncio.to_thread(commands.exec_resize, exec_id, 33, 77)
        await duplex.write(b"stty size; exit 3\n")
        while data := await duplex.read():
            output += data
    assert b"\r\n33 77\r\n" in output
    assert commands.exec_inspect(exec_id)["ExitCode"] == 3


async def test_a_slow_command_holds_the_writer_back(
    streams: Streams, commands: Commands, container: NewContainer
) -> None:
    exec_id = commands.exec_create(container(), ["sleep", "60"], tty=False)
    async with streams.exec_start(exec_id, False) as duplex:
        writing = asyncio.wait_for(duplex.write(b"x" * 64 * 1024 * 1024), 2)
        with pytest.raises(TimeoutError):
            await writing


async def test_a_missing_command_says_so_and_has_an_exit_code(
    streams: Streams, commands: Commands, container: NewContainer
) -> None:
    exec_id = commands.exec_create(container(), ["/no/such/command"], tty=True)
    output = b""
    async with at_most(10), streams.exec_start(exec_id, True) as duplex:
        while data := await duplex.read():
            output += data
    assert b"no such file" in output
    assert commands.exec_inspect(exec_id)["ExitCode"] in (126, 127)


async def test_attach_reads_and_feeds_the_container_itself(
    streams: Streams, commands: Commands, container: NewContainer
) -> None:
    id = container("sh", "-c", "read line; echo got $line; exit 5", options=("-i",), start=False)
    async with at_most(10), streams.attach(id, tty=False, stdin=True) as duplex:
        await asyncio.to_thread(commands.start, id)
        await duplex.write(b"hello\n")
        assert await duplex.read() == b"got hello\n"
        assert await duplex.read() == b""
    assert await streams.wait(id) == 5


async def test_waiting_lasts_until_the_end(
    streams: Streams, commands: Commands, container: NewContainer
) -> None:
    id = container()
    waiting = asyncio.ensure_future(streams.wait(id))
    await asyncio.sleep(0.3)
    assert not waiting.done()
    await asyncio.to_thread(commands.kill, id, "KILL")
    async with at_most(5):
        assert await waiting == 137


# Registries


@pytest.mark.parametrize(
    ("reference", "parts"),
    [
        ("busybox", ("busybox", "latest")),
        ("busybox:1.36", ("busybox", "1.36")),
        ("host:5000/a/b", ("host:5000/a/b", "latest")),
        ("host:5000/a/b:c", ("host:5000/a/b", "c")),
        ("a@sha256:00", ("a", "sha256:00")),
    ],
)
def test_references(reference: str, parts: tuple[str, str]) -> None:
    assert split_reference(reference) == parts


async def drained(progress: AsyncIterator[dict[str, object]]) -> list[dict[str, object]]:
    return [item async for item in progress]


async def test_push_and_pull(
    streams: Streams, commands: Commands, registry: Registry, busybox: str
) -> None:
    name = f"{registry.address}/core/box"
    commands.tag(busybox, name, "one")
    try:
        async with streams.push(f"{name}:one") as progress:
            assert any("digest" in str(item.get("status")) for item in await drained(progress))
        commands.remove_image(f"{name}:one", force=False)
        async with streams.pull(f"{name}:one") as progress:
            assert any("up to date" in str(item) or "Downloaded" in str(item)
                       for item in await drained(progress))  # fmt: skip
        assert commands.image(f"{name}:one").id == commands.image(busybox).id
        with pytest.raises(EngineError, match=r"(?i)manifest"):
            async with streams.pull(f"{name}:none") as progress:
                await drained(progress)
    finally:
        commands.remove_image(f"{name}:one", force=False)


async def test_credentials_reach_their_registry(
    streams: Streams, commands: Commands, auth_registry: Registry, busybox: str
) -> None:
    name = f"{auth_registry.address}/core/box"
    good = RegistryAuth(auth_registry.address, auth_registry.user, auth_registry.password)
    commands.tag(busybox, name, "one")
    try:
        with pytest.raises(Refused, match=r"(?i)authentication|credentials|denied|unauthorized"):
            async with streams.push(f"{name}:one") as progress:
                await drained(progress)
        async with streams.push(f"{name}:one", good) as progress:
            await drained(progress)
        async with streams.pull(f"{name}:one", good) as progress:
            await drained(progress)
        with pytest.raises(EngineError):
            async with streams.pull(f"{name}:one") as progress:
                await drained(progress)
    finally:
        commands.remove_image(f"{name}:one", force=False)


# Faults


async def test_what_is_not_there_is_said_on_entering(streams: Streams) -> None:
    with pytest.raises(NotFound, match="No such container: core-none"):
        await all_lines(streams, "core-none")
    with pytest.raises(NotFound):
        await all_lines(streams, "../images")


async def test_a_cut_is_told_from_an_end(
    faulty: Streams, faulty_engine: FaultyEngine, container: NewContainer
) -> None:
    id = container("sh", "-c", "yes | head -n 100000")
    await faulty.wait(id)
    faulty_engine.inject("/logs", times=1, cut_after=500_000)
    with pytest.raises(EngineDown, match="in the middle"):
        await all_lines(faulty, id)
    assert len(await all_lines(faulty, id)) == 100_000


async def test_an_engine_that_goes_away_ends_every_stream_with_a_reason(
    faulty: Streams, faulty_engine: FaultyEngine, container: NewContainer
) -> None:
    id = container()

    async def follow() -> None:
        async with faulty.events() as events:
            async for _ in events:
                pass

    tasks = [asyncio.ensure_future(all_lines(faulty, id, follow=True)),
             asyncio.ensure_future(follow())]  # fmt: skip
    await asyncio.sleep(0.3)
    await asyncio.to_thread(faulty_engine.refuse)
    async with at_most(3):
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(end) for end in ends] == [EngineDown, EngineDown]
    with pytest.raises(EngineDown, match="no such socket"):
        await all_lines(faulty, id)
    await asyncio.to_thread(faulty_engine.listen)
    asked = faulty_engine.count("GET /version")
    await all_lines(faulty, id)
    assert faulty_engine.count("GET /version") == asked + 1


async def test_a_first_byte_is_awaited_without_limit_only_where_there_may_be_none(
    faulty: Streams, faulty_engine: FaultyEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The decorator keeps the function itself, where the default of ten seconds lives.
    defaults = Upstream.open.__wrapped__.__kwdefaults__  # type: ignore[attr-defined]
    monkeypatch.setitem(defaults, "first_byte", 0.3)
    faulty_engine.inject("/archive", stall=True)
    faulty_engine.inject("/events", stall=True)
    with pytest.raises(EngineSilent, match="did not answer"):
        async with faulty.get_archive("core-any", "/"):
            pass
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1), faulty.events():
            pass


@pytest.mark.parametrize(
    "answer", [(200, b'{"status": "a"}\n{not json\n'), (200, b'["list"]\n'), (500, b"")]
)
async def test_wrong_answers_are_engine_errors(
    faulty: Streams, faulty_engine: FaultyEngine, answer: tuple[int, bytes]
) -> None:
    faulty_engine.inject("/images/create", answer=answer)
    with pytest.raises(EngineError):
        async with faulty.pull("busybox") as progress:
            await drained(progress)


async def test_an_error_in_the_middle_of_a_pull_is_raised(
    faulty: Streams, faulty_engine: FaultyEngine
) -> None:
    lines = b'{"status":"Pulling"}\r\n{"errorDetail":{"message":"disk full"},"error":"x"}\r\n'
    faulty_engine.inject("/images/create", answer=(200, lines))
    with pytest.raises(Refused, match="disk full"):
        async with faulty.pull("busybox") as progress:
            await drained(progress)
    assert faulty_engine.count("fromImage=busybox&tag=latest") == 1


async def test_what_is_no_engine_is_an_error(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = str(tmp_path_factory.mktemp("none") / "engine.sock")

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
        writer.close()

    async with await asyncio.start_unix_server(greet, path):
        with pytest.raises(EngineError, match="no engine"):
            await Streams(f"unix://{path}").wait("any")
