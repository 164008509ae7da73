"""The live part of a container's stats: for who may see it, as long as they may."""

import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from access.actors import Actor
from access.gate import may
from access.targets import ContainerTarget
from engine.errors import NotFound
from engine.stats import Sample
from engine.threads import door
from hosts.live import engine_of

CHECK_SECONDS = 2.0


async def stats(actor: Actor, host: str, id: str) -> AsyncIterator[dict[str, Any]]:
    """Topic ``stats:<host>:<id>``: what is kept of the last minutes first (``whole``), then about
    once a second the latest, and less often for who is slow. Nothing where it may not be seen, and
    no more from then on.
    """
    if not await door.run(allowed, actor, host, id):
        return
    checked, whole = time.monotonic(), True
    async with aclosing(engine_of(host).stats.watch(id)) as news:
        async for each in news:
            if time.monotonic() - checked > CHECK_SECONDS:
                if not await door.run(allowed, actor, host, id):
                    return
                checked = time.monotonic()
            yield {
                "event": "stats",
                "host": host,
                "id": id,
                "state": each.state,
                "whole": whole,
                "points": [point(sample) for sample in each.samples],
            }
            whole = False


def allowed(actor: Actor, host: str, id: str) -> bool:
    try:
        row = engine_of(host).mirror.snapshot.containers.get(id)
    except NotFound:
        return False
    return row is not None and may(actor, "container.see", ContainerTarget.of(host, row))


def point(sample: Sample) -> list[float | int | None]:
    """[seconds, CPU percent or null, memory, its limit, received, sent, read, written, pids]"""
    return [
        round(sample.at.timestamp(), 3),
        None if sample.cpu is None else round(sample.cpu, 2),
        sample.memory,
        sample.memory_limit,
        sample.received,
        sample.sent,
        sample.read,
        sample.written,
        sample.pids,
    ]
