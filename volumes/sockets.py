"""The live part: who looks at volumes is told which of theirs changed, and fetches them."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from access.actors import Actor
from access.gate import may
from access.sight import held_names
from access.sight import seen as seen_by
from access.targets import Target
from engine.errors import NotFound
from engine.threads import door
from engine.types import EngineEvent
from hosts.live import engine_of

PAUSE_SECONDS = 0.5
NOTHING: frozenset[str] = frozenset()
Changed = set[tuple[str, str]]  # a volume's name or "", the container that came or went or ""


@dataclass(frozen=True, slots=True)
class Known:
    """Names of volumes that somebody sees, and of each container's: once gone, nobody has them."""

    names: frozenset[str] = NOTHING
    mounts: Mapping[str, frozenset[str]] = field(default_factory=dict)


async def follow(actor: Actor, slug: str) -> AsyncIterator[dict[str, Any]]:
    """Topic ``volumes:<host>``, as that of networks."""
    try:
        engine = engine_of(slug)
    except NotFound:
        return
    async with engine.mirror.events() as events:
        known = await door.run(known_to, actor, slug)
        while True:
            changed: Changed = set()
            note(changed, await anext(events))
            with suppress(TimeoutError):
                async with asyncio.timeout(PAUSE_SECONDS):
                    while True:
                        note(changed, await anext(events))
            if changed:
                before, known = known, await door.run(known_to, actor, slug)
                if ids := await door.run(seen, actor, slug, changed, before, known):
                    yield {"event": "volumes-changed", "host": slug, "version": 0, "ids": ids}


def note(changed: Changed, event: EngineEvent) -> None:
    if event.kind == "volume":
        changed.add((event.id, event.attributes.get("container", "")))
    elif event.kind == "container" and event.action in ("create", "destroy"):
        changed.add(("", event.id))


def known_to(actor: Actor, slug: str) -> Known:
    rows = seen_by(actor, slug, engine_of(slug).mirror.snapshot).containers
    mounts = {id: frozenset(m.name for m in row.mounts if m.name) for id, row in rows.items()}
    return Known(held_names(actor, slug, "volume").union(*mounts.values()), mounts)


def seen(actor: Actor, slug: str, changed: Changed, before: Known, now: Known) -> list[str]:
    """That another team's container came or went is not told, of a shared volume neither."""
    found: set[str] = set()
    for name, container in changed:
        theirs = before.mounts.get(container, NOTHING) | now.mounts.get(container, NOTHING)
        if not name:
            found |= theirs
        elif name in theirs or (not container and shows(actor, slug, name, before)):
            found.add(name)
    return sorted(found)


def shows(actor: Actor, slug: str, name: str, before: Known) -> bool:
    return name in before.names or may(actor, "volume.see", Target("volume", name, name, slug))
