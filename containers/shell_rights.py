"""A right that ends, ends at once: its person's shells are killed, not only refused a new one."""

import asyncio
import logging
from collections.abc import Iterable
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest

from access.actors import Actor, hash_of_session
from access.gate import may
from access.logins import standing
from access.models import User
from containers.shell_ends import End, EndKind
from containers.terminal import TerminalSession
from containers.terminals import terminals
from engine.threads import door

CHECK_SECONDS = 2.0
log = logging.getLogger("terminals")


async def watch() -> None:
    """Until cancelled: ask the gate again for every open terminal."""
    while True:
        try:
            if living := terminals.living():
                for session in await door.run(without_login, living):
                    session.finish(End(EndKind.LOGIN_OVER))
                for session in await door.run(without_right, living):
                    session.finish(End(EndKind.RIGHT_LOST))
        except DatabaseError as error:
            log.warning("the rights to open terminals cannot be read: %s", error)
        await asyncio.sleep(CHECK_SECONDS)


def without_login(sessions: Iterable[TerminalSession]) -> list[TerminalSession]:
    """Those whose login was ended, also while nobody looks at them. As ``without_right``."""
    logins = {session.actor.session for session in sessions} - {""}
    gone = logins - standing(logins)
    return [session for session in sessions if session.actor.session in gone]


def without_right(sessions: Iterable[TerminalSession]) -> list[TerminalSession]:
    """Those whose person would not get them now. Reads the database: call it through the door."""
    sessions = list(sessions)
    users = User.objects.in_bulk({session.actor.user_id for session in sessions})
    return [
        session
        for session in sessions
        if (user := users.get(session.actor.user_id or 0)) is None
        or not may(now(user, session), session.order.right, session.order.target)
    ]


def now(user: User, session: TerminalSession) -> Actor:
    """Who the person is now, in the login that opened it: going beyond the fence is a login's."""
    return Actor.of_user(user, session=session.actor.session)


def logged_out(sender: Any, request: HttpRequest, **kwargs: Any) -> None:
    """Django's signal, in a thread: what this login opened ends with it."""
    login = hash_of_session(getattr(request.session, "session_key", None))
    own = [session for session in terminals.living() if login and session.actor.session == login]
    if own:
        door.call(end_all(own), timeout=5)


async def end_all(sessions: Iterable[TerminalSession]) -> None:
    for session in sessions:
        session.finish(End(EndKind.LOGIN_OVER))
