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


async def follow(actor: Actor, slug: str) -> AsyncIterator[dict[str, Any]]:
    """Topic ``networks:<host>``: at most twice a second, and of nothing that the actor may not
    see. Nothing where there is no such host."""
    try:
        engine = engine_of(slug)
    except NotFound:
        return
    async with engine.mirror.events() as events:
        while True:
            changed: dict[str, str] = {}
            note(changed, await anext(events))
            with suppress(TimeoutError):
                async with asyncio.timeout(PAUSE_SECONDS):
                    while True:
                        note(changed, await anext(events))
            if changed and (ids := await door.run(seen, actor, slug, changed)):
                yield {"event": "networks-changed", "host": slug, "version": 0, "ids": ids}


def note(changed: dict[str, str], event: EngineEvent) -> None:
    """By id, with its name: what was removed tells that for the last time."""
    if event.kind == "network":
        changed[event.id] = event.attributes.get("name", "")


def seen(actor: Actor, slug: str, changed: dict[str, str]) -> list[str]:
    return [
        id
        for id, name in changed.items()
        if may(actor, "network.see", Target("network", id, name, slug))
    ]
