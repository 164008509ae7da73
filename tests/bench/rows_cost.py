"""What it costs to have it: memory, CPU at rest, the start."""

import asyncio
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Figure, row
from tests.bench.http import Person
from tests.bench.log_client import Viewer
from tests.bench.world import World
from tests.site import Site

IMPORTS = "import daphne.server, django.core.handlers.asgi, channels.layers, docker"
TELL = "; print(next(line for line in open('/proc/self/status') if 'VmRSS' in line))"
TICKS = os.sysconf("SC_CLK_TCK")
MEMORY = "memory at rest / 300 containers / 500 log viewers"
CHATTY = "i=0; while :; do i=$((i+1)); echo line $i; usleep 100000; done"


def memory_of(process: int) -> float:
    """MiB resident."""
    status = Path(f"/proc/{process}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found
    return int(found[1]) / 1024


def imports_alone() -> float:
    """MiB of a Python that only imports what we build on."""
    done = subprocess.run([sys.executable, "-c", IMPORTS + TELL], capture_output=True, check=True)
    return int(done.stdout.split()[1]) / 1024


@row(MEMORY)
def memory_at_rest(world: World) -> Iterator[Figure]:
    with world.site() as site:
        time.sleep(2)
        rest = memory_of(site.process.pid)
    yield Figure("at rest", "MiB", "lower", [rest], limit=110)
    yield Figure("what we build on, imported", "MiB", "lower", [imports_alone()])


@row(MEMORY)
def memory_with_viewers(world: World) -> Iterator[Figure]:
    viewers = world.size(500, 50)
    with world.person(fresh=True) as person, world.container("sh", "-c", CHATTY) as id:
        used = asyncio.run(watched_by(person, id, viewers, world.size(10, 3)))
    yield Figure(f"{viewers} log viewers", "MiB", "lower", [used], limit=400)


async def watched_by(person: Person, id: str, viewers: int, seconds: float) -> float:
    """The server's memory after so many seconds with so many viewers of one log."""
    watching = [await Viewer.open(person, id, tail="100") for _ in range(viewers)]
    reading = [asyncio.ensure_future(viewer.read()) for viewer in watching]
    await asyncio.sleep(seconds)
    used = memory_of(person.site.process.pid)
    for task in reading:
        task.cancel()
    await asyncio.gather(*reading, return_exceptions=True)
    for viewer in watching:
        await viewer.socket.close()
    return used


@row(MEMORY, 300)
def memory_with_containers(world: World) -> Iterator[Figure]:
    with world.person(fresh=True) as person:
        time.sleep(world.population / 20 + 1)  # each is inspected once
        for _ in range(5):
            person.get("/hosts/local/containers/")
        used = memory_of(person.site.process.pid)
    yield Figure(f"{world.population} containers, looked at", "MiB", "lower", [used], limit=130)


@row("CPU at rest, 100 containers, no viewer", 100)
def cpu_at_rest(world: World) -> Iterator[Figure]:
    with world.site() as site:
        time.sleep(world.population / 20 + 3)  # each is inspected once
        span = world.size(20, 5)
        shares = [share_over(site, span) for _ in range(world.size(3, 1))]
    words = f"{world.population} containers, over {span} s"
    yield Figure(words, "% of a core", "lower", shares, limit=0.5)


def share_over(site: Site, seconds: float) -> float:
    before = busy(site)
    time.sleep(seconds)
    return (busy(site) - before) / seconds * 100


def busy(site: Site) -> float:
    """Seconds of CPU so far."""
    fields = Path(f"/proc/{site.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


@row("start to first page")
def start(world: World) -> Iterator[Figure]:
    rounds = world.size(5, 2)
    again, fresh = restarted(world, rounds), [started(world) for _ in range(rounds)]
    yield Figure("once installed", "s", "lower", again, limit=2)
    yield Figure("the first start of all, with its migrations", "s", "lower", fresh)


def started(world: World) -> float:
    began = time.perf_counter()
    with world.site() as site:
        Person(site, {"none": "none"}).get("/login/")
        return time.perf_counter() - began


def restarted(world: World, rounds: int) -> list[float]:
    samples = []
    with world.site() as first:
        data_dir = first.data_dir
    for _ in range(rounds):
        began = time.perf_counter()
        with world.site(data_dir=data_dir) as site:
            Person(site, {"none": "none"}).get("/login/")
            samples.append(time.perf_counter() - began)
    return samples
