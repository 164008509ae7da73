"""The contract of the server: slow clients, early refusals, deadlines, an orderly end.

Where it says ``server`` it holds for any ASGI server and runs under uvicorn too.
"""

import contextlib
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

MIB = 2**20


@dataclass
class Running:
    process: "subprocess.Popen[str]"
    port: int

    def open(self, data: bytes = b"") -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        connection.sendall(data)
        return connection

    def ask(self, data: bytes) -> bytes:
        """Send, and return everything until the server closes the connection."""
        with self.open(data) as connection:
            return read_to_end(connection)

    def get(self, path: str) -> bytes:
        return self.ask(request("GET", path)).partition(b"\r\n\r\n")[2]

    def facts(self) -> tuple[int, int, int]:
        """RSS in bytes, requests for /seen that reached the application, downloads ended."""
        memory, seen, ended, _ = self.get("/facts").split(b" ")
        return int(memory), int(seen), int(ended)

    def socket(self, path: str) -> ClientConnection:
        return connect(f"ws://127.0.0.1:{self.port}{path}", ping_interval=None, max_queue=1)


def request(method: str, path: str, *headers: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *headers]
    if not any(line.startswith("Connection") for line in lines):
        lines.append("Connection: close")
    return "\r\n".join([*lines, "", ""]).encode()


def read_to_end(connection: socket.socket) -> bytes:
    parts = []
    with contextlib.suppress(ConnectionResetError):
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


@contextlib.contextmanager
def running(kind: str) -> Iterator[Running]:
    command = [sys.executable, "-m", "tests.dashboard.server_app", kind]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Running(process, int(process.stdout.readline().rsplit(":", 1)[1]))
        finally:
            process.kill()


@pytest.fixture(params=["daphne", "uvicorn"])
def server(request: pytest.FixtureRequest) -> Iterator[Running]:
    with running(request.param) as found:
        yield found


@pytest.fixture
def ours() -> Iterator[Running]:
    with running("daphne") as found:
        yield found


def test_a_slow_client_does_not_fill_the_memory(server: Running) -> None:
    before = server.facts()[0]
    with server.open(request("GET", "/download")) as slow:
        slow.recv(1000)
        time.sleep(1.5)
        grown, _, ended = server.facts()
        assert ended == 0
        assert grown - before < 16 * MIB
        assert len(read_to_end(slow)) > 299 * MIB


def test_downloads_on_one_connection_follow_each_other(ours: Running) -> None:
    with ours.open(request("GET", "/download", "Connection: keep-alive") * 2) as client:
        client.sendall(request("GET", "/facts"))
        assert read_to_end(client).count(b"HTTP/1.1 200") == 3


def test_a_client_that_goes_away_releases_the_application(server: Running) -> None:
    slow = server.open(request("GET", "/download"))
    slow.recv(1000)
    slow.close()
    assert eventually(lambda: server.facts()[2] == 1)


def test_a_flood_to_a_socket_that_does_not_read_waits(server: Running) -> None:
    before = server.facts()[0]
    with server.socket("/flood") as flooded:
        time.sleep(1.5)
        assert server.facts()[0] - before < 24 * MIB
        total = 0
        while total < 200 * MIB:
            total += len(flooded.recv(timeout=20))


def test_a_flood_from_a_socket_that_is_not_heard_waits(ours: Running) -> None:
    before = ours.facts()[0]
    with ours.open(upgrade("/deaf")) as client:
        client.recv(1000)
        client.settimeout(2)
        frame = b"\x82\xfe\xff\xff\0\0\0\0" + bytes(65535)
        assert blocked(client, frame, 64 * MIB)
        assert ours.facts()[0] - before < 16 * MIB


def test_pings_of_a_client_that_does_not_read_are_not_answered(ours: Running) -> None:
    before = ours.facts()[0]
    with ours.open(upgrade("/flood")) as client:
        time.sleep(0.5)
        ping = (b"\x89\xfd\0\0\0\0" + bytes(125)) * 500
        client.settimeout(1)
        blocked(client, ping, 32 * MIB)
        assert ours.facts()[0] - before < 24 * MIB


def blocked(client: socket.socket, data: bytes, total: int) -> bool:
    """Whether the server stopped reading before it was sent as many bytes."""
    try:
        for _ in range(total // len(data)):
            client.sendall(data)
    except TimeoutError:
        return True
    return False


def upgrade(path: str) -> bytes:
    key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    version = "Sec-WebSocket-Version: 13"
    return request("GET", path, "Upgrade: websocket", "Connection: Upgrade", key, version)


def test_sockets_echo_and_are_refused(server: Running) -> None:
    with server.socket("/echo") as echo:
        echo.send(bytes(MIB - 1))
        assert len(echo.recv()) == MIB - 1
    with pytest.raises(InvalidStatus, match="403"):
        server.socket("/refuse")


def test_a_message_over_the_bound_closes_with_1009(ours: Running) -> None:
    with ours.socket("/echo") as echo:
        echo.send(bytes(MIB + 1))
        with pytest.raises(ConnectionClosed) as closed:
            echo.recv(timeout=5)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


UPLOAD = "/hosts/local/uploads/1"
FORM = "/hosts/local/containers/1/files/upload/"


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("POST", "/seen", ["Content-Length: 3000000", "Cookie: session=good"], 413),
        ("POST", "/login/", ["Content-Length: 70000", "Cookie: session=good"], 413),
        ("PATCH", UPLOAD, ["Content-Length: 16777217", "Cookie: session=good"], 413),
        ("PATCH", UPLOAD, ["Content-Length: 8388608", "Cookie: session=bad"], 401),
        ("PATCH", UPLOAD, ["Content-Length: 8388608"], 401),
        ("PATCH", UPLOAD, ["Content-Length: 8388608", "Expect: 100-continue"], 401),
        ("PATCH", UPLOAD, ["Transfer-Encoding: chunked"], 401),
        ("POST", FORM, ["Content-Length: 68157441", "Cookie: session=good"], 413),
        ("POST", FORM, ["Content-Length: 100"], 401),
        ("PATCH", "/hosts/local/%75ploads/1", ["Content-Length: 8388608"], 413),
    ],
)
def test_a_body_is_refused_before_it_comes(
    ours: Running, method: str, path: str, headers: list[str], status: int
) -> None:
    with ours.open(request(method, path, *headers)) as client:
        answer = client.recv(65536)
        assert answer.startswith(f"HTTP/1.1 {status} ".encode())
        assert b"\n\n" not in answer
        assert read_to_end(client) == b""


def test_a_long_body_without_a_login_is_refused_in_words(ours: Running) -> None:
    """The client that has already begun to send can still read why."""
    head = request("POST", "/seen", "Content-Length: 2000000")
    answer = ours.ask(head + bytes(2_000_000))
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert answer.endswith(b"Log in first.\n")
    chunked = request("POST", "/seen", "Transfer-Encoding: chunked")
    chunk = b"8000\r\n" + bytes(0x8000) + b"\r\n"
    assert ours.ask(chunked + 4 * chunk).startswith(b"HTTP/1.1 401 ")
    assert ours.facts()[1] == 0


@pytest.mark.parametrize("size", [1, 65_536, 65_537, 8 * MIB])
def test_a_body_that_may_come_arrives_whole(ours: Running, size: int) -> None:
    headers = ("Cookie: session=good", f"Content-Length: {size}")
    assert ours.ask(request("PATCH", UPLOAD, *headers) + bytes(size)).endswith(b"%d" % size)


def test_a_client_that_asks_first_is_told_to_go_on(ours: Running) -> None:
    headers = ("Cookie: session=good", "Content-Length: 8388608", "Expect: 100-continue")
    with ours.open(request("PATCH", UPLOAD, *headers)) as client:
        assert client.recv(1000).startswith(b"HTTP/1.1 100 ")
        client.sendall(bytes(8 * MIB))
        assert read_to_end(client).endswith(b"8388608")


def test_a_chunked_body_is_counted_and_cut(ours: Running) -> None:
    head = request("POST", "/seen", "Cookie: session=good", "Transfer-Encoding: chunked")
    chunk = b"100000\r\n" + bytes(MIB) + b"\r\n"
    assert ours.ask(head + chunk + b"0\r\n\r\n").endswith(b"1048576")
    answer = ours.ask(head + 3 * chunk + b"0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"2.5 MiB" in answer


def test_headers_have_a_limit(ours: Running) -> None:
    assert b" 200 " not in ours.ask(request("GET", "/facts", f"X: {'x' * 20_000}"))
    answer = ours.ask(request("GET", "/", *(f"X-{n}: {'x' * 500}" for n in range(60))))
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert ours.get("/facts")


@pytest.mark.parametrize(
    "raw",
    [
        request("POST", "/", "Content-Length: 5", "Transfer-Encoding: chunked") + b"0\r\n\r\n",
        request("POST", "/", "Content-Length: 5", "Content-Length: 6") + b"hello",
        request("POST", "/", "Transfer-Encoding: chunked") + b"zz\r\n",
        b"nonsense\r\n\r\n",
    ],
)
def test_broken_requests_are_refused(ours: Running, raw: bytes) -> None:
    assert ours.ask(raw).startswith(b"HTTP/1.1 400 ")
    assert ours.get("/facts")


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\n",
        request("POST", "/seen", "Content-Length: 1000"),
    ],
    ids=["headers", "body"],
)
def test_a_byte_now_and_then_does_not_hold_a_connection(ours: Running, sent: bytes) -> None:
    began = time.monotonic()
    with ours.open(sent) as slow, contextlib.suppress(ConnectionError):
        while time.monotonic() - began < 10:
            slow.sendall(b"x")
            time.sleep(0.25)
    assert 2 < time.monotonic() - began < 8


def test_a_client_cannot_name_its_own_root_or_address(ours: Running) -> None:
    forged = ("Daphne-Root-Path: /evil", "X-Forwarded-For: 10.1.1.1")
    assert b"evil" not in ours.ask(request("GET", "/facts", *forged))


def test_an_answer_that_fails_half_way_is_cut_short(ours: Running) -> None:
    with ours.open(request("GET", "/fails")) as client:
        answer = read_to_end(client)
    assert answer.endswith(b"half\r\n")  # and not the "0" that ends a chunked body
    for _ in range(2):
        with ours.open(request("GET", "/fails")) as client:
            assert read_to_end(client)


@pytest.mark.parametrize("code", [1000, 1008, 1009, 1012, 4003])
def test_an_application_may_close_with_any_code(server: Running, code: int) -> None:
    with server.socket(f"/close/{code}") as client, pytest.raises(ConnectionClosed) as closed:
        client.recv(timeout=5)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == code


def test_sigterm_closes_sockets_with_1012_and_ends(ours: Running) -> None:
    slow = ours.open(request("GET", "/slow"))
    stalled = ours.open(request("GET", "/download"))
    stalled.recv(1000)
    with ours.socket("/echo") as echo, slow, stalled:
        began = time.monotonic()
        ours.process.send_signal(signal.SIGTERM)
        with pytest.raises(ConnectionClosed) as closed:
            echo.recv(timeout=5)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1012
        assert ours.process.wait(6) == 0
        assert time.monotonic() - began < 5
    assert ours.process.stdout is not None
    assert "background work stopped" in ours.process.stdout.read()


def eventually(true: Callable[[], bool], seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.2)
    return False
