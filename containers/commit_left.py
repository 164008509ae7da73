"""What a commit that was broken off leaves on the engine: it makes the image all the same.

Which image that is, stands in it: the engine keeps a host name in an image that no container gets
and nothing reads, of whichever container it was made; ours has a mark in its place. Every mark is
recorded before the engine is asked, so that what a crash left is found again. Nobody's image but
one with that mark goes, and of these none that has a name or belongs to somebody.
"""

import asyncio
import logging
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import DatabaseError

from access.book import book
from access.errors import Denied, NotRecorded
from containers.models import OpenCommit
from engine.answers import Json, bare_id, parse_time
from engine.engine import Engine
from engine.errors import EngineError
from engine.streams import split_reference
from engine.threads import door
from engine.types import EngineState
from hosts.live import engine_of

MINUTES = 30  # that an engine may go on writing
MOST = 20  # that are waited for at a time: an engine that gave one up never tells of it
SECONDS = 1.0
NS = 10**9
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Name:
    """The name that it was ``given``, and the id of the image ``before`` that had it; "": none."""

    given: str = ""
    before: str = ""


_waits: list[asyncio.Task[None]] = []  # oldest first
_own: set[str] = set()  # marks of this process, which sees to them itself


def begin(engine: Engine, container_id: str) -> tuple[OpenCommit, dict[str, Any]]:
    """The record of a commit, and the configuration to ask the engine for it with.

    In a thread, before it is asked. Raises NotRecorded and EngineErrors.
    """
    facts = engine.commands.facts()
    began = parse_time(facts.raw.get("SystemTime")) or datetime.now(UTC)
    config = engine.commands.inspect_container(container_id).get("Config") or {}
    row = OpenCommit(secrets.token_hex(16), engine.name, container_id, "", began)
    _own.add(row.mark)
    try:
        row.save(force_insert=True)
    except DatabaseError as error:
        raise NotRecorded(f"The commit cannot be recorded: {error}") from error
    return row, {**config, "Hostname": row.mark}


def answered(row: OpenCommit, image_id: str) -> None:
    row.image_id = image_id
    row.save(update_fields=["image_id"])


def forget(row: OpenCommit) -> None:
    """Nothing of it is left, or it is not looked for any more."""
    _own.discard(row.mark)
    with suppress(DatabaseError):  # then it is looked for once more at the next start
        OpenCommit.objects.filter(pk=row.mark).delete()


def kept(host: str, image_id: str) -> None:
    """It has its owner: in the transaction that says so."""
    for row in OpenCommit.objects.filter(host=host, image_id=image_id):
        forget(row)


def clear_later(engine: Engine, row: OpenCommit) -> None:
    """On the loop. Of too many the oldest is given up."""
    task = door.spawn(clear(engine, row), "what a commit left")
    _waits.append(task)
    task.add_done_callback(_waits.remove)
    for oldest in _waits[:-MOST]:
        oldest.cancel()


async def clear(engine: Engine, row: OpenCommit) -> None:
    """Wait for the image that the engine still makes of the container, and remove it."""
    since = int(row.began.timestamp() * NS)
    until = time.time_ns() + MINUTES * 60 * NS
    with suppress(EngineError):
        async with engine.streams.events(since, until, row.container_id) as events:
            async for event in events:
                image_id = bare_id(event.attributes.get("imageID", ""))
                if event.action != "commit" or not image_id:
                    continue
                if await door.run(removed, engine, image_id, row):
                    return
        await door.run(forget, row)


async def go_on() -> None:
    """After a restart, what the last server did not see end: each as soon as its engine is there.
    Ends when none is left, or is cancelled."""
    waiting = await door.run(left_over)
    while waiting:
        for row in waiting.copy():
            if is_up(row.host):
                waiting.remove(row)
                if not await door.run(found, engine_of(row.host), row):
                    clear_later(engine_of(row.host), row)
        await asyncio.sleep(SECONDS)


def left_over() -> list[OpenCommit]:
    return [row for row in OpenCommit.objects.all() if row.mark not in _own]


def is_up(host: str) -> bool:
    try:
        return engine_of(host).mirror.snapshot.state is EngineState.UP
    except EngineError:
        return False


def found(engine: Engine, row: OpenCommit) -> bool:
    """Whether nothing more is to come: it was made by then, and is gone or somebody's."""
    if row.image_id:
        if not removed(engine, row.image_id, row):
            forget(row)
        return True
    since = row.began.replace(microsecond=0)  # lists of images know no parts of a second
    images = engine.commands.images()  # of one without a name the mirror has not heard
    nameless = [image for image in images if not image.tags and image.created >= since]
    return any(removed(engine, image.id, row) for image in nameless)


def removed(engine: Engine, image_id: str, row: OpenCommit) -> bool:
    """Whether it was this commit's; then it is gone."""
    try:
        inspect = engine.commands.inspect_image(image_id)
        if not is_own(engine, inspect, row):
            return False
        engine.helpers.release(image=image_id)
        engine.commands.remove_image(image_id, force=False)
    except EngineError:
        return False
    log.info("removed image %s, which %s had left", image_id[:12], row)
    forget(row)
    return True


def is_own(engine: Engine, inspect: Json, row: OpenCommit) -> bool:
    held = book().holders(engine.name, "image", bare_id(str(inspect["Id"])))
    theirs = inspect.get("RepoTags") or held.teams or held.users or held.shared
    return (inspect.get("Config") or {}).get("Hostname") == row.mark and not theirs


async def undo(engine: Engine, image_id: str, naming: "asyncio.Future[Name]") -> None:
    """An image that is whole: its name goes back to what had it, and it goes."""
    name = Name()
    with suppress(EngineError, Denied):
        name = await naming
    with suppress(EngineError):
        await door.run(taken_back, engine, image_id, name)


def taken_back(engine: Engine, image_id: str, name: Name) -> None:
    tags = engine.commands.image(image_id).tags
    if name.given in tags and name.before not in ("", image_id):
        engine.commands.tag(name.before, *split_reference(name.given))
    elif name.given in tags:
        engine.commands.remove_image(name.given, force=False)
    if set(tags) <= {name.given}:
        with suppress(EngineError):  # with its last name it is gone already
            engine.commands.remove_image(image_id, force=False)
    kept(engine.name, image_id)
