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
from tests.faults import FaultyEngine, faulty_engine_before

WORDS = "list page, 1,000 containers, warm mirror, server time"
LIST = "/hosts/local/containers/"
ENGINE_LIST = "/containers/json?all=1"
PAGE = 200  # rows
AT_ONCE = 4
CHANGES_APART = 0.6  # the live socket tells at most four times a second


@row(WORDS, 10, beside=True)
def list_of_10(world: World) -> Iterator[Figure]:
    yield from list_beside_engine(world, None, None)


@row(WORDS, 100, beside=True)
def list_of_100(world: World) -> Iterator[Figure]:
    yield from list_beside_engine(world, None, None)


@row(WORDS, 1000)
def list_of_1000(world: World) -> Iterator[Figure]:
    yield from list_beside_engine(world, 25, 60)


def list_beside_engine(world: World, first: float | None, whole: float | None) -> Iterator[Figure]:
    """First page, all rows, ids and requests per second, each beside the engine's list.

    ``first`` and ``whole`` are the goals of the first two.
    """
    many, times = f"{world.population:,} containers", world.size(100, 20)
    with world.person() as person, contextlib.closing(world.engine()) as engine:
        person.get(LIST)
        page, raw = in_turn(times, lambda: person.get(LIST), lambda: engine.ask("GET", ENGINE_LIST))
        rows = repeat(times // 2, lambda: all_rows(person, world.population))
        one = repeat(times // 2, lambda: person.get(whole_list(world), HX_Request="true"))
        ids = repeat(times, lambda: world.seen(person))
        command = repeat(max(3, times // 10), lambda: world.run("ps", "-a", "--no-trunc"))
        ours, theirs = rates(world, person)
    listed = "GET /containers/json?all=1"
    yield Figure(f"{many}: first page", "ms", "lower", page, raw, listed, limit=first)
    yield Figure(f"{many}: all rows, page by page", "ms", "lower", rows, raw, listed, limit=whole)
    yield Figure(f"{many}: all rows in one answer", "ms", "lower", one, raw, listed)
    yield Figure(f"{many}: first page beside docker", "ms", "lower", page, command, "docker ps -a")
    yield Figure(f"{many}: ids beside docker", "ms", "lower", ids, command, "docker ps -a")
    yield Figure(f"{many}: {AT_ONCE} at once", "requests/s", "higher", ours, theirs, listed)


def in_turn(
    times: int, ours: Callable[[], object], theirs: Callable[[], object]
) -> tuple[list[float], list[float]]:
    """Milliseconds of both, one after the other: what disturbs one disturbs the other."""
    samples = [(repeat(1, ours)[0], repeat(1, theirs)[0]) for _ in range(times)]
    return [one for one, _ in samples], [other for _, other in samples]


def whole_list(world: World) -> str:
    """What a page that shows all rows asks for when much has changed."""
    return f"{LIST}?pages={(world.population - 1) // PAGE + 1}"


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
        calls = [calls_of(stand_in, lambda: person.get(LIST)) for _ in range(20)]
    yield Figure("a view, the mirror's own calls included", "calls", "lower", calls, limit=0)


def calls_of(stand_in: FaultyEngine, view: Callable[[], object]) -> int:
    """How many reach the engine meanwhile; also what the mirror has to ask just then."""
    before = len(stand_in.requests)
    view()
    return len(stand_in.requests) - before


@row("event to row, raw event → changed row at a socket client", 100)
def event_to_row(world: World) -> Iterator[Figure]:
    with world.person() as person:
        told, shown, raw = asyncio.run(follow_changes(world, person))
    raw_words = "action → raw /events listener"
    yield Figure("raw event → changed row's HTML", "ms", "lower", shown, raw, raw_words, limit=20)
    yield Figure("raw event → its id at the socket", "ms", "lower", told, raw, raw_words)


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
