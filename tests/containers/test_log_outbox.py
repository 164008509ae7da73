"""What goes out to one browser: in order, within its credit, nothing twice. Pure."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

from containers.log_messages import Patience
from containers.log_outbox import CREDIT, Outbox
from engine.log_items import Divider, Skipped, batch_of
from engine.log_merge import Failed
from engine.types import LogLine
from tests.containers.log_client import lines_of
from tests.running_engine import until


class Way:
    """A way out that is as slow as its ``open`` event."""

    def __init__(self) -> None:
        self.messages: list[bytes] = []
        self.open = asyncio.Event()
        self.open.set()

    async def send(self, message: bytes) -> None:
        self.messages.append(message)
        await self.open.wait()

    @property
    def numbers(self) -> list[int]:
        return [line.ns for one in self.messages if one[0] == 0 for line in lines_of(one)]


def batch(start: int, count: int, size: int = 100) -> object:
    return batch_of([LogLine(ns, 0, 1, b"x" * size) for ns in range(start, start + count)])


@contextlib.asynccontextmanager
async def running(box: Outbox) -> AsyncIterator[None]:
    task = asyncio.ensure_future(box.flush_soon())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_an_event_stands_behind_the_lines_before_it() -> None:
    way = Way()
    box = Outbox(way.send, merged=False)
    async with running(box):
        way.open.clear()
        await box.take(0, batch(0, 100, 500))  # type: ignore[arg-type]
        await until(lambda: len(way.messages) == 1)
        more = asyncio.ensure_future(box.take(0, batch(100, 700, 200)))  # type: ignore[arg-type]
        last = asyncio.ensure_future(box.take(0, Skipped(3)))
        await asyncio.sleep(0.1)
        way.open.set()
        await asyncio.gather(more, last)
        assert way.numbers == list(range(800))
        assert json.loads(way.messages[-1][1:]) == {"event": "skipped", "count": 3}


async def test_writers_that_wait_for_credit_share_it() -> None:
    way = Way()
    box = Outbox(way.send, merged=False)
    await box.put([bytes(CREDIT)])
    waiting = [asyncio.ensure_future(box.put([bytes(CREDIT * 3 // 4)])) for _ in range(5)]
    await asyncio.sleep(0.1)
    assert len(way.messages) == 1
    assert box.credit.ack(CREDIT)
    await until(lambda: len(way.messages) > 1)
    await asyncio.sleep(0.1)
    assert len(way.messages) == 3
    for writer in waiting:
        writer.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_nothing_goes_out_beyond_the_credit_until_it_is_acknowledged() -> None:
    way = Way()
    box = Outbox(way.send, merged=False)
    reading = asyncio.ensure_future(fill(box))
    async with running(box):
        await until(lambda: sum(map(len, way.messages)) >= CREDIT)
        await asyncio.sleep(0.2)
        sent = sum(map(len, way.messages))
        assert sent < CREDIT + 256 * 1024
        assert box.credit.ack(sent)
        await until(lambda: sum(map(len, way.messages)) > sent)
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)


async def fill(box: Outbox) -> None:
    for start in range(0, 100_000, 300):
        await box.take(0, batch(start, 300))  # type: ignore[arg-type]


async def test_a_loss_is_told_once_whoever_noticed() -> None:
    way = Way()
    box = Outbox(way.send, merged=True)
    for place in (0, 1):
        for reason in ("reconnecting", "reconnecting", "reconnected", "reconnected"):
            await box.tell(place, Divider(reason))  # type: ignore[arg-type]
    await box.tell(1, Failed("It is gone."))
    told = [json.loads(message[1:]) for message in way.messages]
    assert [(one["container"], one["reason"]) for one in told] == [
        (0, "reconnecting"),
        (0, "reconnected"),
        (1, "reconnecting"),
        (1, "reconnected"),
        (1, "It is gone."),
    ]


async def test_lines_that_are_paused_wait() -> None:
    way = Way()
    box = Outbox(way.send, merged=False)
    box.going.clear()
    taking = asyncio.ensure_future(box.take(0, batch(0, 1000, 100)))  # type: ignore[arg-type]
    await asyncio.sleep(0.1)
    assert way.messages == []
    box.going.set()
    await taking
    assert len(way.numbers) == 1000


def test_patience_forgives_with_time() -> None:
    patience = Patience(0.0)
    assert all(patience.lasts(0.0) for _ in range(2000))
    assert not patience.lasts(0.0)
    assert all(patience.lasts(10.0) for _ in range(900))
