"""``--scale``: how the cost grows with containers and with viewers."""

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from tests.bench.figures import rounded
from tests.bench.http import Person
from tests.bench.rows_cost import busy, memory_of
from tests.bench.websocket import Socket
from tests.bench.world import World, repeat

CONTAINERS = (10, 100, 1000)
VIEWERS = (1, 50, 500)
LIST = "/hosts/local/containers/"
CHANGES = 8
APART = 0.35


@dataclass(frozen=True, slots=True)
class Point:
    """``list_ms``: the first page of the list, in the median. ``follow_ms``: from a rename to the
    last viewer's message. ``cpu_ms``: the server's, for each change."""

    containers: int
    viewers: int
    memory_mib: float
    list_ms: float
    follow_ms: float
    cpu_ms: float


HEADS = ("containers", "viewers", "memory MiB", "list ms", "follow ms", "CPU ms a change")


def scale(world: World, as_lines: bool) -> list[Point]:
    """Print each point as it is known: as a row of a table, or as one object a line."""
    found = []
    if not as_lines:
        print("".join(f"{head:>17}" for head in HEADS), flush=True)
    for point in points(world):
        found.append(point)
        numbers = "".join(f"{number:>17,g}" for number in asdict(point).values())
        print(json.dumps(asdict(point)) if as_lines else numbers, flush=True)
    return found


def as_table(points: list[Point]) -> str:
    rows = [HEADS, ("---",) * len(HEADS)]
    rows += [tuple(f"{number:,g}" for number in asdict(point).values()) for point in points]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def points(world: World) -> Iterator[Point]:
    for containers in CONTAINERS[: world.size(3, 2)]:
        world.populate(containers)
        with world.person(fresh=True) as person:
            time.sleep(containers / 20 + 1)  # each is inspected once
            person.get(LIST)
            for viewers in VIEWERS[: world.size(3, 2)]:
                listed = repeat(20, lambda: person.get(LIST))
                follow, cpu = asyncio.run(watched(world, person, viewers))
                used = memory_of(person.site.process.pid)
                numbers = (used, sorted(listed)[10], follow, cpu)
                yield Point(containers, viewers, *(rounded(number) for number in numbers))


async def watched(world: World, person: Person, count: int) -> tuple[float, float]:
    """Rename a container again and again before so many viewers of the live list."""
    engine = world.engine()
    id = world.any_container()
    viewers = [await Socket.open(person, "/ws/live/") for _ in range(count)]
    for viewer in viewers:
        viewer.say(sub=["containers:local"])
    await asyncio.sleep(1)
    delays, before = [], busy(person.site)
    for number in range(CHANGES):
        name = f"bench-{id[:12]}-{count}-{number}"
        began = time.perf_counter()
        told = asyncio.gather(*(changed(viewer, id) for viewer in viewers))
        await asyncio.to_thread(engine.ask, "POST", f"/containers/{id}/rename?name={name}")
        await told
        delays.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(APART)
    cpu = (busy(person.site) - before) * 1000 / CHANGES
    for viewer in viewers:
        await viewer.close()
    engine.close()
    return sorted(delays)[CHANGES // 2], cpu


async def changed(viewer: Socket, id: str) -> None:
    async with asyncio.timeout(30):
        while id not in json.loads(await viewer.receive()).get("ids", ()):
            pass
