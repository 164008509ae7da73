"""What the containers of a list use: read in turn while somebody looks, never for nobody.

One reading is a short call of the engine (``one-shot``), so a hundred rows that are looked at cost
a hundred calls in five seconds, however many look; a stream for each would cost a third of a core.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType

from engine.errors import EngineError
from engine.hub import Hub
from engine.mirror import Mirror
from engine.stats import CpuTime, cpu_between, cpu_time, sample_of
from engine.streams import Streams
from engine.threads import Door

EVERY = 5.0  # seconds between two readings of a container
SOON = 1.0  # after its first one: a share of the CPU takes two
TICK = 0.5
AT_ONCE = 3  # readings under way: the engine has others to serve
DEADLINE = 5.0  # of one reading
WEDGED = 30.0  # before one that did not answer in time is asked again
TRAIL = 24  # shares of the CPU that are kept: two minutes
LINGER = 60.0  # a page that is loaded anew goes on with what was read


@dataclass(frozen=True, slots=True)
class Reading:
    """``cpu`` in percent of one core, None before there are two readings; bytes. ``trail`` has
    the latest shares of the CPU, the oldest first; ``count`` is how many there ever were."""

    at: datetime
    cpu: float | None
    memory: int
    memory_limit: int
    trail: tuple[float, ...] = ()
    count: int = 0


@dataclass(eq=False, slots=True)
class Look:
    """What one viewer looks at: ids, which they may change."""

    ids: frozenset[str] = frozenset()


@dataclass(slots=True)
class _Known:
    due: float
    time: CpuTime | None = None
    trail: deque[float] = field(default_factory=lambda: deque(maxlen=TRAIL))
    count: int = 0


class Sweep:
    """An upstream of the hub: reads what the looks want and what runs."""

    def __init__(self, streams: Streams, mirror: Mirror) -> None:
        self.looks: set[Look] = set()
        self.readings: Mapping[str, Reading] = MappingProxyType({})
        self.rounds = 0  # how often each that was wanted then has been read
        self._streams, self._mirror = streams, mirror
        self._known: dict[str, _Known] = {}
        self._told = asyncio.Condition()

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        told = loop.time()
        while True:
            gone = self._forget()
            due = [id for id in self._wanted() if self._due(id) <= loop.time()]
            took = -loop.time()
            await self._read_all(due)
            took += loop.time()
            if due or gone or loop.time() - told > EVERY:  # what runs may be others, or none
                told = loop.time()
                await self._tell()
            await asyncio.sleep(max(TICK, took))  # half of the time at most is ours

    def _wanted(self) -> list[str]:
        rows = self._mirror.snapshot.containers
        ids = frozenset().union(*(look.ids for look in self.looks))
        return [id for id in ids if id in rows and rows[id].state == "running"]

    def _forget(self) -> bool:
        """What does not run has no numbers; what nobody looks at keeps them until the end."""
        rows = self._mirror.snapshot.containers
        gone = [id for id in self._known if id not in rows or rows[id].state != "running"]
        for id in gone:
            del self._known[id]
        if gone:
            left = {id: each for id, each in self.readings.items() if id in self._known}
            self.readings = MappingProxyType(left)
        return bool(gone)

    def _due(self, id: str) -> float:
        known = self._known.get(id)
        return 0.0 if known is None else known.due

    async def _read_all(self, ids: list[str]) -> None:
        waiting = iter(ids)
        found: dict[str, Reading] = {}

        async def some() -> None:
            for id in waiting:
                reading = await self._read(id)
                if reading is not None:
                    found[id] = reading

        async with asyncio.TaskGroup() as group:
            for _ in range(min(AT_ONCE, len(ids))):
                group.create_task(some())
        if found:
            self.readings = MappingProxyType({**self.readings, **found})

    async def _read(self, id: str) -> Reading | None:
        """None where the engine has no numbers of it now: the mirror will hear why."""
        known = self._known.setdefault(id, _Known(0.0))
        loop = asyncio.get_running_loop()
        known.due = loop.time() + WEDGED
        try:
            async with asyncio.timeout(DEADLINE):
                answer = await self._streams.reading(id)
        except TimeoutError:
            return None
        except EngineError:
            known.due = loop.time() + EVERY
            return None
        before, known.time = known.time, cpu_time(answer.get("cpu_stats") or {})
        known.due = loop.time() + (SOON if before is None else EVERY)
        sample = sample_of(answer)
        if sample is None:
            return None
        cpu = None if before is None else cpu_between(before, known.time)
        if cpu is not None:
            known.trail.append(round(cpu, 2))
            known.count += 1
        now = datetime.now(UTC)
        memory, limit = sample.memory, sample.memory_limit
        return Reading(now, cpu, memory, limit, tuple(known.trail), known.count)

    async def _tell(self) -> None:
        async with self._told:
            self.rounds += 1
            self._told.notify_all()

    @contextmanager
    def looked(self, look: Look) -> Iterator[None]:
        self.looks.add(look)
        try:
            yield
        finally:
            self.looks.discard(look)

    async def news(self) -> AsyncGenerator[Mapping[str, Reading]]:
        """What is known at once, then whenever something was read, and every five seconds."""
        while True:
            seen = self.rounds
            yield self.readings
            async with self._told:
                await self._told.wait_for(lambda: self.rounds != seen)  # noqa: B023


class Meter:
    """The readings of one engine. ``readings`` may be read from any thread."""

    def __init__(self, streams: Streams, mirror: Mirror, door: Door) -> None:
        self._sweep: Sweep | None = None
        self._streams, self._mirror = streams, mirror
        self.hub: Hub[str, Sweep] = Hub(door, self._begin, "meter", LINGER)

    @property
    def readings(self) -> Mapping[str, Reading]:
        """Of what somebody looks at, or did within the last minute."""
        sweep = self._sweep
        return sweep.readings if sweep is not None and len(self.hub) else MappingProxyType({})

    async def watch(self, look: Look) -> AsyncGenerator[Mapping[str, Reading]]:
        """All readings, whenever there are new ones; closed, nobody looks through ``look``."""
        async with self.hub.hold("all") as sweep, aclosing(sweep.news()) as news:
            with sweep.looked(look):
                async for readings in news:
                    yield readings

    def _begin(self, key: str) -> Sweep:
        self._sweep = Sweep(self._streams, self._mirror)
        return self._sweep
