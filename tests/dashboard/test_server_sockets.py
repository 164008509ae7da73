"""Sockets: messages of every kind and size, close codes, pings, floods of tiny frames."""

import contextlib
import time

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.dashboard.frames import BINARY, CONTINUED, LAST, PING, PONG, frame, read_frame
from tests.dashboard.servers import MIB, Running, running


@pytest.mark.parametrize("message", ["", b"", "ⓦ", b"\0\xff"])
def test_every_message_comes_back_as_it_was(server: Running, message: str | bytes) -> None:
    with server.websocket("/echo") as echo:
        echo.send(message)
        assert echo.recv(timeout=10) == message


def test_sockets_echo_and_are_refused(server: Running) -> None:
    with server.websocket("/echo") as echo:
        echo.send(bytes(MIB - 1))
        assert len(echo.recv()) == MIB - 1
    with pytest.raises(InvalidStatus, match="403"):
        server.websocket("/refuse")


@pytest.mark.parametrize("size", [MIB + 1, 10 * MIB])
def test_a_message_over_the_bound_closes_with_1009(server: Running, size: int) -> None:
    before = server.facts()[0]
    with server.websocket("/echo") as echo:
        with contextlib.suppress(ConnectionClosed):
            echo.send(bytes(size))
        with pytest.raises(ConnectionClosed) as closed:
            echo.recv(timeout=10)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009
    assert server.facts()[0] - before < 16 * MIB


@pytest.mark.parametrize("code", [1000, 1008, 1009, 1012, 4003])
def test_an_application_may_close_with_any_code(server: Running, code: int) -> None:
    with server.websocket(f"/close/{code}") as client, pytest.raises(ConnectionClosed) as closed:
        client.recv(timeout=5)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == code


@pytest.mark.parametrize("kind", ["daphne", "uvicorn"])
def test_a_quiet_socket_is_pinged(kind: str) -> None:
    with running(kind, PING_SECONDS="1") as server, server.upgraded("/echo") as quiet:
        assert read_frame(quiet)[0] & 0x0F == PING


@pytest.mark.long
def test_a_quiet_socket_is_pinged_every_20_seconds(server: Running) -> None:
    with server.upgraded("/echo") as quiet:
        quiet.settimeout(30)
        began = time.monotonic()
        assert read_frame(quiet)[0] & 0x0F == PING
        assert 18 < time.monotonic() - began < 24


COUNTS = [
    pytest.param(100_000, id="100000"),
    pytest.param(10**6, id="a million", marks=pytest.mark.long),
]
# Empty messages to an application that does not read, fragments of one message, pongs.
TINY = {"messages": LAST | BINARY, "fragments": CONTINUED, "pongs": LAST | PONG}


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("kind", TINY)
def test_tiny_frames_fill_no_memory(ours: Running, count: int, kind: str) -> None:
    before = ours.facts()[0]
    with ours.upgraded("/deaf") as client:
        client.settimeout(5)
        if kind == "fragments":
            client.sendall(frame(BINARY, b""))
        with contextlib.suppress(TimeoutError, ConnectionError):  # it may stop reading, or hang up
            for _ in range(count // 1000):
                client.sendall(frame(TINY[kind], b"") * 1000)
        for _ in range(5):
            time.sleep(0.2)
            assert ours.facts()[0] - before < 8 * MIB
