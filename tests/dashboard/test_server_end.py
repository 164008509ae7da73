"""The end: sockets are told, requests may finish, nothing is left; and clients come back."""

import asyncio
import contextlib
import signal
import time
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from tests.bench.http import Person
from tests.bench.websocket import Closed, Socket
from tests.dashboard.servers import Running, request
from tests.registry import free_port
from tests.site import Site, running_site


def test_sigterm_closes_sockets_with_1012_and_ends(fresh_server: Running) -> None:
    """uvicorn lets requests finish for as long as it is told to, and then does not cancel all."""
    slow = fresh_server.open(request("GET", "/slow"))
    stalled = fresh_server.open(request("GET", "/download"))
    stalled.recv(1000)
    with fresh_server.websocket("/echo") as echo, slow, stalled:
        began = time.monotonic()
        fresh_server.process.send_signal(signal.SIGTERM)
        with pytest.raises(ConnectionClosed) as closed:
            echo.recv(timeout=10)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1012
        if fresh_server.is_ours:
            assert fresh_server.process.wait(10) == 0
            assert time.monotonic() - began < 8  # 4.5, on a machine with nothing else to do
    if fresh_server.is_ours:
        assert fresh_server.process.stdout is not None
        assert "background work stopped" in fresh_server.process.stdout.read()


@pytest.mark.parametrize("viewers", [50, pytest.param(500, marks=pytest.mark.long)])
def test_every_viewer_is_told_and_comes_back(engine_url: str, tmp_path: Path, viewers: int) -> None:
    """From SIGTERM to the last close; and from the port's return until everybody is back."""
    settings = {"PORT": str(free_port()), "SOCKETS_PER_PERSON": "1000"}
    with contextlib.ExitStack() as stack:
        site = stack.enter_context(running_site(engine_url, tmp_path, **settings))
        person = Person(site)
        told = asyncio.run(told_of_the_end(person, viewers))
        stack.enter_context(running_site(engine_url, tmp_path, **settings))
        back = asyncio.run(come_back(person, viewers))
        person.close()
    print(f"{viewers} viewers: told within {told:.2f} s, back in {back:.2f} s")
    assert told < 5
    assert back < 15


async def told_of_the_end(person: Person, viewers: int) -> float:
    """Seconds from SIGTERM until each was closed with 1012."""
    sockets = await open_all(person, viewers)
    began = time.monotonic()
    person.site.process.send_signal(signal.SIGTERM)
    codes = await asyncio.gather(*(close_code(socket) for socket in sockets))
    took = time.monotonic() - began
    assert set(codes) == {"1012"}
    assert await asyncio.to_thread(ended, person.site) == 0
    return took


async def come_back(person: Person, viewers: int) -> float:
    """Seconds until everybody has a socket and its first message again."""
    began = time.monotonic()
    sockets = await open_all(person, viewers)
    took = time.monotonic() - began
    for socket in sockets:
        await socket.close()
    return took


async def open_all(person: Person, viewers: int) -> list[Socket]:
    """So many live sockets, all asked for at once, each with its first message."""
    sockets = await asyncio.gather(*(Socket.open(person, "/ws/live/") for _ in range(viewers)))
    for socket in sockets:
        socket.say(sub=["containers:local", "jobs"], since={"containers:local": -1})
        await socket.receive()
    return list(sockets)


async def close_code(socket: Socket) -> str:
    try:
        while True:
            await socket.receive()
    except Closed as closed:
        await socket.close()
        return str(closed)


def ended(site: Site) -> int:
    return site.process.wait(20)
