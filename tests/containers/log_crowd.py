"""Many viewers of few chatty containers: what each one saw, and when."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.http import Person
from tests.bench.log_client import ACK_EVERY, HEAD
from tests.bench.websocket import Closed, Socket

CHATTY = "i=0; while :; do i=$((i+1)); echo $i; usleep 100000; done"


@dataclass
class Onlooker:
    """``numbers`` are the lines, ``lags`` seconds since the engine's stamp, ``others`` news."""

    socket: Socket
    numbers: list[int] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)
    others: list[str] = field(default_factory=list)

    @classmethod
    async def open(cls, person: Person, id: str) -> "Onlooker":
        base = f"hosts/local/containers/{id}/logs/"
        ticket = await asyncio.to_thread(lambda: person.ticket(f"/{base}ticket/", tail="1"))
        return cls(await Socket.open(person, f"/ws/{base}", ticket))

    async def look(self) -> None:
        received = acked = 0
        opened = time.time()
        while True:
            try:
                message = await self.socket.receive()
            except Closed as closed:
                self.others.append(f"closed {closed}")
                return
            received += len(message)
            if received - acked >= ACK_EVERY:
                acked = received
                self.socket.say(ack=received)
            if message[0] == 0:
                self.take(message, opened)
            else:
                self.others.append(str(json.loads(message[1:])["event"]))

    def take(self, message: bytes, opened: float) -> None:
        at, now = 1, time.time()
        while at < len(message):
            _stream, ns, _ordinal, length = HEAD.unpack_from(message, at)
            at += HEAD.size + length
            self.numbers.append(int(message[at - length : at]))
            if ns / 1e9 > opened:
                self.lags.append(now - ns / 1e9)

    @property
    def whole(self) -> bool:
        """Nothing lost, nothing doubled, nothing out of order."""
        first, last = self.numbers[0], self.numbers[-1]
        return self.numbers == list(range(first, last + 1))


@dataclass(frozen=True)
class Use:
    """What a server process holds: MiB resident, threads, descriptors."""

    memory: float
    threads: int
    descriptors: int

    @classmethod
    def of(cls, process: int) -> "Use":
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
        status = dict(line.split(":", 1) for line in lines)
        return cls(
            int(status["VmRSS"].split()[0]) / 1024,
            int(status["Threads"]),
            len(list(Path(f"/proc/{process}/fd").iterdir())),
        )


async def watched(
    person: Person, ids: list[str], viewers: int, seconds: float
) -> tuple[list[Onlooker], Use]:
    """So many viewers, spread over the containers, for so long; the server's use at the end."""
    crowd, looking = [], []
    for number in range(viewers):  # who does not look answers no ping, and is dropped
        crowd.append(await Onlooker.open(person, ids[number % len(ids)]))
        looking.append(asyncio.ensure_future(crowd[-1].look()))
    await asyncio.sleep(seconds)
    use = Use.of(person.site.process.pid)
    for task in looking:
        task.cancel()
    await asyncio.gather(*looking, return_exceptions=True)
    for onlooker in crowd:
        await onlooker.socket.close()
    return crowd, use
