"""What containers have written over their images: asked of the engine once for all who look.

The engine walks the whole layer for each answer and has no pages. So an answer is read piece by
piece up to a bound, and kept for a minute, within another: who turns a page or opens a folder
looks into the same one. A container whose layer takes long holds up nobody but who looks at it:
an answer takes room once it comes, and a person asks for a few at a time.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from weakref import WeakValueDictionary

from engine.errors import EngineError, EngineSilent
from engine.layer_diff import Written
from engine.streams import Streams
from engine.threads import Door

MOST_PATHS = 100_000  # of one container, and of all that are kept together
MOST_TEXT = 10_000_000  # characters of these: a path may have four thousand
AT_ONCE = 3  # answers that are read: each may take that much memory
MOST, MOST_EACH = 12, 2  # that an engine works at: for all, for one person
KEPT = timedelta(seconds=60)
SECONDS = 20.0


class WrittenLayers:
    """Those of one engine. On the loop only."""

    def __init__(self, streams: Streams, door: Door) -> None:
        self._streams = streams
        self._door = door
        self._kept: OrderedDict[str, Written] = OrderedDict()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._room = asyncio.Semaphore(AT_ONCE)
        self._asked = asyncio.Semaphore(MOST)
        self._shares: WeakValueDictionary[int, asyncio.Semaphore] = WeakValueDictionary()

    async def of(self, id: str, q: str = "", max_age: timedelta = KEPT, *, who: int = 0) -> Written:
        """Paths that hold ``q``, whatever its case, as they were at most ``max_age`` ago, for a
        person (an id; 0 is nobody's person).

        Of more than the bounds those are read for themselves. Raises EngineErrors.
        """
        began = datetime.now(UTC)
        async with self._turns.setdefault(id, asyncio.Lock()):
            found = self._kept.get(id)
            if found is None or found.at < began - max_age:
                found = await self._read(id, who)
                self._keep(id, found)
            if found.partial and q:
                return await self._read(id, who, q)
        return await self._door.run(found.narrowed, q)

    async def soon(self, id: str, seconds: float, *, who: int = 0) -> Written | None:
        """All of it, where that is known within ``seconds``; else it is so a moment later, unless
        the person waits for others already."""
        if any(each and each.locked() for each in (self._turns.get(id), self._shares.get(who))):
            return None
        task = self._door.spawn(self._known(id, who), f"what {id[:12]} has written")
        await asyncio.wait([task], timeout=seconds)
        return task.result() if task.done() else None

    async def _known(self, id: str, who: int) -> Written | None:
        try:
            return await self.of(id, who=who)
        except EngineError:
            return None

    def sweep(self) -> None:
        """Let go what is kept no longer."""
        oldest = datetime.now(UTC) - KEPT
        for id in [id for id, each in self._kept.items() if each.at < oldest]:
            del self._kept[id]

    def _keep(self, id: str, found: Written) -> None:
        self._kept[id] = found
        self._kept.move_to_end(id)
        while not self._fits():
            self._kept.popitem(last=False)

    def _fits(self) -> bool:
        kept = self._kept.values()
        paths, text = sum(len(each.paths) for each in kept), sum(each.size for each in kept)
        return paths <= MOST_PATHS and text <= MOST_TEXT

    async def _read(self, id: str, who: int, q: str = "") -> Written:
        at: datetime | None = None
        try:
            async with asyncio.timeout(SECONDS), self._share(who), self._asked:
                at = datetime.now(UTC)
                found = await self._found(id, q.casefold())
        except TimeoutError:
            if at is None:
                raise EngineSilent(
                    "The engine still compares other containers with their images: try again soon."
                ) from None
            words = f"The engine took more than {SECONDS:g} s to compare the container's files"
            raise EngineSilent(f"{words} with its image's.") from None
        return await self._door.run(bounded, at, found)

    @asynccontextmanager
    async def _share(self, who: int) -> AsyncIterator[None]:
        share = self._shares.setdefault(who, asyncio.Semaphore(MOST_EACH if who else MOST))
        async with share:
            yield

    async def _found(self, id: str, wanted: str) -> dict[str, int]:
        """All that hold ``wanted``, or some more than there is room for. The engine answers once
        it has compared all: until then nothing of it is here."""
        found, size = dict[str, int](), 0
        async with self._streams.diff(id) as batches, self._room:
            async for batch in batches:
                some = [item for item in batch if wanted in item[0].casefold()]
                found.update(some)
                size += sum(len(path) for path, _kind in some)
                if len(found) > MOST_PATHS or size > MOST_TEXT:
                    break
        return found


def bounded(at: datetime, found: dict[str, int]) -> Written:
    """Of the first, as many as there is room for."""
    room, first = MOST_TEXT, dict[str, int]()
    for path, kind in found.items():
        room -= len(path)
        if len(first) == MOST_PATHS or room < 0:
            break
        first[path] = kind
    return Written.of(at, first, len(first) < len(found))
