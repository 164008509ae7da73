"""Streams of events that no real engine can be brought to send, for the stand-in's ``pour``."""

import asyncio
import itertools
import json
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence

HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
)
TICK = 0.02


class Storm:
    """``faulty_engine.inject("GET /events", pour=storm.pour)``: the engine's events are ours."""

    def __init__(self) -> None:
        self._waiting: deque[bytes] = deque()

    async def pour(self) -> AsyncIterator[bytes]:
        yield HEAD
        while True:
            await asyncio.sleep(TICK / 2)
            while self._waiting:
                yield chunk(self._waiting.popleft())

    def say(self, action: str, ids: Sequence[str]) -> None:
        """An event of each of these containers. From any thread."""
        self._waiting.append(b"".join(event(action, id) for id in ids))

    def blow(self, action: str, ids: Sequence[str], per_second: int, seconds: float) -> None:
        """So many a second, in turn of these containers; returns when it is over."""
        turns, due = itertools.cycle(ids), time.monotonic()
        for _ in range(round(seconds / TICK)):
            self.say(action, list(itertools.islice(turns, round(per_second * TICK))))
            due += TICK
            time.sleep(max(0.0, due - time.monotonic()))


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def event(action: str, id: str) -> bytes:
    now = time.time_ns()
    said = {
        "Type": "container",
        "Action": action,
        "Actor": {"ID": id, "Attributes": {}},
        "time": now // 10**9,
        "timeNano": now,
    }
    return json.dumps(said).encode() + b"\n"
