"""Terminals: one key and its echo, and a flood."""

import asyncio
import contextlib
import time
from collections.abc import Iterator

from tests.bench.figures import Figure, percentile, row
from tests.bench.http import Person
from tests.bench.terminal_client import Exec, Shell
from tests.bench.world import World

READY = b"ready"
# Raw, so that no line grows; the echo is the terminal's own, as at a prompt.
ECHO = ["sh", "-c", "stty raw echo; printf ready; exec cat > /dev/null"]
FLOOD = ["cat", "/tmp/flood"]
AGAINST = "docker exec -it"


@row("terminal echo at a socket client, p50 / p99")
def echo(world: World) -> Iterator[Figure]:
    keys, rounds = world.size(1000, 150), world.size(3, 2)
    ours: list[list[float]] = []
    theirs: list[list[float]] = []
    with world.person() as person, world.container("sleep", "3600") as id:
        for _ in range(rounds):
            ours.append(asyncio.run(echo_of_ours(person, id, keys)))
            theirs.append(echo_of_exec(world, id, keys))
    for words, share, limit in (("p50", 0.5, 0.8), ("p99", 0.99, 3)):
        samples = ([percentile(one, share) for one in side] for side in (ours, theirs))
        yield Figure(f"{words} of {keys} keys", "ms", "lower", *samples, AGAINST, limit=limit)


async def echo_of_ours(person: Person, id: str, keys: int) -> list[float]:
    shell = await Shell.open(person, id, "sh -c 'stty raw echo; printf ready; exec cat >/dev/null'")
    said = b""
    while READY not in said:
        said += await shell.output()
    await asyncio.sleep(0.3)
    samples = []
    for _ in range(keys):
        began = time.perf_counter()
        shell.type(b"x")
        await shell.output()
        samples.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(0.01)  # a fast hand, and past what is gathered into one message
    await shell.socket.close()
    return samples


def echo_of_exec(world: World, id: str, keys: int) -> list[float]:
    with contextlib.closing(Exec(world, id, ECHO)) as line:
        said = b""
        while READY not in said:
            said += line.output()
        time.sleep(0.3)
        samples = []
        for _ in range(keys):
            began = time.perf_counter()
            line.type(b"x")
            line.output()
            samples.append((time.perf_counter() - began) * 1000)
            time.sleep(0.01)
    return samples


@row("terminal flood, `cat` of 50 MB to a socket client")
def flood(world: World) -> Iterator[Figure]:
    size, rounds = world.size(50_000_000, 10_000_000), world.size(3, 2)
    with world.person() as person, world.container("sleep", "3600") as id:
        world.run("exec", id, "sh", "-c", f"yes 'a line of output' | head -c {size} > /tmp/flood")
        ours = [asyncio.run(flood_of_ours(person, id)) for _ in range(rounds)]
        theirs = [flood_of_exec(world, id) for _ in range(rounds)]
    words = f"{size // 1_000_000} MB"
    yield Figure(words, "MB/s", "higher", ours, theirs, AGAINST, least=0.8)


async def flood_of_ours(person: Person, id: str) -> float:
    shell = await Shell.open(person, id, " ".join(FLOOD))
    first = 0.0
    while await shell.output():
        first = first or time.perf_counter()
    seconds = time.perf_counter() - first
    await shell.socket.close()
    return shell.received / 1e6 / seconds


def flood_of_exec(world: World, id: str) -> float:
    with contextlib.closing(Exec(world, id, FLOOD)) as line:
        received, first = 0, 0.0
        while piece := line.output():
            first = first or time.perf_counter()
            received += len(piece)
        seconds = time.perf_counter() - first
    return received / 1e6 / seconds
