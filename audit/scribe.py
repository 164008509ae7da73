"""Has every recording under way written, twice a second, in at most four threads at a time."""

import asyncio
from collections.abc import Iterable

from audit.tape import Tape
from engine.threads import door

TICK_SECONDS = 0.4
THREADS = 4
SOON_BYTES = 2**20  # of one tape: then the next tick comes at once


class Scribe:
    """The tapes of this process; on the loop only."""

    def __init__(self) -> None:
        self._tapes: set[Tape] = set()
        self._soon: asyncio.Event | None = None

    def add(self, tape: Tape) -> None:
        self._tapes.add(tape)

    def discard(self, tape: Tape) -> None:
        self._tapes.discard(tape)

    def look(self, tape: Tape) -> None:
        """It has something more to write."""
        if self._soon is not None and tape.waiting >= SOON_BYTES:
            self._soon.set()

    async def serve(self) -> None:
        """Until cancelled. What is left then is written by each tape's ``close``."""
        self._soon = soon = asyncio.Event()
        while True:
            soon.clear()
            tapes = list(self._tapes)
            shares = [tapes[n::THREADS] for n in range(THREADS) if tapes[n::THREADS]]
            await asyncio.gather(*(door.run(write_all, share) for share in shares))
            for tape in tapes:
                tape.settle()
            try:
                async with asyncio.timeout(TICK_SECONDS):
                    await soon.wait()
            except TimeoutError:
                continue


def write_all(tapes: Iterable[Tape]) -> None:
    for tape in tapes:
        tape.write()


scribe = Scribe()
