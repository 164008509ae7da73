"""One container's live log: one follower of the engine, whatever happens to either of them."""

import asyncio
import contextlib
from collections.abc import Mapping
from contextlib import aclosing
from datetime import datetime
from typing import Any

from engine import backoff, rows
from engine.changes import ChangeSubscription
from engine.commands import Commands
from engine.errors import Conflict, EngineDown, EngineError, EngineSilent, NotFound, Refused
from engine.log_items import Divider, Ended, batch_of
from engine.log_reader import LogReader
from engine.mirror import Mirror
from engine.ring import Ring
from engine.streams import Streams
from engine.threads import Door
from engine.turns import Turns
from engine.types import ContainerRow, Cursor, EngineState, LogLine

RING_BYTES = 4 * 1024 * 1024
REOPEN_PAUSE = 0.1
REMOVAL_SECONDS = 1.0
LEAVING = ("removing", "dead")
FOLLOWED = ("running", "paused")  # while it restarts, the engine's follower ends at once
OUTLIVED_SECONDS = 3.0


class LogFeed:
    """``run`` follows the log from ``begin`` on and writes to ``ring``; ``news`` tells of it.

    It goes on over a lost engine and over restarts of the container, without losing or
    doubling a line. ``failed`` is why it never will again.
    """

    def __init__(
        self, id: str, commands: Commands, streams: Streams, mirror: Mirror, door: Door
    ) -> None:
        self.id = id
        self.ring = Ring(None, RING_BYTES)
        self.turns = Turns()  # of the readers, and of what reads for them
        self.failed: EngineError | None = None
        self.reader = LogReader(streams, id, self.is_tty)
        self._commands = commands
        self._mirror = mirror
        self._door = door
        self._begun = asyncio.Event()
        self._news = asyncio.Event()
        self.lost: Divider | None = None  # what was said of the loss, while it lasts
        self._is_run_known = False
        self._run_after: datetime | None = None  # the end of the run before that which is told

    def begin(self, after: Cursor | None) -> None:
        """Let the feed go on behind this line (None: the log is empty); later calls do nothing."""
        if not self._begun.is_set():
            self.ring = Ring(after, RING_BYTES)
            self._begun.set()

    @property
    def begun(self) -> bool:
        return self._begun.is_set()

    async def news(self, seconds: float | None = None) -> None:
        """Until something is written to the ring, or the feed failed."""
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            pass

    async def is_tty(self) -> bool:
        row = self._mirror.snapshot.containers.get(self.id)
        return row.tty if row is not None and row.inspected else (await self._look())[0].tty

    async def run(self) -> None:
        await self._begun.wait()
        try:
            await self._follow_on()
        except NotFound:
            self._mark(Ended("removed"))
        except EngineError as error:
            self.failed = error
            self._tell()

    async def _follow_on(self) -> None:
        """Follow, through losses of the engine and starts of the container. NotFound ends it."""
        waits = backoff.waits()
        while True:
            try:
                await self._know_run()
                await self._follow()
                waits = backoff.waits()
                await self._until_started()
            except (EngineDown, EngineSilent) as error:
                if self.lost is None:
                    self.lost = Divider("reconnecting", error.message)
                    self._mark(self.lost)
                await asyncio.sleep(next(waits))
            except (Conflict, Refused) as error:
                await self.while_removed(error)

    async def while_removed(self, error: EngineError) -> None:
        """The log of a container that is being removed is shut already: wait for its end.

        Returns after a second, or when something happened; raises NotFound when it is gone,
        and ``error`` where it is not being removed.
        """
        async with self._mirror.subscribe() as changes:
            row, _ = await self._look()
            if row.state not in LEAVING:
                raise error
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(REMOVAL_SECONDS):
                    await self._hint(changes)

    async def _know_run(self) -> None:
        """Which run the lines up to the first ones followed are of."""
        if not self._is_run_known:
            row = self._mirror.snapshot.containers.get(self.id)
            if row is None or not row.inspected:
                row, _ = await self._look()
            self._run_after, self._is_run_known = row.finished_at, True

    async def _follow(self) -> None:
        """Read on while the container runs; a follower that outlives it is hung up on.

        An engine that opens one in the moment in which its container is killed may never end it.
        """
        reading = asyncio.get_running_loop().create_task(self._read_on(follow=True))
        patience = 2
        try:
            while patience and not reading.done():
                await asyncio.wait((reading,), timeout=OUTLIVED_SECONDS)
                patience = patience - 1 if self._is_outlived() else 2
        finally:
            reading.cancel()
            await asyncio.wait((reading,))
            failed = None if reading.cancelled() else reading.exception()
        if failed is not None:
            raise failed

    def _is_outlived(self) -> bool:
        """Whether the container runs no more, and the engine has sent nothing for a while."""
        snapshot = self._mirror.snapshot
        row = snapshot.containers.get(self.id)
        quiet = asyncio.get_running_loop().time() - self.reader.heard_at
        stopped = row is None or row.state not in FOLLOWED
        return snapshot.state is EngineState.UP and stopped and quiet >= OUTLIVED_SECONDS

    async def _read_on(self, follow: bool) -> None:
        """What comes behind the ring, until the container stops or the stored log is read."""
        async with aclosing(self.reader.after(self.ring.newest, follow)) as found:
            async for item in found:
                if self.lost is not None:
                    self.lost = None
                    self._mark(Divider("reconnected"))
                if isinstance(item, Divider):
                    self._mark(item)
                elif item:
                    if follow:
                        await self._tell_of_run(item)
                    await self.turns.take()  # what comes waits for those who take it, if they do
                    self.ring.append(batch_of(item))
                    self._tell()

    async def _tell_of_run(self, lines: list[LogLine]) -> None:
        """Tell of a start that the follower does not: it was opened after, or outlived the end.

        The engine's follower reads a file, and the file goes on with the next run.
        """
        row = self._mirror.snapshot.containers.get(self.id)
        if row is None or not row.finished_at or row.finished_at == self._run_after:
            return
        # Last words are stamped as they are read, and may be late: so the engine is asked.
        if lines[-1].ns > row.finished_at.timestamp() * 1e9:
            with contextlib.suppress(EngineError):
                row, _ = await self._look()
                if row.state in FOLLOWED and row.finished_at != self._run_after:
                    self._mark_run(row)

    def _mark_run(self, row: ContainerRow) -> None:
        self._run_after = row.finished_at
        self._mark(Divider("restarted"))

    async def _until_started(self) -> None:
        """Tell how the container ended, and wait for its next start. NotFound: it is gone."""
        told: Ended | None = None
        started_at: datetime | None = None
        async with self._mirror.subscribe() as changes:
            while True:
                row, state = await self._look()
                # A run may be over before it is seen: then only its start tells of it.
                if row.state in FOLLOWED or (told and row.started_at != started_at):
                    if told or row.finished_at != self._run_after:
                        self._mark_run(row)
                    return await asyncio.sleep(REOPEN_PAUSE)
                if told is None:
                    # A run that began and ended since the follower did has lines as well.
                    await self._read_on(follow=False)
                    told, started_at = how_it_ended(row, state), row.started_at
                    self._mark(told)
                await self._hint(changes)

    async def _hint(self, changes: ChangeSubscription) -> None:
        """Until the mirror saw something of the container, a run too short to be seen included."""
        async for change in changes:
            if change.everything or change.state_changed or self.id in change.containers:
                return

    async def _look(self) -> tuple[ContainerRow, Mapping[str, Any]]:
        """Ask for the container, and let the mirror know the answer too."""
        ticket = self._mirror.ticket()
        answer = await self._door.run(self._commands.inspect_container, self.id)
        row = rows.container_from_inspect(answer)
        self._mirror.put_container(row, ticket)
        return row, answer.get("State") or {}

    def _mark(self, item: Divider | Ended) -> None:
        self.ring.mark(item)
        self._tell()

    def _tell(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()


def how_it_ended(row: ContainerRow, state: Mapping[str, Any]) -> Ended:
    if row.started_at is None:
        return Ended("created")
    return Ended("exited", int(state.get("ExitCode") or 0))
