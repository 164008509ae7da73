"""Owns every background task: it starts with the server and stops with it. Both are idempotent."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from django.conf import settings
from django.db import close_old_connections
from django.utils.translation import get_language

from access import door as changes
from access import setup
from access.actors import SYSTEM
from access.errors import NotRecorded
from access.targets import SITE
from audit import chain, keeper, shelf
from audit.models import Entry
from audit.scribe import scribe
from containers import commit_left, copy_left, removals, replacements, shell_rights
from containers.terminals import terminals
from dashboard import memory
from engine.threads import door
from hosts import live
from jobs import runner as jobs
from transfers import downloads
from web.addresses import public_url
from web.language import speak
from web.wards import wards

log = logging.getLogger("runtime")

# Endless work of the features: each is a coroutine function that runs until it is cancelled.
SERVICES: dict[str, Callable[[], Coroutine[Any, Any, None]]] = {
    "jobs": jobs.sweep,
    "spool": downloads.serve,
    "uploads left": copy_left.go_on,
    "commits left": commit_left.go_on,
    "replacements": replacements.serve,
    "removed containers": removals.serve,
    "terminals": terminals.keep,
    "shell reaper": terminals.reap,
    "shell rights": shell_rights.watch,
    "wards": wards.watch,
    "recordings": scribe.serve,
    "recordings kept": keeper.serve,
    "memory": memory.tidy,
}

AGAIN_SECONDS = 1.0
_started = False


async def start() -> None:
    """Open the door, start the engines and the services. Never called by a command."""
    global _started
    if _started:
        return
    _started = True
    door.open(asyncio.get_running_loop())
    door.after(close_old_connections)
    door.carry(get_language, speak)
    await door.run(first_steps)
    await live.start()
    for name, serve in SERVICES.items():
        door.spawn(kept(name, serve), name)


async def kept(name: str, serve: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """One that fails begins again: who guards rights or the spool must not be gone for good."""
    while True:
        try:
            return await serve()
        except Exception:
            log.exception("The service %s failed and begins again", name)
            await asyncio.sleep(AGAIN_SECONDS)


async def serve() -> None:
    """``start``, as a server calls it: the record says from when on people were served."""
    if not _started:
        await start()
        await door.run(note, "server.start")


async def end() -> None:
    """``stop``, as a server calls it. What is still under way ends after this row."""
    if _started:
        await door.run(note, "server.stop")
        await stop()


def note(event: str) -> None:
    last = Entry.objects.filter(event__in=("server.start", "server.stop")).order_by("-seq").first()
    about = {"version": settings.VERSION, "before": last.event if last else ""}
    try:
        changes.note(SYSTEM, event, SITE, parameters=about)
    except NotRecorded as error:
        log.error("%s: changes are refused until it can be", error.message)


async def stop() -> None:
    global _started
    if not _started:
        return
    _started = False
    await live.stop()
    await door.close()


def first_steps() -> None:
    unknown = chain.close_open_intents()
    if unknown:
        log.warning("%d changes had no result in the audit log: now recorded as unknown", unknown)
    if left := shelf.close_left():
        log.warning("%d recordings end where the last server did", left)
    if interrupted := jobs.interrupt_left():
        log.warning("%d jobs were interrupted by the end of the last server", interrupted)
    if setup.from_environment():
        log.info("made the first superuser from ADMIN_USER")
    elif setup.needed():
        print(f"First start: open {public_url()}/setup/{setup.new_token()}/", flush=True)
