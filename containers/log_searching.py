"""The search of one log socket: one at a time, the newest wins, told as it goes on."""

import asyncio
import time

from django.utils import translation
from django.utils.translation import gettext as _

from access.actors import Actor
from containers.log_messages import Search
from containers.log_outbox import Outbox
from containers.log_wire import cursor_text, found_messages, news
from engine.engine import Engine
from engine.errors import EngineError
from engine.log_search import MOST_SLOW, Finder
from engine.sentences import BadValue
from engine.threads import door
from web.wording import worded

REPORT_SECONDS = 0.25


class Searching:
    """``run`` is the task that searches; ``begin`` and ``cancel`` never wait."""

    def __init__(self, engine: Engine, actor: Actor, box: Outbox) -> None:
        self._engine, self._actor, self._box = engine, actor, box
        self._next: tuple[Search, list[str]] | None = None
        self._finder: Finder | None = None
        self._changed = asyncio.Event()

    def begin(self, search: Search, ids: list[str]) -> None:
        self._next = (search, ids)
        self._changed.set()

    def cancel(self) -> None:
        self._next = None
        self._changed.set()

    async def run(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            if self._next is not None:
                (search, ids), self._next = self._next, None
                await self._until_changed(search, ids)

    async def _until_changed(self, search: Search, ids: list[str]) -> None:
        """One search, until it is over or something else is asked for."""
        self._finder = None
        work = asyncio.ensure_future(self._search(search, ids))
        stop = asyncio.ensure_future(self._changed.wait())
        try:
            await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
            done = work.done()
        finally:
            work.cancel()
            stop.cancel()
            await asyncio.gather(work, stop, return_exceptions=True)
        if not done:
            await self._tell(search, "cancelled")

    async def _search(self, search: Search, ids: list[str]) -> None:
        state, text = "failed", search.problem
        try:
            if not text:
                self._finder = finder = await door.run(Finder, search.wanted)
                await self._send_found(search, ids, finder)
                state, text = self._how_it_ended(finder)
        except BadValue as error:
            with translation.override(self._actor.language):
                text = worded(error.sentence)
        except EngineError as error:
            text = error.message
        await self._tell(search, state, text)

    async def _send_found(self, search: Search, ids: list[str], finder: Finder) -> None:
        told = 0.0
        wanted = dict.fromkeys(ids, search.within)
        async with self._engine.logs.search(wanted, finder) as pieces:
            async for found in pieces:
                await self._box.put(found_messages(search.id, found))
                if time.monotonic() - told > REPORT_SECONDS:
                    await self._tell(search, "running")
                    told = time.monotonic()

    def _how_it_ended(self, finder: Finder) -> tuple[str, str]:
        with translation.override(self._actor.language):
            if finder.too_slow:
                told = _("The expression was too slow for %(count)s lines: the search was ended.")
                return "failed", told % {"count": MOST_SLOW}
            if finder.full:
                told = _("The first %(count)s matches are shown.")
                return "full", told % {"count": f"{finder.hits:,}"}
        return "done", ""

    async def _tell(self, search: Search, state: str, text: str = "") -> None:
        finder = self._finder
        counts = {name: getattr(finder, name, 0) for name in ("lines", "bytes", "hits", "slow")}
        first = cursor_text(finder.first if finder else None)
        at = cursor_text(finder.last if finder else None)
        fields = {"id": search.id, "state": state, **counts, "first": first, "at": at}
        await self._box.put([news("search", **fields, text=text)])
