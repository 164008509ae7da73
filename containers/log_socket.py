"""The log socket: transport only. Lines come from the host's log feeds."""

import asyncio
import json
from typing import Any

from containers.log_wire import messages, news
from engine.engine import Engine
from engine.errors import EngineError
from engine.feed import Divider, Ended, LogBatch, LogRange, Skipped
from engine.types import LogLine
from hosts.live import engine_of
from web.sockets import BROKEN, ENDED, Credit, TicketSocket

CREDIT = 256 * 1024
FLUSH_BYTES = 64 * 1024
FLUSH_SECONDS = 0.05


class LogSocket(TicketSocket):
    """Batches of lines within the browser's credit; what it cannot take is skipped and counted."""

    action = right = "container.logs"

    async def opened(self) -> None:
        self.credit = Credit(CREDIT)
        self.going = asyncio.Event()
        self.going.set()
        self.more = asyncio.Event()
        self.lines: list[LogLine] = []
        self.size = 0
        self.own(self.read(engine_of(self.ticket.host), self.ticket.options["range"]))
        self.own(self.flush_soon())

    async def read(self, engine: Engine, wanted: LogRange) -> None:
        try:
            async with engine.logs.subscribe(self.ticket.object_id, wanted) as items:
                async for item in items:
                    await self.going.wait()
                    await self.credit.wait()
                    await self.take(item)
        except EngineError as error:
            await self.spend(news("error", reason=error.message))
        await self.flush()
        await self.close(ENDED)

    async def take(self, item: LogBatch | Skipped | Divider | Ended) -> None:
        if isinstance(item, LogBatch):
            self.lines += item.lines
            self.size += item.size
            self.more.set()
            if self.size < FLUSH_BYTES:
                return
        await self.flush()
        if not isinstance(item, LogBatch):
            await self.spend(news(**item.words()))

    async def flush_soon(self) -> None:
        """A quiet line goes at once; under a flood what came within 50 ms goes together."""
        while True:
            await self.more.wait()
            await self.flush()
            await asyncio.sleep(FLUSH_SECONDS)

    async def flush(self) -> None:
        self.more.clear()
        lines, self.lines, self.size = self.lines, [], 0
        for message in messages(lines):
            await self.spend(message)

    async def spend(self, message: bytes) -> None:
        self.credit.spend(len(message))
        await self.send(bytes_data=message)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        try:
            asked: dict[str, Any] = json.loads(text_data or "")
            if "ack" in asked and not self.credit.ack(int(asked["ack"])):
                raise ValueError
        except (ValueError, TypeError):
            return await self.close(BROKEN)
        if "pause" in asked:
            self.going.clear() if asked["pause"] else self.going.set()
