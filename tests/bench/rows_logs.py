"""Logs: a long one that is stored, and a flood with one viewer and with many."""

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

from tests.bench.figures import Figure, row
from tests.bench.http import Person
from tests.bench.log_client import PIECE, Viewer, command_rate
from tests.bench.world import World

LINE = "2026-01-31T09:30:00Z INFO a line of a log that is neither long nor short, number one"
PATIENCE = 600  # seconds: on a busy machine a slow figure is better than none
WAIT = "while [ ! -e /go ]; do usleep 20000; done"


def speak(lines: int) -> str:
    return f"yes '{LINE}' | head -n {lines}"


@row("stored log, 1,000,000 lines to a socket client")
def stored_log(world: World) -> Iterator[Figure]:
    lines, rounds = world.size(1_000_000, 30_000), world.size(3, 2)
    with (
        world.person() as person,
        world.container("sh", "-c", speak(lines)) as id,
        contextlib.closing(world.engine()) as engine,
    ):
        world.run("wait", id)
        size = f"{lines:,} lines"
        viewers = [asyncio.run(whole_log(person, id)) for _ in range(rounds)]
        ours = [viewer.lines / (viewer.last - viewer.first) for viewer in viewers]
        command = [command_rate(world, lines, "logs", id) for _ in range(rounds)]
        path = f"/containers/{id}/logs?stdout=1&stderr=1&timestamps=1"
        raw = [lines / seconds(lambda: engine.ask("GET", path)) for _ in range(rounds)]
        saved = [lines / seconds(lambda: download(person, id)) for _ in range(rounds)]
    yield Figure(size, "lines/s", "higher", ours, command, "docker logs", least=0.8)
    yield Figure(f"{size}, beside a raw reader", "lines/s", "higher", ours, raw, "raw reader")
    yield Figure(f"{size}, downloaded as .log", "lines/s", "higher", saved, command, "docker logs")
    lost = [lines - viewer.lines - viewer.skipped for viewer in viewers]
    yield Figure(f"{size}, lost and untold", "lines", "lower", lost, limit=0)
    yield Figure(f"{size}, skipped", "lines", "lower", [viewer.skipped for viewer in viewers])
    yield Figure(f"{size}, doubled", "lines", "lower", [v.doubled for v in viewers], limit=0)


async def whole_log(person: Person, id: str) -> Viewer:
    viewer = await Viewer.open(person, id, tail="all")
    await asyncio.wait_for(viewer.read(), PATIENCE)
    await viewer.socket.close()
    viewer.count()
    return viewer


def seconds(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def download(person: Person, id: str) -> None:
    path = f"/hosts/local/containers/{id}/logs/download/"
    answer = person.start("GET", path, None, {"Accept-Encoding": "identity"})
    while answer.read(PIECE):
        pass


@row("live flood, one container, 200 viewers")
def live_flood(world: World) -> Iterator[Figure]:
    lines, many = world.size(300_000, 40_000), world.size(200, 20)
    shared, rounds = world.size(50_000, 10_000), world.size(3, 1)
    with world.person() as person:
        ones = [asyncio.run(flooded(world, person, lines, 1))[0] for _ in range(rounds)]
        follow = [followed(world, lines) for _ in range(rounds)]
        with lag_of(person) as lags:
            viewers = asyncio.run(flooded(world, person, shared, many))
    alone = [one.lines / (one.last - one.first) for one in ones]
    yield Figure("one viewer", "lines/s", "higher", alone, follow, "docker logs -f", least=0.7)
    yield Figure("one viewer: skipped", "lines", "lower", [one.skipped for one in ones])
    yield from of_many(viewers, shared, lags)


def of_many(viewers: list[Viewer], lines: int, lags: dict[str, float]) -> Iterator[Figure]:
    words = f"{len(viewers)} viewers, {lines:,} lines each"
    sent = sum(viewer.lines for viewer in viewers)
    took = max(v.last for v in viewers) - min(v.first for v in viewers)
    lost = [abs(lines - viewer.lines - viewer.skipped) for viewer in viewers]
    doubled = [v.doubled for v in viewers]
    yield Figure(f"{words}: all together", "lines/s", "higher", [sent / took])
    yield Figure(f"{words}: lost and untold, the most", "lines", "lower", [max(lost)], limit=0)
    yield Figure(f"{words}: doubled, the most", "lines", "lower", [max(doubled)], limit=0)
    yield Figure(f"{words}: skipped and told", "lines", "lower", [v.skipped for v in viewers])
    yield Figure(f"{words}: ping answered, p50", "ms", "lower", [lags["p50"]])
    yield Figure(f"{words}: ping answered, p99", "ms", "lower", [lags["p99"]], limit=50)


async def flooded(world: World, person: Person, lines: int, viewers: int) -> list[Viewer]:
    """So many viewers at one container that speaks when all of them are there."""
    with world.container("sh", "-c", f"{WAIT}; {speak(lines)}") as id:
        watching = [await Viewer.open(person, id) for _ in range(viewers)]
        reading = [asyncio.ensure_future(viewer.read()) for viewer in watching]
        await asyncio.sleep(1)
        await asyncio.to_thread(world.run, "exec", id, "touch", "/go")
        await asyncio.wait_for(asyncio.gather(*reading), PATIENCE)
        for viewer in watching:
            await viewer.socket.close()
    for viewer in watching:
        viewer.count()
    return watching


def followed(world: World, lines: int) -> float:
    with world.container("sh", "-c", f"{WAIT}; {speak(lines)}") as id:
        starter = subprocess.Popen(world.docker("exec", id, "sh", "-c", "sleep 1; touch /go"))
        rate = command_rate(world, lines, "logs", "--follow", id)
        starter.wait()
    return rate


@contextlib.contextmanager
def lag_of(person: Person) -> Iterator[dict[str, float]]:
    """How long the server takes to answer pings meanwhile, measured in a process of its own."""
    lags: dict[str, float] = {}
    command = [sys.executable, "-m", "tests.bench.lag", person.site.url, person.cookie]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as meter:
        try:
            yield lags
        finally:
            lags |= json.loads(meter.communicate(b"\n", timeout=60)[0])
