"""Events live: who watches a host is told that there is news for them, and fetches it."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from access.actors import Actor
from access.gate import may
from access.targets import Target
from engine.errors import NotFound
from engine.threads import door
from engine.types import EngineEvent
from events.seeing import Eyes
from hosts.live import engine_of

PAUSE_SECONDS = 0.5


async def follow(actor: Actor, host: str) -> AsyncIterator[dict[str, Any]]:
    """Topic ``events:<host>``: at most twice a second, and of nothing that the actor may not see.

    It listens to the mirror, which has the one stream of the engine.
    """
    try:
        mirror = engine_of(host).mirror
    except NotFound:
        return
    told = {"event": "events-changed", "host": host, "ids": []}
    async with mirror.events() as events:
        if await door.run(allowed, actor, host):
            yield told  # for what came between the page and its subscription
        async for event in events:
            heard = [event, *events.take()]
            if not await door.run(shows, actor, host, heard):
                await asyncio.sleep(2 * PAUSE_SECONDS)  # whose it is may be written only now
                if not await door.run(shows, actor, host, heard):
                    continue
            yield told
            await asyncio.sleep(PAUSE_SECONDS)


def allowed(actor: Actor, host: str) -> bool:
    return may(actor, "host.see", Target("host", host, host, host))


def shows(actor: Actor, host: str, events: list[EngineEvent]) -> bool:
    """Whether one of them is for this person."""
    if not allowed(actor, host):
        return False
    eyes = Eyes(actor, host)
    return any(eyes.shows(event) for event in events)
