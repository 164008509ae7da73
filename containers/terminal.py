"""The process side of a terminal: one exec in one container, and who looks at it.

It outlives the socket that started it. ``run`` is its one task; everything else only tells it.
"""

import asyncio
import logging
import secrets
import time
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from enum import StrEnum

from django.utils import translation
from django.utils.translation import gettext as _

from access.actors import Actor
from access.errors import Denied
from containers.attaching import AttachOrder, attached
from containers.killing import kill_shell
from containers.orders import Order
from containers.replay import Replay
from containers.shell_ends import End, EndKind, Leaving
from containers.shell_record import ShellRecord
from containers.shell_start import Line, Shell, started_shell
from containers.shell_tape import ShellTape
from containers.terminal_wire import Size, news
from containers.typed import Typed
from containers.viewer import Viewer
from containers.watching import Watchers
from engine.engine import Engine
from engine.errors import Conflict, EngineDown, EngineError
from engine.threads import door
from web.sockets import ENDED

MOST_UNSENT = 64 * 1024  # read ahead of the fastest viewer: what ^C has to wait for
KILL_SECONDS, STOPPING_SECONDS = 15.0, 3.0
UNSEEN_BYTES_PER_SECOND = 2 * 1024 * 1024
log = logging.getLogger(__name__)


class State(StrEnum):
    STARTING = "starting"
    RUNNING = "running"
    ENDING = "ending"
    ENDED = "ended"


class TerminalSession:
    """``id`` names it to its person; ``marker`` finds its processes inside the container."""

    def __init__(self, engine: Engine, actor: Actor, order: Order) -> None:
        self.id = secrets.token_hex(8)
        self.marker = secrets.token_hex(16)
        self.engine, self.actor, self.order = engine, actor, order
        self.state = State.STARTING
        self.shell = ""
        self.end: End | None = None
        self.opened_at = time.time()
        self.typed_at = self.left_at = time.monotonic()
        self.ended_at = self.warned_at = 0.0
        self.replay = Replay()
        self.tape = ShellTape(actor.language, self.finish, self._tell_recording)
        self.viewers: list[Viewer] = []
        self.watchers = Watchers(self._tell_watchers)
        self.leader: Viewer | None = None  # the one focused last: its size and keys count
        self._size = order.size
        self._typed, self._told_deaf = Typed(), False
        self._duplex: Line | None = None
        self._resized, self._moved = asyncio.Event(), asyncio.Event()

    @property
    def close_code(self) -> int:
        return self.end.close_code if self.end else ENDED

    # --- what viewers and the registry tell it ---

    def join(self, position: int | None = None) -> Viewer:
        """A new viewer; it goes on at ``position`` where that is held, else from the start."""
        resumed = position is not None and self.replay.holds(position)
        place = position if resumed and position is not None else self.replay.beginning
        viewer = Viewer(self.replay, place, self._moved.set)
        self.viewers.append(viewer)
        self.leader = viewer
        if self.state is not State.STARTING:
            viewer.tell(self._started(viewer, resumed))
        if self.end is not None and self.state is State.ENDED:
            viewer.say_farewell(self.end.news(self.actor.language))
        viewer.more()
        return viewer

    def watch(self, actor: Actor) -> Viewer:
        """Somebody who may look at others' terminals: neither seen by the shell nor waited for,
        but seen by its person."""
        viewer = Viewer(self.replay, self.replay.beginning, lambda: None)
        if self.state is not State.STARTING:
            viewer.tell(self._started(viewer, resumed=False))
        if self.end is not None and self.state is State.ENDED:
            viewer.say_farewell(self.end.news(actor.language))
        self.watchers.add(viewer, actor)
        viewer.more()
        return viewer

    def leave(self, viewer: Viewer, silent: float = 0.0) -> None:
        """``silent``: the seconds that it had been gone when that was noticed."""
        if viewer not in self.viewers:
            return
        self.viewers.remove(viewer)
        self.left_at = max(self.left_at, time.monotonic() - silent)
        if self.leader is viewer:
            self.leader = self.viewers[-1] if self.viewers else None
        self._moved.set()

    def type(self, viewer: Viewer, data: bytes) -> bool:
        """Keys. False where more are waiting than a person can have typed."""
        if self.leader is not viewer:
            return True  # the answers of a second browser's terminal to the program's questions
        self.typed_at = time.monotonic()
        if not self.order.takes_input:
            return self._deaf(viewer)
        return self._typed.add(data)

    def _deaf(self, viewer: Viewer) -> bool:
        """Said once: a key that is held down is not answered a hundred times."""
        if not self._told_deaf:
            self._told_deaf = True
            with translation.override(self.actor.language):
                viewer.tell(news("warning", reason=_("It takes no input: it was made without -i.")))
        return True

    def resize(self, viewer: Viewer, size: Size) -> None:
        self.leader = viewer
        if size != self._size:
            self._size = size
            self._resized.set()

    def finish(self, end: End) -> None:
        """Ask it to end; ``run`` kills what it started and says farewell."""
        if self.end is None:
            self.end = end
        self._moved.set()  # whoever looks at it may have stopped reading: the end waits for nobody
        if self._duplex is not None:
            self._duplex.close()

    def warn(self, sentence: str) -> None:
        for viewer in self.viewers:
            viewer.tell(news("warning", reason=sentence))

    # --- its own task ---

    async def run(self) -> None:
        record = ShellRecord(self.actor, self.order, self.marker, self.tape)
        killed = True
        try:
            self.end = await self._ended(record)
        except EngineDown as error:
            self.end = self.end or End(EndKind.ENGINE_LOST, detail=error.message)
        except (EngineError, Denied) as error:
            self.end = self.end or End(EndKind.FAILED, detail=error.message)
        finally:
            self.end = self.end or End(EndKind.STOPPING)
            self.state = State.ENDING
            try:
                if self.order.leaving is Leaving.KILLS and self.end.kills:
                    killed = await self._kill()
            finally:
                await self._close(record, killed)

    async def _ended(self, record: ShellRecord) -> End:
        await door.run(record.open)
        self.tape.rolls()
        async with self._start() as shell:
            self._duplex, self.shell = shell.duplex, shell.name
            self.state = State.RUNNING
            for viewer in [*self.viewers, *self.watchers]:
                viewer.tell(self._started(viewer, resumed=False))
                viewer.more()
            if self.end is None:
                await self._carry(shell)
        self._duplex = None
        end = self.end or await shell.ended()
        detached = end.kind is EndKind.CUT and self._typed.detaching
        return replace(end, kind=EndKind.DETACHED) if detached else end

    def _start(self) -> AbstractAsyncContextManager[Shell]:
        if isinstance(self.order, AttachOrder):
            return attached(self.engine, self.order, self._echo, self.warn)
        return started_shell(self.engine, self.order, self.marker)

    async def _carry(self, shell: Shell) -> None:
        """Output, input and size side by side, until the output ends."""
        async with asyncio.TaskGroup() as group:
            others = [
                group.create_task(self._write(shell.duplex)),
                group.create_task(self._keep_size(shell)),
            ]
            try:
                await self._read(shell.duplex)
            except EngineError as error:
                self.end = self.end or End(EndKind.ENGINE_LOST, detail=error.message)
            finally:
                for task in others:
                    task.cancel()

    def _show(self, data: bytes) -> None:
        self.replay.append(data)
        self.tape.take(data)
        for viewer in [*self.viewers, *self.watchers]:
            viewer.more()

    async def _echo(self, data: bytes) -> None:
        """What we show of the keys ourselves; it waits for a slow recording, as output does."""
        self._show(data)
        await self.tape.room()

    async def _read(self, duplex: Line) -> None:
        while data := await duplex.read():
            self._show(data)
            if not self.viewers:
                # Nobody sees it: a flood must not take the time of those who look at theirs.
                await asyncio.sleep(len(data) / UNSEEN_BYTES_PER_SECOND)
            while self.end is None and self._all_behind():
                self._moved.clear()
                await self._moved.wait()
            await self.tape.room()

    def _all_behind(self) -> bool:
        return bool(self.viewers) and min(v.behind for v in self.viewers) > MOST_UNSENT

    async def _write(self, duplex: Line) -> None:
        """Never behind the output: the engine takes keys while it floods us."""
        self._typed.at_once = duplex.write_at_once
        while True:
            data = await self._typed.take()
            try:
                await duplex.write(data)
            except Conflict:
                return  # it ended; the reader sees that too
            self._typed.given()

    async def _keep_size(self, shell: Shell) -> None:
        while True:
            await self._resized.wait()
            self._resized.clear()
            rows, cols = self._size.rows, self._size.cols
            self.tape.resize(self._size)
            self.watchers.tell(news("resized", rows=rows, cols=cols))
            try:
                await door.run(shell.resize, rows, cols)
            except EngineError as error:
                log.debug("no resize of %s: %s", self.id, error.message)

    async def _kill(self) -> bool:
        """Whether all that it started is gone. Bounded, for the server may be stopping."""
        stopping = self.end is not None and self.end.kind is EndKind.STOPPING
        try:
            async with asyncio.timeout(STOPPING_SECONDS if stopping else KILL_SECONDS):
                return await kill_shell(self.engine, self.order.target.id, self.marker)
        except (EngineError, TimeoutError) as error:
            log.warning("could not end what terminal %s started: %s", self.id, error)
            return False

    async def _close(self, record: ShellRecord, killed: bool) -> None:
        end = self.end or End(EndKind.STOPPING)
        end = self.end = replace(end, killed=killed, leaving=self.order.leaving)
        self.tape.stops()
        try:
            await door.run(record.close, end, self.replay.produced, self._typed.total)
        finally:
            self.state, self.ended_at = State.ENDED, time.monotonic()
            for viewer in self.viewers:
                viewer.say_farewell(end.news(self.actor.language))
            self.watchers.say_farewell(end)

    def _started(self, viewer: Viewer, resumed: bool) -> bytes:
        """``position`` is where the output that follows begins; ``resumed``: the screen goes on."""
        return news(
            "started",
            session=self.id,
            shell=self.shell,
            position=viewer.place,
            replayed=self.replay.produced,
            resumed=resumed,
            rows=self._size.rows,
            cols=self._size.cols,
            watched=self.watchers.names,
            **self.tape.facts(),
        )

    def _tell_watchers(self) -> None:
        for viewer in self.viewers:
            viewer.tell(news("watched", watched=self.watchers.names))

    def _tell_recording(self) -> None:
        for viewer in self.viewers:
            viewer.tell(news("recording", **self.tape.facts()))
