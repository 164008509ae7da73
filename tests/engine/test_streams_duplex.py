"""Exec, attach and wait on a real engine."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from engine.commands import Commands
from engine.dial import Address
from engine.duplex import Duplex
from engine.errors import Conflict
from engine.exchange import Answer
from engine.streams import Streams

NewContainer = Callable[..., str]


@pytest.fixture
def streams(engine_url: str) -> Streams:
    return Streams(engine_url)


@pytest.fixture
def commands(engine_url: str) -> Commands:
    return Commands(engine_url)


@asynccontextmanager
async def at_most(seconds: float) -> AsyncIterator[None]:
    async with asyncio.timeout(seconds):
        yield


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


@asynccontextmanager
async def duplex_to(ours: socket.socket) -> AsyncIterator[Duplex]:
    """Cut off at the end, as each stream is."""
    reader, writer = await asyncio.open_connection(sock=ours)
    duplex = Duplex(Answer(Address("/peer"), reader, writer, 101, {}), tty=True)
    try:
        yield duplex
    finally:
        duplex.close()


def taken(peer: socket.socket) -> int:
    """How many bytes come, to one who does not read at once."""
    time.sleep(0.2)
    with peer:
        return sum(iter(lambda: len(peer.recv(65536)), 0))


@pytest.mark.parametrize("hear", [False, True])
async def test_who_finishes_has_sent_all_to_one_who_reads_slowly(hear: bool) -> None:
    ours, peer = socket.socketpair()
    sent, piece = 0, b"x" * 8192
    async with at_most(20):
        async with duplex_to(ours) as duplex:
            while duplex.write_at_once(piece):  # until the last of it waits on this side
                sent += len(piece)
            taking = asyncio.create_task(asyncio.to_thread(taken, peer))
            await duplex.finish(hear)
        assert await taking == sent
