"""The list of containers: beside the engine's own list, its calls, and how soon it follows."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from tests.bench.figures import Figure, row
from tests.bench.http import Person
from tests.bench.scale import changed
from tests.bench.websocket import Socket
from tests.bench.world import World, repeat
from tests.faults import faulty_engine_before

LIST = "/hosts/local/containers/"
ENGINE_LIST = "/containers/json?all=1"
PAGE = 200  # rows
AT_ONCE = 4
CHANGES_APART = 0.6  # the live socket tells at most four times a second


@row("list page, 1,000 containers, warm mirror, server time", 10)
def list_of_10(world: World) -> Iterator[Figure]:
    yield from list_beside_engine(world)


@row("list page, 1,000 containers, warm mirror, server time", 100)
def list_of_100(world: World) -> Iterator[Figure]:
    yield from list_beside_engine(world)


@row("list page, 1,000 containers, warm mirror, server time", 1000)
def list_of_1000(world: World) -> Iterator[Figure]:
    yield from list_beside_engine(world)


def list_beside_engine(world: World) -> Iterator[Figure]:
    """First page, all rows, ids and requests per second, each beside the engine's list."""
    many, times = f"{world.population:,} containers", world.size(100, 20)
    with world.person() as person, contextlib.closing(world.engine()) as engine:
        person.get(LIST)
        raw = repeat(times, lambda: engine.ask("GET", ENGINE_LIST))
        page = repeat(times, lambda: person.get(LIST))
        rows = repeat(times // 2, lambda: all_rows(person, world.population))
        ids = repeat(times, lambda: world.seen(person))
        command = repeat(max(3, times // 10), lambda: world.run("ps", "-a", "--no-trunc"))
        listed = "GET /containers/json?all=1"
        yield Figure(f"{many}: first page", "ms", "lower", page, raw, listed)
        yield Figure(f"{many}: first page, beside docker ps", "ms", "lower", page, command, "ps -a")
        yield Figure(f"{many}: all rows", "ms", "lower", rows, raw, listed)
        yield Figure(f"{many}: ids, beside docker ps", "ms", "lower", ids, command, "ps -a")
        ours, theirs = rates(world, person)
        yield Figure(f"{many}: {AT_ONCE} at once", "requests/s", "higher", ours, theirs, listed)


def all_rows(person: Person, count: int) -> None:
    person.get(LIST)
    for page in range(2, (count - 1) // PAGE + 2):
        person.get(f"{LIST}?page={page}", HX_Request="true")


def rates(world: World, person: Person) -> tuple[list[float], list[float]]:
    twins = [Person(person.site, person.cookies) for _ in range(AT_ONCE)]
    engines = [world.engine() for _ in range(AT_ONCE)]
    seconds, rounds = world.size(2, 1), world.size(3, 1)
    ours = [rate([lambda t=twin: t.get(LIST) for twin in twins], seconds) for _ in range(rounds)]
    theirs = [
        rate([lambda e=engine: e.ask("GET", ENGINE_LIST) for engine in engines], seconds)
        for _ in range(rounds)
    ]
    for line in [*twins, *engines]:
        line.close()
    return ours, theirs


def rate(actions: list[Callable[[], object]], seconds: float) -> float:
    """Calls a second, each action again and again in a thread of its own."""
    began = time.perf_counter()

    def again(action: Callable[[], object]) -> int:
        count = 0
        while time.perf_counter() < began + seconds:
            action()
            count += 1
        return count

    with ThreadPoolExecutor(len(actions)) as pool:
        count = sum(pool.map(again, actions))
    return count / (time.perf_counter() - began)


@row("engine calls per list view", 10)
def engine_calls(world: World) -> Iterator[Figure]:
    with (
        faulty_engine_before(world.engine_url, world.home) as stand_in,
        world.person(stand_in.url) as person,
    ):
        time.sleep(world.population / 20 + 1)  # each is inspected once
        views = 20
        before = len(stand_in.requests)
        for _ in range(views):
            person.get(LIST)
        calls = (len(stand_in.requests) - before) / views
        yield Figure(f"{views} views", "calls", "lower", [calls], [1], "docker ps")


@row("event to row, raw event → changed row at a socket client", 100)
def event_to_row(world: World) -> Iterator[Figure]:
    with world.person() as person:
        time.sleep(world.population / 20 + 1)  # each is inspected once
        told, shown, raw = asyncio.run(follow_changes(world, person))
    against = "action → raw /events listener"
    yield Figure("raw event → id at a socket client", "ms", "lower", told, raw, against)
    yield Figure("raw event → row's HTML fetched", "ms", "lower", shown, raw, against)


async def follow_changes(world: World, person: Person) -> tuple[list[float], ...]:
    """Rename one container again and again: when do a raw listener and our client know?"""
    engine = world.engine()
    id = world.any_container()
    reader, writer = await asyncio.open_unix_connection(
        world.engine_url.removeprefix("unix://"), limit=2**20
    )
    writer.write(b"GET /events HTTP/1.1\r\nHost: engine\r\n\r\n")
    await reader.readuntil(b"\r\n\r\n")
    live = await Socket.open(person, "/ws/live/")
    live.say(sub=["containers:local"])
    await asyncio.sleep(0.5)
    told, shown, raw = [], [], []
    for number in range(world.size(40, 12)):
        rename = asyncio.to_thread(
            engine.ask, "POST", f"/containers/{id}/rename?name=bench-{id[:12]}-{number}"
        )
        began = time.perf_counter()
        renaming = asyncio.ensure_future(rename)
        arrival = asyncio.ensure_future(changed(live, id))
        await reader.readuntil(b'"Action":"rename"')
        event = time.perf_counter()
        await arrival
        raw.append((event - began) * 1000)
        told.append((time.perf_counter() - event) * 1000)
        await asyncio.to_thread(person.get, f"{LIST}?ids={id}", HX_Request="true")
        shown.append((time.perf_counter() - event) * 1000)
        await renaming
        await asyncio.sleep(CHANGES_APART)
    writer.close()
    await live.close()
    engine.close()
    return told, shown, raw
