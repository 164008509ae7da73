"""A server process with the contract tests' application, and raw ways to talk to it."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from websockets.sync.client import ClientConnection, connect

MIB = 2**20


@dataclass
class Running:
    """``kind`` is ``daphne`` (ours) or ``uvicorn``."""

    kind: str
    process: "subprocess.Popen[str]"
    port: int

    @property
    def is_ours(self) -> bool:
        return self.kind == "daphne"

    def open(self, data: bytes = b"", seconds: float = 20) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=seconds)
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

    def websocket(self, path: str) -> ClientConnection:
        address = f"ws://127.0.0.1:{self.port}{path}"
        return connect(address, ping_interval=None, max_queue=1, max_size=None)

    def upgraded(self, path: str) -> socket.socket:
        """A raw connection behind a good handshake."""
        connection = self.open(upgrade(path))
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += connection.recv(1)
        assert head.startswith(b"HTTP/1.1 101 "), head
        return connection


def request(method: str, path: str, *headers: str) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *headers]
    if not any(line.startswith("Connection") for line in lines):
        lines.append("Connection: close")
    return "\r\n".join([*lines, "", ""]).encode("latin1")


def upgrade(path: str) -> bytes:
    key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
    version = "Sec-WebSocket-Version: 13"
    return request("GET", path, "Upgrade: websocket", "Connection: Upgrade", key, version)


def read_to_end(connection: socket.socket) -> bytes:
    parts = []
    with contextlib.suppress(ConnectionResetError):
        while part := connection.recv(65536):
            parts.append(part)
    return b"".join(parts)


def blocked(client: socket.socket, data: bytes, total: int) -> bool:
    """Whether the server stopped reading before it was sent as many bytes."""
    try:
        for _ in range(total // len(data)):
            client.sendall(data)
    except TimeoutError:
        return True
    return False


def eventually(true: Callable[[], bool], seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.2)
    return False


@contextlib.contextmanager
def running(kind: str, **settings: str) -> Iterator[Running]:
    """Serve until the block ends; ``settings`` are those of ``tests.dashboard.server_app``."""
    command = [sys.executable, "-m", "tests.dashboard.server_app", kind]
    environment = {**os.environ, **settings}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        try:
            yield Running(kind, process, int(process.stdout.readline().rsplit(":", 1)[1]))
        finally:
            process.kill()
