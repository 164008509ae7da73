"""What a commit that was broken off leaves on the engine: it makes the image all the same.

Which one that is, its event says; that it is this commit's own, the image itself: what was asked
for stands in it, it came after the beginning, has no name, and is nobody's.
"""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from access.book import book
from access.errors import Denied
from engine.answers import Json, bare_id, parse_time
from engine.commit_spec import CommitSpec
from engine.engine import Engine
from engine.errors import EngineError
from engine.streams import split_reference
from engine.threads import door

MINUTES = 30  # that an engine may go on writing
MOST = 20  # that are waited for at a time: an engine that gave one up never tells of it
NS = 10**9


@dataclass(frozen=True, slots=True)
class Name:
    """The name that it was ``given``, and the id of the image ``before`` that had it; "": none."""

    given: str = ""
    before: str = ""


_waits: list[asyncio.Task[None]] = []  # oldest first


def clear_later(
    engine: Engine, container_id: str, spec: CommitSpec, began: datetime | None
) -> None:
    """On the loop. Of too many the oldest is given up."""
    if began is None:
        return
    task = door.spawn(clear(engine, container_id, spec, began), "what a commit left")
    _waits.append(task)
    task.add_done_callback(_waits.remove)
    for oldest in _waits[:-MOST]:
        oldest.cancel()


async def clear(engine: Engine, container_id: str, spec: CommitSpec, began: datetime) -> None:
    """Wait for the image that the engine still makes of the container, and remove it."""
    since = int(began.timestamp() * NS)
    until = time.time_ns() + MINUTES * 60 * NS
    with suppress(EngineError):
        async with engine.streams.events(since, until, container_id) as events:
            async for event in events:
                image_id = bare_id(event.attributes.get("imageID", ""))
                if event.action != "commit" or not image_id:
                    continue
                if await door.run(removed, engine, image_id, spec, began):
                    return


def removed(engine: Engine, image_id: str, spec: CommitSpec, began: datetime) -> bool:
    """Whether it was this commit's; then it is gone."""
    try:
        inspect = engine.commands.inspect_image(image_id)
        if not is_own(engine, inspect, spec, began):
            return False
        engine.commands.remove_image(image_id, force=False)
    except EngineError:
        return False
    return True


def is_own(engine: Engine, inspect: Json, spec: CommitSpec, began: datetime) -> bool:
    made = parse_time(str(inspect.get("Created") or ""))
    said = str(inspect.get("Comment") or ""), str(inspect.get("Author") or "")
    held = book().holders(engine.name, "image", bare_id(str(inspect["Id"])))
    theirs = inspect.get("RepoTags") or held.teams or held.users or held.shared
    asked = (spec.message, spec.author)
    return bool(made and made >= began and said == asked and not theirs)


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
