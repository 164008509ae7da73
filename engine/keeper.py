"""Keeps the rows of one kind of object fresh: lists, single reads, and background reads."""

import asyncio
import itertools
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Generic

from engine.agenda import Agenda, ListAll, Read, Wait
from engine.errors import EngineDown, EngineError, NotFound
from engine.snapshot import Row
from engine.threads import Door
from engine.types import ContainerRow, ImageRow

READ_DEADLINE = 2.0
AT_A_TIME = 5
DETAILS_EVERY = 0.05  # seconds between two background reads

# What an inspect says and a list does not; all but the first group outlives a change of state.
# A list calls an image by its id once the reference names another one.
RUN_FIELDS = ("inspected", "started_at", "finished_at", "restart_count", "oom_killed")
MADE_FIELDS = (
    "image",
    "tty",
    "memory_limit",
    "cpu_limit",
    "restart_policy",
    "auto_remove",
    "dangers",
    "reaches",
)
IMAGE_FIELDS = ("inspected", "platform", "layer_digests")


class Keeper(Generic[Row]):
    """``rows`` is replaced whole by every answer; then ``changed`` publishes it and says the
    version. ``heard`` is the version that answered an object's last event. Loop only.

    Answers may overtake each other: each is known by the ticket drawn before it was asked for,
    and never replaces the answer to a later question.
    """

    def __init__(
        self,
        door: Door,
        list_all: Callable[[], list[Row]],
        read_one: Callable[[str, float], Row],
        changed: Callable[[], int],
    ) -> None:
        self.rows: Mapping[str, Row] = MappingProxyType({})
        self.heard: dict[str, int] = {}
        self.ticket = itertools.count(1).__next__
        self._door = door
        self._list_all: Callable[[], list[Row]] = list_all
        self._read_one: Callable[[str, float], Row] = read_one
        self._changed = changed
        self._agenda = Agenda()
        self._touched = asyncio.Event()
        self._reading: set[str] = set()
        self._slots = asyncio.Semaphore(AT_A_TIME)
        self._details: dict[str, None] = {}
        self._details_wanted = asyncio.Event()
        self._listed = 0  # the last list's ticket
        self._latest: dict[str, int] = {}  # tickets of single answers younger than that

    def touch(self, key: str) -> None:
        """The object has an event: read it again soon. An empty key means any object."""
        if key:
            self._agenda.touch(key)
        else:
            self._agenda.want_list("")
        self._touched.set()

    def settled(self, key: str) -> bool:
        """Whether no event of the object waits for its answer."""
        return not (self._agenda.waits_for(key) or key in self._reading)

    async def list_now(self) -> None:
        """One list; everything in it is then read again in the background."""
        self._agenda.listed(time.monotonic())
        await self._list(tuple(self.rows))

    async def keep(self) -> None:
        """Follow the agenda until cancelled. Raises EngineErrors of lists."""
        while True:
            self._touched.clear()
            match self._agenda.next(time.monotonic()):
                case Read(keys):
                    self._reading.update(keys)
                    async with asyncio.TaskGroup() as group:
                        for key in keys:
                            group.create_task(self._read_touched(key))
                case ListAll(touched):
                    await self._list_touched(touched)
                case Wait(seconds):
                    await self._pause(seconds)

    async def keep_details(self) -> None:
        """Read in the background what lists do not say, at most 20 objects a second: in a storm,
        what its lists leave to be read stays within the same budget as the storm's own reads."""
        while True:
            await self._details_wanted.wait()
            if not self._details:
                self._details_wanted.clear()
                continue
            if self._agenda.take_one(time.monotonic()):
                key = next(iter(self._details))
                del self._details[key]
                await self._read(key)
            await asyncio.sleep(DETAILS_EVERY)

    def put(self, row: Row, ticket: int) -> None:
        """Take one object's answer, unless a later question was answered already."""
        if self._is_late(row.id, ticket):
            known = self.rows.get(row.id)
            if known is not None and not known.inspected:
                self._want_details((row.id,))
            return
        self._latest[row.id] = ticket
        rows = dict(self.rows)
        rows[row.id] = with_known(row, rows.get(row.id))
        if isinstance(row, ImageRow):
            take_tags(rows, row)
        self._replace(rows)

    def drop(self, key: str, ticket: int) -> None:
        """The object is gone; older answers do not bring it back."""
        if self._is_late(key, ticket):
            return
        self._agenda.forget(key)
        self._details.pop(key, None)
        self._latest[key] = ticket
        if key in self.rows:
            self._replace({id: row for id, row in self.rows.items() if id != key})

    def gone(self, key: str) -> None:
        """Its own last event says so."""
        self.drop(key, self.ticket())
        self._answered(key)

    def _is_late(self, key: str, ticket: int) -> bool:
        return ticket < self._latest.get(key, self._listed)

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._touched.wait()
        except TimeoutError:
            pass

    async def _list(self, stale: Iterable[str]) -> None:
        ticket = self.ticket()
        rows = {row.id: row for row in await self._door.run(self._list_all)}
        younger = {key for key, at in self._latest.items() if at > ticket}
        for key in younger:
            if (row := self.rows.get(key)) is not None:
                rows[key] = row
            else:
                rows.pop(key, None)
        self._latest = {key: self._latest[key] for key in younger}
        self._listed = ticket
        self.heard = {key: at for key, at in self.heard.items() if key in rows or key in younger}
        kept = {key: with_known(row, self.rows.get(key)) for key, row in rows.items()}
        self._want_details(key for key, row in kept.items() if not row.inspected)
        self._want_details(key for key in stale if key in kept)
        self._replace(kept)

    def _want_details(self, keys: Iterable[str]) -> None:
        self._details.update(dict.fromkeys(keys))
        self._details_wanted.set()

    async def _list_touched(self, keys: tuple[str, ...]) -> None:
        self._reading.update(keys)
        try:
            await self._list(keys)
        finally:
            self._reading.difference_update(keys)
        self._answered(*keys)

    async def _read_touched(self, key: str) -> None:
        """A row follows its event; where the object answers nothing, the next list must do."""
        try:
            async with self._slots:
                found = await self._read(key)
        finally:
            self._reading.discard(key)
        if found:
            self._answered(found)
        else:
            self._agenda.want_list(key)

    def _answered(self, *keys: str) -> None:
        """Publish once more: the rows are the same, but who waits for these is done."""
        self.heard.update(dict.fromkeys(keys, self._changed()))
        self._changed()

    async def _read(self, key: str) -> str:
        """Ask for one object and take the answer; its id. Empty: it is wedged, or refused."""
        ticket = self.ticket()
        try:
            row = await self._door.run(self._read_one, key, READ_DEADLINE)
        except NotFound:
            self.drop(key, ticket)
            return key
        except EngineDown:
            raise
        except EngineError:
            return ""
        self._details.pop(key, None)
        self.put(row, ticket)
        return row.id

    def _replace(self, rows: dict[str, Row]) -> None:
        self.rows = MappingProxyType(rows)
        self._changed()


def with_known(row: Row, known: Row | None) -> Row:
    """A row from a list, with what an earlier inspect said that still holds."""
    if isinstance(row, ImageRow) and isinstance(known, ImageRow):
        shared = known.shared_size if row.shared_size is None else row.shared_size
        fields = () if row.inspected else IMAGE_FIELDS
        return replace(row, shared_size=shared, **{name: getattr(known, name) for name in fields})
    if isinstance(row, ContainerRow) and isinstance(known, ContainerRow) and not row.inspected:
        names = list(MADE_FIELDS)
        if known.state == row.state:
            names += RUN_FIELDS
            # A list tells it only inside the words of "Exited (3)", not of "Dead".
            names += ["exit_code"] if row.exit_code is None else []
        return replace(row, **{name: getattr(known, name) for name in names})
    return row


def take_tags(rows: dict[str, ImageRow], owner: ImageRow) -> None:
    """A tag names one image: the engine sends no event for the one it was taken from."""
    taken = set(owner.tags)
    for key, row in rows.items():
        if key != owner.id and not taken.isdisjoint(row.tags):
            rows[key] = replace(row, tags=tuple(tag for tag in row.tags if tag not in taken))
