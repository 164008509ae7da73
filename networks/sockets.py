"""The live part: who looks at networks is told which of theirs changed, and fetches them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

from access.actors import Actor
from access.gate import may
from access.targets import Target
from engine.errors import NotFound
from engine.threads import door
from engine.types import EngineEvent
from hosts.live import engine_of

PAUSE_SECONDS = 0.5
Changed = set[tuple[str, str, str]]  # network, its name, the container that came or went or ""


async def follow(actor: Actor, slug: str) -> AsyncIterator[dict[str, Any]]:
    """Topic ``networks:<host>``: at most twice a second, and of nothing that the actor may not
    see. Nothing where there is no such host."""
    try:
        engine = engine_of(slug)
    except NotFound:
        return
    async with engine.mirror.events() as events:
        while True:
            changed: Changed = set()
            note(changed, await anext(events))
            with suppress(TimeoutError):
                async with asyncio.timeout(PAUSE_SECONDS):
                    while True:
                        note(changed, await anext(events))
            if changed and (ids := await door.run(seen, actor, slug, changed)):
                yield {"event": "networks-changed", "host": slug, "version": 0, "ids": ids}


def note(changed: Changed, event: EngineEvent) -> None:
    """By network and by container that came or went; a network that was removed tells its name
    for the last time."""
    if event.kind == "network":
        said = event.attributes
        changed.add((event.id, said.get("name", ""), said.get("container", "")))


def seen(actor: Actor, slug: str, changed: Changed) -> list[str]:
    """That another team's container came or went is not told, in a shared network neither."""
    return sorted(
        {id for id, name, container in changed if shows(actor, slug, id, name, container)}
    )


def shows(actor: Actor, slug: str, id: str, name: str, container: str) -> bool:
    if container and not may(actor, "container.see", Target("container", container, "", slug)):
        return False
    return may(actor, "network.see", Target("network", id, name, slug))
