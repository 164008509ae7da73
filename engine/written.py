"""What containers have written over their images: asked of the engine once for all who look.

The engine walks the whole layer for each answer and has no pages. So an answer is read piece by
piece up to a bound, and kept for a minute, within another: who turns a page or opens a folder
looks into the same one.
"""

import asyncio
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from itertools import islice
from weakref import WeakValueDictionary

from engine.errors import EngineError, EngineSilent
from engine.layer_diff import Written
from engine.streams import Streams
from engine.threads import Door

MOST_PATHS = 100_000  # of one container, and of all that are kept together
KEPT = timedelta(seconds=60)
SECONDS = 20.0


class WrittenLayers:
    """Those of one engine. On the loop only."""

    def __init__(self, streams: Streams, door: Door) -> None:
        self._streams = streams
        self._door = door
        self._kept: OrderedDict[str, Written] = OrderedDict()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def of(self, id: str, q: str = "", max_age: timedelta = KEPT) -> Written:
        """Paths that hold ``q``, whatever its case, as they were at most ``max_age`` ago.

        Of more than ``MOST_PATHS`` those are read for themselves. Raises EngineErrors.
        """
        began = datetime.now(UTC)
        async with self._turns.setdefault(id, asyncio.Lock()):
            found = self._kept.get(id)
            if found is None or found.at < began - max_age:
                found = await self._read(id)
                self._keep(id, found)
            if found.partial and q:
                return await self._read(id, q)
        return await self._door.run(found.narrowed, q)

    async def soon(self, id: str, seconds: float) -> Written | None:
        """All of it, where that is known within ``seconds``; else it is so a moment later."""
        if (turn := self._turns.get(id)) and turn.locked():
            return None
        task = self._door.spawn(self._known(id), f"what {id[:12]} has written")
        await asyncio.wait([task], timeout=seconds)
        return task.result() if task.done() else None

    async def _known(self, id: str) -> Written | None:
        try:
            return await self.of(id)
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
        while sum(len(each.paths) for each in self._kept.values()) > MOST_PATHS:
            self._kept.popitem(last=False)

    async def _read(self, id: str, q: str = "") -> Written:
        at, found, wanted = datetime.now(UTC), dict[str, int](), q.casefold()
        try:
            async with asyncio.timeout(SECONDS), self._streams.diff(id) as batches:
                async for batch in batches:
                    found.update(item for item in batch if wanted in item[0].casefold())
                    if len(found) > MOST_PATHS:
                        break
        except TimeoutError:
            words = f"The engine took more than {SECONDS:g} s to compare the container's files"
            raise EngineSilent(f"{words} with its image's.") from None
        partial = len(found) > MOST_PATHS
        first = dict(islice(found.items(), MOST_PATHS)) if partial else found
        return await self._door.run(Written.of, at, first, partial)
