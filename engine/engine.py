"""One host's engine: short calls, streams, logs, stats, and the mirror of what it holds."""

import asyncio
from contextlib import suppress
from typing import Any

from engine.commands import Commands
from engine.feed import LogFeeds
from engine.helpers import Helpers
from engine.listed import Listed
from engine.meter import Meter
from engine.mirror import Mirror
from engine.stats_feed import StatsFeeds
from engine.streams import Streams
from engine.threads import Door
from engine.types import EngineState
from engine.usage import DiskUsage
from engine.written import WrittenLayers

SWEEP_SECONDS = 5.0
CLOSE_SECONDS = 3.0
CAME_OR_WENT = frozenset({"create", "destroy", "remove"})


class Engine:
    """``run`` keeps the mirror true until it is cancelled; the runtime owns it."""

    def __init__(self, name: str, address: str, door: Door) -> None:
        self.name, self.address = name, address
        self.public_name = ""
        self.commands = Commands(address)
        self.streams = Streams(address)
        self.mirror = Mirror(self.commands, self.streams, door)
        self.logs = LogFeeds(self.commands, self.streams, self.mirror, door)
        self.stats = StatsFeeds(self.streams, door)
        self.meter = Meter(self.streams, self.mirror, door)
        self.helpers = Helpers(self.commands)
        self.usage = DiskUsage(self.commands)
        self.written = WrittenLayers(self.streams, door)
        self.networks = Listed(self.commands.network_rows, door)
        self.volumes = Listed(self.commands.volume_rows, door)
        self._door = door

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(self.mirror.run())
            group.create_task(self._sweep())
            group.create_task(self._outdate())

    async def _outdate(self) -> None:
        lists: dict[str, Listed[Any]] = {"network": self.networks, "volume": self.volumes}
        async with self.mirror.events() as events:
            async for event in events:
                if event.kind in lists and event.action in CAME_OR_WENT:
                    lists[event.kind].outdate()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            self.written.sweep()
            if self.mirror.snapshot.state == EngineState.UP:
                await self._door.run(self.helpers.sweep, self.mirror.hidden)

    async def close(self) -> None:
        """Stop logs and stats, remove our helpers, drop idle connections; ``run`` is cancelled by
        its owner."""
        await self.logs.hub.close()
        await self.stats.hub.close()
        await self.meter.hub.close()
        if self.mirror.snapshot.state == EngineState.UP:
            with suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await self._door.run(self.helpers.close)
        self.commands.close()
