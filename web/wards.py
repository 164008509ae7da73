"""A login or a right that ends, ends its open sockets within seconds, whatever ended it.

Asked of the database every few seconds for all sockets together, so that nothing has to tell us:
a logout, a disabled person, a new password, a grant that ran out or was taken away.
"""

import asyncio
import logging
from typing import Protocol

from django.db import DatabaseError

from access.actors import Actor
from access.logins import actors_of
from engine.threads import door

CHECK_SECONDS = 2.0
RIGHT_LOST = 4003
log = logging.getLogger("sockets")


class Ward(Protocol):
    """An open socket. ``verdict`` is 0 while it may stay open, else the code to close it with."""

    session_key: str

    def verdict(self, actor: Actor | None) -> int: ...
    def lost(self, code: int) -> None: ...


class Wards:
    """The open sockets of this process; on the loop only, but for ``verdicts``."""

    def __init__(self) -> None:
        self._open: set[Ward] = set()

    def add(self, ward: Ward) -> None:
        self._open.add(ward)

    def discard(self, ward: Ward) -> None:
        self._open.discard(ward)

    async def watch(self) -> None:
        """Until cancelled."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            try:
                if self._open:
                    await self.look()
            except DatabaseError as error:
                log.warning("the rights to open sockets cannot be read: %s", error)

    async def look(self) -> None:
        for ward, code in await door.run(verdicts, list(self._open)):
            if code and ward in self._open:
                self._open.discard(ward)
                ward.lost(code)


def verdicts(wards: list[Ward]) -> list[tuple[Ward, int]]:
    actors = actors_of({ward.session_key for ward in wards})
    return [(ward, verdict_of(ward, actors.get(ward.session_key))) for ward in wards]


def verdict_of(ward: Ward, actor: Actor | None) -> int:
    try:
        return ward.verdict(actor)
    except Exception:
        log.exception("the right to a socket could not be judged: it is closed")
        return RIGHT_LOST


wards = Wards()
