"""``--soak``: a hundred viewers who come and go for minutes, and what the server holds then.

Sixty read logs, thirty-five follow the list, five type into shells. Each minute a fifth of them
leave and others come, and containers are made, renamed and removed all the while. What counts is
that the last row, when all are gone, is the first again.
"""

import asyncio
import contextlib
import itertools
import json
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engine.past_events import MOST as EVENTS_KEPT
from tests.bench.http import Person, Refused
from tests.bench.log_client import ACK_EVERY
from tests.bench.rows_cost import memory_of
from tests.bench.terminal_client import Shell
from tests.bench.websocket import Closed, Socket
from tests.bench.world import SETTINGS, World
from tests.site import Site, running_site

READERS, FOLLOWERS, TYPISTS = 60, 35, 5
CONTAINERS = 5
LEAVE = 0.2  # of the viewers, each minute
AFTERWARDS = 90  # seconds: shells, upstreams and idle connections outlive their viewers
WARM_UP = 20
LOOK_EVERY = 5
# Lines of 4 KB, so that what is kept of a live log is full after two minutes.
CHATTY = "p=$(head -c 4000 /dev/zero | tr '\\0' x); while :; do echo $p; usleep 100000; done"
Visit = Callable[[Person, str], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class Sample:
    when: str
    viewers: int
    memory_mib: float
    blocks: int
    threads: int
    tasks: int
    descriptors: int


def sample(site: Site, when: str, viewers: int) -> Sample:
    process = Path(f"/proc/{site.process.pid}")
    status = (process / "status").read_text().splitlines()
    threads = next(int(line.split()[1]) for line in status if line.startswith("Threads:"))
    tasks, blocks = ((site.data_dir / "held").read_text() or "0 0").split()
    descriptors = len(list((process / "fd").iterdir()))
    memory = round(memory_of(site.process.pid), 1)
    return Sample(when, viewers, memory, int(blocks), threads, int(tasks), descriptors)


async def read_a_log(person: Person, id: str) -> None:
    base = f"hosts/local/containers/{id}/logs/"
    ticket = await asyncio.to_thread(person.ticket, f"/{base}ticket/", tail="100")
    async with leaving(await Socket.open(person, f"/ws/{base}", ticket)) as socket:
        received = acked = 0
        while True:
            received += len(await socket.receive())
            if received - acked >= ACK_EVERY:
                acked = received
                socket.say(ack=received)


async def follow_the_list(person: Person, id: str) -> None:
    async with leaving(await Socket.open(person, "/ws/live/")) as socket:
        socket.say(sub=["containers:local", "images:local", "engine:local", "jobs"])
        changed = asyncio.Event()
        looking = asyncio.ensure_future(look_again(person, changed))
        try:
            while True:
                await socket.receive()
                changed.set()
        finally:
            await dismissed([looking])


async def look_again(person: Person, changed: asyncio.Event) -> None:
    """Beside the socket, as in a browser, which answers pings while a page is on its way."""
    while True:
        await changed.wait()
        changed.clear()
        await asyncio.to_thread(person.get, "/hosts/local/containers/")
        await asyncio.sleep(LOOK_EVERY)


async def type_into_a_shell(person: Person, id: str) -> None:
    shell = await free_shell(person, id)
    async with leaving(shell.socket):
        while True:
            shell.type(b"date\n")
            await shell.output()
            await asyncio.sleep(1)


async def free_shell(person: Person, id: str) -> Shell:
    """One may have five, and those who left keep theirs for a moment."""
    while True:
        try:
            return await Shell.open(person, id, "sh")
        except Refused:
            await asyncio.sleep(2)


@contextlib.asynccontextmanager
async def leaving(socket: Socket) -> AsyncIterator[Socket]:
    try:
        yield socket
    finally:
        await socket.close()


class Crowd:
    """Viewers of a site; each visits until it is sent away."""

    def __init__(self, site: Site, cookies: dict[str, str], ids: list[str]) -> None:
        self._site, self._cookies = site, cookies
        self._places = itertools.cycle(ids)
        self._visits: list[tuple[Visit, asyncio.Task[None]]] = []

    def come(self, visit: Visit) -> None:
        task = asyncio.ensure_future(self._visit(visit, next(self._places)))
        self._visits.append((visit, task))

    async def _visit(self, visit: Visit, id: str) -> None:
        person = Person(self._site, self._cookies)
        with contextlib.closing(person), contextlib.suppress(Closed):
            await visit(person, id)

    async def turn_over(self, share: float) -> None:
        """So many leave, and as many come."""
        going = self._visits[: round(len(self._visits) * share)]
        del self._visits[: len(going)]
        await dismissed([task for _, task in going])
        for visit, _ in going:
            self.come(visit)

    async def leave(self) -> None:
        await dismissed([task for _, task in self._visits])
        self._visits.clear()

    @property
    def here(self) -> int:
        return sum(not task.done() for _, task in self._visits)


async def dismissed(tasks: list[asyncio.Task[None]]) -> None:
    """Send them away; whoever failed before raises here."""
    for task in tasks:
        task.cancel()
    for end in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(end, Exception):
            raise end


async def unrest(world: World) -> None:
    """Containers come, are renamed and go, until cancelled."""
    for number in itertools.count():
        options = ("--label", "wharfinger-bench", "--name", f"soak-{number}")
        id = await asyncio.to_thread(world.run, "create", *options, "wharfinger-bench/busybox")
        await asyncio.to_thread(world.run, "rename", id, f"soaked-{number}")
        await asyncio.to_thread(world.run, "rm", id)
        await asyncio.sleep(2)


async def fill(world: World) -> None:
    """As many events as the server keeps, so that what grows afterwards is not their memory."""
    id = await asyncio.to_thread(world.run, "create", "wharfinger-bench/busybox")
    for number in range(EVENTS_KEPT):
        await asyncio.to_thread(world.run, "rename", id, f"soak-fill-{number}")
    await asyncio.to_thread(world.run, "rm", id)


async def soaked(world: World, site: Site, ids: list[str], minutes: float) -> AsyncIterator[Sample]:
    pool = ThreadPoolExecutor(READERS + FOLLOWERS)
    asyncio.get_running_loop().set_default_executor(pool)
    first = Person(site)
    crowd = Crowd(site, first.cookies, ids)
    visits = [read_a_log] * READERS + [follow_the_list] * FOLLOWERS + [type_into_a_shell] * TYPISTS
    restless = asyncio.ensure_future(unrest(world))
    for visit in visits:  # once in and out: code loaded, caches warm, pools at their size
        crowd.come(visit)
    await asyncio.gather(asyncio.sleep(WARM_UP), fill(world))
    await crowd.leave()
    await asyncio.sleep(AFTERWARDS)
    yield sample(site, "before", crowd.here)
    for visit in visits:
        crowd.come(visit)
    for minute in range(1, round(minutes) + 1):
        await asyncio.sleep(60)
        yield sample(site, f"minute {minute}", crowd.here)
        await crowd.turn_over(LEAVE)
    await crowd.leave()
    await asyncio.sleep(AFTERWARDS)
    yield sample(site, "after", crowd.here)
    restless.cancel()
    await asyncio.gather(restless, return_exceptions=True)
    first.close()


def soak(world: World, minutes: float, as_lines: bool) -> None:
    """Print a row a minute, as text or as one object a line."""
    asyncio.run(print_samples(world, minutes, as_lines))


async def print_samples(world: World, minutes: float, as_lines: bool) -> None:
    if not as_lines:
        print("when       viewers  memory MiB  live blocks  threads  tasks  descriptors")
    with contextlib.ExitStack() as stack:
        ids = [stack.enter_context(world.container("sh", "-c", CHATTY)) for _ in range(CONTAINERS)]
        home = world.home / f"soak-{time.monotonic_ns()}"
        module = "tests.bench.counted_server"
        settings = SETTINGS | {"TERMINAL_RETURN_SECONDS": "10"}
        site = stack.enter_context(
            running_site(world.engine_url, home, module, bare=True, **settings)
        )
        async for found in soaked(world, site, ids, minutes):
            print(json.dumps(asdict(found)) if as_lines else as_text(found), flush=True)


def as_text(found: Sample) -> str:
    return (
        f"{found.when:<10} {found.viewers:>7}  {found.memory_mib:>10}  {found.blocks:>11,}  "
        f"{found.threads:>7}  {found.tasks:>5}  {found.descriptors:>11}"
    )
