"""What a load that was broken off has left in the engine: images without a name."""

import asyncio

from access.book import book
from engine.engine import Engine
from engine.errors import EngineError
from engine.threads import door

SECONDS, TRIES = 1.0, 30  # the engine goes on for a while with what it had got


async def clear(engine: Engine, host: str, ids: set[str]) -> None:
    """Remove those of ``ids`` that come, and that nobody has: no name, no holder, no container."""
    for _try in range(TRIES if ids else 0):
        await asyncio.sleep(SECONDS)
        await door.run(remove, engine, host, ids)


def remove(engine: Engine, host: str, ids: set[str]) -> None:
    snapshot, held = engine.mirror.snapshot, book()
    for id in ids & snapshot.images.keys():
        row, holders = snapshot.images[id], held.holders(host, "image", id)
        had = row.tags or row.digests or snapshot.containers_of_image(id)
        if had or holders.teams or holders.users or holders.shared:
            continue
        engine.helpers.release(image=id)
        try:
            engine.commands.remove_image(id, force=False)
        except EngineError:
            continue  # somebody uses it, then it is not ours to remove
