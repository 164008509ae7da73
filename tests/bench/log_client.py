"""A viewer at the log socket that counts: lines, skipped, and lines that came out of order."""

import asyncio
import json
import os
import struct
import subprocess
import time
from dataclasses import dataclass, field

from tests.bench.http import Person
from tests.bench.websocket import Closed, Socket
from tests.bench.world import World

HEAD = struct.Struct(">BqHI")  # stream, ns, ordinal, length
ACK_EVERY = 64 * 1024
PIECE = 2**20


@dataclass
class Viewer:
    """``first`` and ``last``: when lines came. ``kept`` holds raw messages until ``count``."""

    socket: Socket
    received: int = 0
    acked: int = 0
    lines: int = 0
    skipped: int = 0
    doubled: int = 0
    first: float = 0.0
    last: float = 0.0
    _kept: list[bytes] = field(default_factory=list)

    @classmethod
    async def open(cls, person: Person, id: str, **fields: str) -> "Viewer":
        base = f"hosts/local/containers/{id}/logs/"
        ticket = await asyncio.to_thread(lambda: person.ticket(f"/{base}ticket/", **fields))
        return cls(await Socket.open(person, f"/ws/{base}", ticket))

    async def read(self) -> None:
        """Until the log says that it has ended."""
        while True:
            try:
                message = await self.socket.receive()
            except Closed:
                return
            self.received += len(message)
            if self.received - self.acked >= ACK_EVERY:
                self.acked = self.received
                self.socket.say(ack=self.received)
            if message[0] == 0:
                self.last = time.perf_counter()
                self.first = self.first or self.last
                self._kept.append(message)
            elif self._told(json.loads(message[1:])):
                return

    def _told(self, news: dict[str, object]) -> bool:
        """Whether this is the end; ``created`` is only the wait for the first start."""
        if news["event"] == "skipped":
            self.skipped += int(str(news["count"]))
        return news["event"] == "ended" and news["reason"] != "created"

    def count(self) -> None:
        """Walk through what was kept: apart from the reading, so that it costs it nothing."""
        before = (0, 0)
        for message in self._kept:
            at, end = 1, len(message)
            while at < end:
                _stream, ns, ordinal, length = HEAD.unpack_from(message, at)
                self.doubled += (ns, ordinal) <= before
                before = (ns, ordinal)
                at += HEAD.size + length
                self.lines += 1
        self._kept.clear()


def command_rate(world: World, lines: int, *arguments: str) -> float:
    """Lines a second of a docker command from its first byte, read as fast as it writes."""
    with subprocess.Popen(world.docker(*arguments), stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        out, count, first = process.stdout.fileno(), 0, 0.0
        while piece := os.read(out, PIECE):
            first = first or time.perf_counter()
            count += piece.count(b"\n")
            if count >= lines:
                break
        seconds = time.perf_counter() - first
        process.terminate()
    if count < lines:
        raise RuntimeError(f"docker {arguments[0]}: {count} of {lines} lines")
    return count / seconds
