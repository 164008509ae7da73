"""One browser's look at one log, or at several as one: what it is told, what it may ask."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine
from contextlib import aclosing, asynccontextmanager
from typing import Any

from django.utils.translation import gettext as _

from access.actors import Actor
from access.gate import may
from access.targets import ContainerTarget
from containers.log_messages import Ack, BadMessage, Cancel, Follow, Message, Pause, Search
from containers.log_outbox import Outbox
from containers.log_searching import Searching
from containers.log_wire import news
from engine.engine import Engine
from engine.errors import EngineError
from engine.feed import LogRange
from engine.log_items import LogItem
from engine.log_merge import Failed, MergedItem
from engine.namesakes import Successor, Watch, happenings
from engine.threads import door
from engine.types import ContainerRow

Own = Callable[[Coroutine[Any, Any, None]], "asyncio.Task[None]"]


class Unreadable(Exception):
    """The only log cannot be read, as was told; ``missing``: there is no such container."""

    def __init__(self, missing: bool) -> None:
        super().__init__()
        self.missing = missing


class LogView:
    """``wanted`` names the containers in the order of their places; ``own`` keeps its tasks."""

    def __init__(
        self, engine: Engine, host: str, actor: Actor, wanted: dict[str, LogRange], box: Outbox
    ) -> None:
        self.box = box
        self._engine, self._host, self._actor = engine, host, actor
        self._wanted = wanted
        self._offered: dict[str, ContainerRow] = {}
        self._chosen: asyncio.Queue[ContainerRow] = asyncio.Queue(1)
        self._searching = Searching(engine, actor, box)
        self._watches: list[asyncio.Task[None]] = []

    @property
    def ids(self) -> list[str]:
        """The containers that are shown now."""
        return list(self._wanted)

    def start(self, own: Own) -> None:
        """All but the lines: these come while ``show`` runs."""
        own(self.box.flush_soon())
        own(self._searching.run())
        self._watches = [own(self._tell(at, self._watch(id))) for at, id in enumerate(self._wanted)]

    def heard(self, message: Message) -> None:
        """Take what the browser said; never waits for it. Raises BadMessage."""
        if isinstance(message, Ack):
            if not self.box.credit.ack(message.total):
                raise BadMessage(_("This was never sent, or was acknowledged before."))
        elif isinstance(message, Pause):
            self.box.going.clear() if message.on else self.box.going.set()
        elif isinstance(message, Search):
            self._searching.begin(message, list(self._wanted))
        elif isinstance(message, Cancel):
            self._searching.cancel()
        elif isinstance(message, Follow):
            self._choose(message.id)

    async def show(self, own: Own) -> None:
        """Lines and what happens between them, until the socket ends. Raises Unreadable."""
        while True:
            async with self._items() as items:
                async for place, item in items:
                    await self.box.take(place, item)
                    if isinstance(item, Failed) and len(self._wanted) == 1:
                        raise Unreadable(item.missing)
            await self.box.flush()
            row = await self._chosen.get()
            for watch in self._watches:
                watch.cancel()
            self._wanted = {row.id: LogRange(tail=None)}
            told = news("divider", reason="followed", text="", id=row.id, name=row.name)
            await self.box.put([told])
            self._watches = [own(self._tell(0, self._watch(row.id)))]

    @asynccontextmanager
    async def _items(self) -> AsyncIterator[AsyncIterator[MergedItem]]:
        logs = self._engine.logs
        if len(self._wanted) > 1:
            async with logs.merged(self._wanted) as items:
                yield items
            return
        ((id, wanted),) = self._wanted.items()
        async with logs.subscribe(id, wanted) as only, aclosing(alone(only)) as items:
            yield items

    def _watch(self, id: str) -> Watch:
        """From now on, not from when its task begins."""
        return Watch(id, self._engine.mirror.snapshot)

    async def _tell(self, place: int, watch: Watch) -> None:
        """Tell of a new name, of a silent engine, and of who has the name of what is gone."""
        async with aclosing(happenings(self._engine.mirror, watch)) as found:
            async for one in found:
                if isinstance(one, Successor):
                    if not await door.run(self._may_follow, one.row):
                        continue
                    self._offered = {one.row.id: one.row}
                await self.box.tell(place, one)

    def _may_follow(self, row: ContainerRow) -> bool:
        return may(self._actor, "container.logs", ContainerTarget.of(self._host, row))

    def _choose(self, id: str) -> None:
        if id not in self._offered or len(self._wanted) > 1 or self._chosen.full():
            raise BadMessage(_("This container was not offered to be followed."))
        self._chosen.put_nowait(self._offered.pop(id))


async def alone(items: AsyncIterator[LogItem]) -> AsyncGenerator[MergedItem]:
    """One log in the shape of several."""
    try:
        async for item in items:
            yield 0, item
    except EngineError as error:
        yield 0, Failed(error.message, error.status == 404)
