"""The live tail: who watches the record is told that there is news for them, and fetches it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

from access import sight
from access.actors import Actor
from access.gate import may
from access.targets import SITE
from audit.export import last_seq
from audit.tail import tail
from engine.threads import door

LOOK_SECONDS = 5.0  # other processes write, too: commands do
PAUSE_SECONDS = 1.0


async def follow(actor: Actor) -> AsyncIterator[dict[str, Any]]:
    """Topic ``audit``: at most once a second, and of nothing that the actor may not read."""
    told = {"event": "audit-changed", "ids": []}
    with tail.watch() as woken:
        last = await door.run(last_seq)
        yield told  # for what came between the page and its subscription
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(woken.wait(), LOOK_SECONDS)
            woken.clear()
            last, news = await door.run(news_since, actor, last)
            if news:
                yield told
                await asyncio.sleep(PAUSE_SECONDS)


def news_since(actor: Actor, last: int) -> tuple[int, bool]:
    """The last row now, and whether one after ``last`` is for the actor."""
    top = last_seq()
    if top <= last or not may(actor, "audit.see", SITE):
        return top, False
    return top, sight.entries(actor).filter(seq__gt=last, seq__lte=top).exists()
