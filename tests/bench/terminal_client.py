"""Two ends of a terminal: our socket, and ``docker exec -it`` in a pty. Both only count bytes."""

import asyncio
import json
import os
import pty
import struct
import subprocess
import tty

from tests.bench.http import Person
from tests.bench.websocket import Socket
from tests.bench.world import World

ACK_EVERY = 64 * 1024
PIECE = 2**20


class Shell:
    """A command at our terminal socket."""

    def __init__(self, socket: Socket) -> None:
        self.socket = socket
        self.received = self.acked = 0

    @classmethod
    async def open(cls, person: Person, id: str, command: str) -> "Shell":
        base = f"hosts/local/containers/{id}/terminal/"
        ticket = await asyncio.to_thread(
            lambda: person.ticket(f"/{base}ticket/", command=command, cols="80", rows="24")
        )
        return cls(await Socket.open(person, f"/ws/{base}", ticket))

    async def output(self) -> bytes:
        """The next output; empty when the command has exited."""
        while True:
            message = await self.socket.receive()
            if message[0] == 0:
                self.received += len(message) - 1
                if self.received - self.acked >= ACK_EVERY:
                    self.acked = self.received
                    self.socket.send(b"\2" + struct.pack(">Q", self.received))
                return message[1:]
            if json.loads(message[1:])["event"] in ("exited", "ended"):
                return b""

    def type(self, data: bytes) -> None:
        self.socket.send(b"\0" + data)


class Exec:
    """``docker exec -it`` on a pty of its own; blocking."""

    def __init__(self, world: World, id: str, command: list[str]) -> None:
        self.master, slave = pty.openpty()
        tty.setraw(slave)
        arguments = world.docker("exec", "-it", id, *command)
        self._process = subprocess.Popen(arguments, stdin=slave, stdout=slave, stderr=slave)
        os.close(slave)

    def close(self) -> None:
        self._process.terminate()
        self._process.wait()
        os.close(self.master)

    def output(self) -> bytes:
        """The next output; empty when the command has exited."""
        try:
            return os.read(self.master, PIECE)
        except OSError:  # EIO: nobody holds the other end
            return b""

    def type(self, data: bytes) -> None:
        os.write(self.master, data)
