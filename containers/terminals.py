"""The terminals of this process: who has which, who may have one more, and how they are let go."""

import asyncio
import logging
import time
from itertools import compress, groupby

from django.conf import settings
from django.db import DatabaseError
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from access import at_once
from access.actors import Actor
from containers.killing import kill_shell
from containers.models import OpenShell
from containers.orders import Order
from containers.shell_ends import End, EndKind
from containers.terminal import State, TerminalSession
from engine.errors import EngineError, NotFound
from engine.threads import door
from hosts.live import engine_of

TICK_SECONDS = 1.0
REAP_SECONDS = 10.0  # what a busy engine did not end in time is gone soon after
WARN_SECONDS = 60.0
CLOSED = End(EndKind.CLOSED)
log = logging.getLogger("terminals")


class TooManyShells(Exception):
    """The person has as many terminals as one may have; the message names them."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Terminals:
    """Sessions by id. They are opened and ended on the loop; reading is safe from any thread."""

    def __init__(self) -> None:
        self._sessions: dict[str, TerminalSession] = {}

    async def open(self, actor: Actor, order: Order) -> TerminalSession:
        """Start a session, in a place of the person's team; its end is recorded whatever happens.
        Raises TooManyShells, OverQuota, NotFound."""
        engine = engine_of(order.target.host)
        offer = await door.run(at_once.offer, actor, order.target.host, "shells")
        self.refuse_too_many(actor)
        seat = offer.take()
        session = TerminalSession(engine, actor, order)
        self._sessions[session.id] = session
        task = door.spawn(session.run(), f"terminal {session.id}")
        task.add_done_callback(lambda _task: seat.leave())
        return session

    def refuse_too_many(self, actor: Actor) -> None:
        own = self.of(actor)
        if len(own) < settings.SHELLS_PER_PERSON:
            return
        names = ", ".join(session.order.target.name for session in own)
        raise TooManyShells(
            ngettext(
                "You have %(count)d terminal open, the most one may have (%(names)s): end it.",
                "You have %(count)d terminals open, the most one may have (%(names)s): end one.",
                len(own),
            )
            % {"count": len(own), "names": names}
        )

    def living(self) -> list[TerminalSession]:
        """Everybody's that have not ended, oldest first."""
        return [s for s in list(self._sessions.values()) if s.state is not State.ENDED]

    def of(self, actor: Actor) -> list[TerminalSession]:
        """The person's own that have not ended, oldest first."""
        return [session for session in self.living() if session.actor.user_id == actor.user_id]

    def find(self, actor: Actor, session_id: str, container_id: str = "") -> TerminalSession | None:
        """The person's own, ended or not, as long as it is remembered; None for everyone else's.

        If ``container_id`` is given, only one in that container.
        """
        session = self._sessions.get(session_id)
        if session is None or session.actor.user_id != actor.user_id:
            return None
        return session if container_id in ("", session.order.target.id) else None

    def known(self, actor: Actor, session_id: str, container_id: str) -> TerminalSession:
        """As ``find``. Raises NotFound where it is gone."""
        session = self.find(actor, session_id, container_id)
        if session is None:
            raise NotFound(lost_sentence())
        return session

    def at(self, host: str, session_id: str) -> TerminalSession | None:
        """Anybody's on a host that has not ended: for those who may look at others'."""
        found = self._sessions.get(session_id)
        if found is None or found.state is State.ENDED or found.order.target.host != host:
            return None
        return found

    def end(self, session: TerminalSession, end: End = CLOSED) -> None:
        """From a thread: its person ends it. What it started is killed after this returns."""

        async def finish() -> None:
            session.finish(end)

        door.call(finish(), timeout=5)

    async def keep(self) -> None:
        """Until cancelled: end what was left or is idle, forget the ended."""
        while True:
            now = time.monotonic()
            for session in list(self._sessions.values()):
                self.look_after(session, now)
            await asyncio.sleep(TICK_SECONDS)

    def look_after(self, session: TerminalSession, now: float) -> None:
        patience = settings.TERMINAL_RETURN_SECONDS
        if session.state is State.ENDED:
            if now - session.ended_at > patience:
                self._sessions.pop(session.id, None)
        elif not session.viewers and now - session.left_at > patience:
            session.finish(End(EndKind.LEFT))
        elif settings.TERMINAL_IDLE_MINUTES:
            self.look_at_idle(session, session.typed_at + settings.TERMINAL_IDLE_MINUTES * 60 - now)

    def look_at_idle(self, session: TerminalSession, left: float) -> None:
        """``left``: seconds until it has been idle for too long."""
        if left <= 0:
            session.finish(End(EndKind.IDLE))
        elif left <= WARN_SECONDS and session.warned_at < session.typed_at:
            session.warned_at = time.monotonic()
            with translation.override(session.actor.language):
                session.warn(_("No key was pressed for long: this terminal ends in a minute."))

    async def reap(self) -> None:
        """Until cancelled: end what an earlier server, or a lost engine, left running."""
        while True:
            try:
                await self.reap_once()
            except DatabaseError as error:
                log.warning("the recorded shells cannot be read: %s", error)
            await asyncio.sleep(REAP_SECONDS)

    async def reap_once(self) -> None:
        shells = await door.run(recorded_shells)
        for _key, together in groupby(shells, lambda shell: (shell.host, shell.container_id)):
            live = {session.marker for session in self.living()}
            left = [shell for shell in together if shell.marker not in live]
            gone = await asyncio.gather(*map(reaped, left))
            await door.run(forget, [shell.marker for shell in compress(left, gone)])


def lost_sentence() -> str:
    """Of a terminal that is not known (any more)."""
    return _("That terminal is gone: it ended, or the server was restarted. Start a new one.")


def recorded_shells() -> list[OpenShell]:
    return list(OpenShell.objects.order_by("host", "container_id"))


def forget(markers: list[str]) -> None:
    OpenShell.objects.filter(marker__in=markers).delete()


async def reaped(shell: OpenShell) -> bool:
    """Whether all was done that can be. An engine that cannot be asked is asked again later."""
    try:
        engine = engine_of(shell.host)
    except NotFound:
        return True
    try:
        gone = await kill_shell(engine, shell.container_id, shell.marker)
    except (EngineError, TimeoutError) as error:
        log.info("%s is not reaped yet: %s", shell, error)
        return False
    log.info("reaped %s%s", shell, "" if gone else ", as far as it could be")
    return True


terminals = Terminals()
