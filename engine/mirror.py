"""The engine's containers and images in memory: one list of each, then events."""

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Literal

from engine import backoff
from engine.answers import EPOCH, parse_time
from engine.changes import ChangeSubscription, EventSubscription
from engine.commands import Commands
from engine.errors import EngineDown, EngineError, EngineSilent, NotFound
from engine.helpers import is_helper, is_of_helper
from engine.keeper import Keeper
from engine.past_events import PastEvents
from engine.snapshot import Change, Snapshot
from engine.streams import Streams
from engine.threads import Door
from engine.types import ContainerRow, EngineEvent, EngineFacts, EngineState, ImageRow

__all__ = ["Change", "Mirror", "Snapshot"]

PROBE_EVERY = 5.0
PROBE_DEADLINE = 3.0
EVENT_GRACE = 0.005
Kind = Literal["container", "image"]
# Health checks and shells make floods of these, and none changes a row.
UNSEEN = frozenset(
    {"exec_create", "exec_start", "exec_die", "exec_detach", "attach", "detach", "resize", "top"}
    | {"export", "commit", "copy", "archive-path", "extract-to-dir", "save"}
)
log = logging.getLogger(__name__)


class Mirror:
    """``snapshot`` is an immutable value, swapped whole: read it from any thread, no lock.

    All else is for the loop, but for ``wait_seen`` and the two ``find`` methods.
    """

    def __init__(self, commands: Commands, streams: Streams, door: Door) -> None:
        self.snapshot = Snapshot()
        self.hidden: Mapping[str, ContainerRow] = {}  # our helpers, which no snapshot shows
        self.past = PastEvents()
        self._commands = commands
        self._streams = streams
        self._door = door
        self._containers = Keeper[ContainerRow](
            door, commands.containers, commands.container, self._rows_changed
        )
        self._images = Keeper[ImageRow](door, commands.images, commands.image, self._rows_changed)
        self._told_of = self._shown = self._containers.rows
        self._swapped = threading.Condition()
        self._changes: set[ChangeSubscription] = set()
        self._events: set[EventSubscription] = set()
        self._waits = backoff.waits()

    async def run(self) -> None:
        """Follow the engine until cancelled, through whatever happens to it."""
        while True:
            try:
                await self._follow()
            except* EngineError as failures:
                self._lost(first_of(failures))
            except* Exception as failures:
                log.exception("The mirror met an error", exc_info=failures)
                self._lost(EngineError(f"The engine's answer is not understood: {failures}."))
            await asyncio.sleep(next(self._waits))

    def find_container(self, ref: str) -> ContainerRow | None:
        """By full id, by name, or by the start of an id that no other shares."""
        return self.snapshot.find_container(ref)

    def find_image(self, ref: str) -> ImageRow | None:
        """By id, by reference, or by the start of an id that no other shares."""
        return self.snapshot.find_image(ref)

    @asynccontextmanager
    async def subscribe(self) -> AsyncIterator[ChangeSubscription]:
        """Changes from now on: merged while unread, at most four a second."""
        subscription = ChangeSubscription(self.snapshot.version)
        self._changes.add(subscription)
        try:
            yield subscription
        finally:
            self._changes.discard(subscription)

    @asynccontextmanager
    async def events(self) -> AsyncIterator[EventSubscription]:
        """The engine's own events from now on; a slow reader loses the oldest."""
        subscription = EventSubscription()
        self._events.add(subscription)
        try:
            yield subscription
        finally:
            self._events.discard(subscription)

    def wait_seen(self, kind: Kind, id: str, since_version: int, timeout: float = 0.5) -> None:
        """In a thread: return once the snapshot holds what became of the object.

        That is when an event of it after ``since_version`` was answered and none waits. After
        ``timeout`` seconds the object itself is asked. Raises EngineErrors of that.
        """
        ends = time.monotonic() + timeout
        # The engine sends an event before it answers the action, but on another socket.
        time.sleep(EVENT_GRACE)
        keeper = self._keeper(kind)
        with self._swapped:
            if self._swapped.wait_for(
                lambda: keeper.heard.get(id, 0) > since_version and keeper.settled(id),
                max(0.0, ends - time.monotonic()),
            ):
                return
        self._ask(kind, id)

    def put_container(self, row: ContainerRow, ticket: int) -> None:
        """Take an inspected row that somebody else asked for; see ``ticket``."""
        self._containers.put(row, ticket)

    def ticket(self) -> int:
        """Draw one before asking the engine for a container."""
        return self._containers.ticket()

    def _ask(self, kind: Kind, id: str) -> None:
        """Ask for the object in this thread and hand the answer to the loop."""
        keeper: Keeper[Any] = self._keeper(kind)
        ticket = keeper.ticket()

        async def take(row: ContainerRow | ImageRow | None) -> None:
            keeper.drop(id, ticket) if row is None else keeper.put(row, ticket)

        try:
            row = self._commands.container(id) if kind == "container" else self._commands.image(id)
        except NotFound:
            self._door.call(take(None), timeout=5)
        else:
            self._door.call(take(row), timeout=5)

    def _keeper(self, kind: Kind) -> Keeper[Any]:
        return self._containers if kind == "container" else self._images

    async def _follow(self) -> None:
        """Listen first, then list: what happens in between is an event, and read again."""
        await self._door.run(self._commands.ping, PROBE_DEADLINE)
        facts = await self._door.run(self._commands.facts)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen(engine_time_ns(facts)))
            await self._containers.list_now()
            await self._images.list_now()
            self._swap(state=EngineState.UP, error="", facts=facts, seen_at=datetime.now(UTC))
            self._waits = backoff.waits()
            for keeper in (self._containers, self._images):
                group.create_task(keeper.keep())
                group.create_task(keeper.keep_details())
            group.create_task(self._probe())

    async def _listen(self, since_ns: int | None) -> None:
        async with self._streams.events(since_ns) as events:
            self.past.opened(since_ns)
            async for event in events:
                self._hear(event)
        raise EngineDown("The engine ended its stream of events.")

    async def _probe(self) -> None:
        """A hung engine still holds its sockets open: only an answer shows that it lives."""
        while True:
            await asyncio.sleep(PROBE_EVERY)
            await self._door.run(self._commands.ping, PROBE_DEADLINE)
            self._swap(seen_at=datetime.now(UTC))

    def _hear(self, event: EngineEvent) -> None:
        if not is_of_helper(event):
            self.past.push(event, self.snapshot.containers.get(event.id))
            for subscription in self._events:
                subscription.push(event)
        action = event.action.partition(":")[0]
        if action in UNSEEN:
            return
        if event.kind == "container":
            self._hear_of(self._containers, "destroy", event.id, action)
        elif event.kind == "image":
            self._hear_of(self._images, "delete", event.id, action)
        elif event.kind == "network" and (container := event.attributes.get("container")):
            self._containers.touch(container)

    @staticmethod
    def _hear_of(keeper: Keeper[Any], gone: str, id: str, action: str) -> None:
        if action == gone:
            keeper.gone(id)
        else:
            keeper.touch(id)

    def _lost(self, error: EngineError) -> None:
        state = EngineState.SILENT if isinstance(error, EngineSilent) else EngineState.DOWN
        self._swap(state=state, error=error.message)

    def _rows_changed(self) -> int:
        rows = self._containers.rows
        if rows is not self._told_of:
            self._told_of, self._shown = rows, rows
            self.hidden = {id: row for id, row in rows.items() if is_helper(row)}
            if self.hidden:
                shown = {id: row for id, row in rows.items() if id not in self.hidden}
                self._shown = MappingProxyType(shown)
        self._swap(containers=self._shown, images=self._images.rows)
        return self.snapshot.version

    def _swap(self, **fields: Any) -> None:
        """Publish the next snapshot. Loop only: there is one writer."""
        snapshot, change = self.snapshot.next(**fields)
        with self._swapped:
            self.snapshot = snapshot
            self._swapped.notify_all()
        if change.containers or change.images or change.state_changed:
            for subscription in self._changes:
                subscription.push(change)


def engine_time_ns(facts: EngineFacts) -> int:
    """The engine's own clock when it was asked; ours where it does not say."""
    told = parse_time(facts.raw.get("SystemTime"))
    return (told - EPOCH) // timedelta(microseconds=1) * 1000 if told else time.time_ns()


def first_of(failures: BaseExceptionGroup[EngineError]) -> EngineError:
    """One error of the group that says most: that the engine hangs, or else the first."""
    leaves = list(leaves_of(failures))
    return next((error for error in leaves if isinstance(error, EngineSilent)), leaves[0])


def leaves_of(failures: BaseExceptionGroup[EngineError]) -> Iterator[EngineError]:
    for failure in failures.exceptions:
        if isinstance(failure, BaseExceptionGroup):
            yield from leaves_of(failure)
        else:
            yield failure
