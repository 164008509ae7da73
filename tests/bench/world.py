"""What rows are measured on: a private engine, its containers, sites in front of it."""

import contextlib
import itertools
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from dashboard.demo.rootfs import busybox_rootfs
from tests.bench.http import EngineApi, Person
from tests.engine import as_instruction, import_image
from tests.site import Site, running_site

IMAGE = "wharfinger-bench/busybox:latest"
LABEL = "wharfinger-bench"
IN_FLIGHT = 4
INSPECTED_A_SECOND = 15  # the mirror asks for 20; a busy engine answers fewer
SETTINGS = {
    "SOCKETS_PER_PERSON": "1000",
    "LOG_LEVEL": "WARNING",
    "DJANGO_SETTINGS_MODULE": "dashboard.settings",
}


@dataclass
class World:
    """``quick`` makes everything small; ``population`` is how many stopped containers there are.

    ``stack`` closes what rows share.
    """

    engine_url: str
    home: Path
    quick: bool
    population: int = 0
    stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _warm: float = 0.0  # when the shared site has inspected each container once
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _shared: tuple[Site, dict[str, str]] | None = None

    def size(self, full: int, quick: int) -> int:
        return quick if self.quick else full

    def docker(self, *arguments: str) -> list[str]:
        """A docker command line on this engine, with a configuration of its own."""
        return ["docker", "--config", str(self.home / "cli"), "-H", self.engine_url, *arguments]

    def run(self, *arguments: str) -> str:
        done = subprocess.run(self.docker(*arguments), capture_output=True, check=True)
        return done.stdout.decode().strip()

    def timed(self, *arguments: str) -> float:
        """Seconds that a docker command takes, its output read and thrown away."""
        began = time.perf_counter()
        self.run(*arguments)
        return time.perf_counter() - began

    def engine(self) -> EngineApi:
        return EngineApi(self.engine_url)

    def prepare(self) -> None:
        import_image(self.engine_url, IMAGE, busybox_rootfs(), as_instruction("CMD", ["sh"]))

    @contextlib.contextmanager
    def container(self, *command: str, options: tuple[str, ...] = ()) -> Iterator[str]:
        """A running container's full id; removed afterwards."""
        id = self.run("run", "-d", "--label", LABEL, *options, IMAGE, *command)
        try:
            yield id
        finally:
            self.run("rm", "--force", "--volumes", id)

    def populate(self, count: int) -> None:
        """Create stopped containers until there are so many."""
        wanted = range(self.population, count)
        with ThreadPoolExecutor(IN_FLIGHT) as pool:
            list(pool.map(self.create, wanted))
        self.population = max(self.population, count)
        self._warm = time.monotonic() + len(wanted) / INSPECTED_A_SECOND

    def create(self, number: int) -> None:
        body = {
            "Image": IMAGE,
            "Cmd": ["sleep", "3600"],
            "Labels": {LABEL: "", "com.docker.compose.project": f"project-{number % 20}"},
        }
        engine = self.engine()
        engine.ask("POST", f"/containers/create?name=bench-{number:05}", body)
        engine.close()

    def any_container(self) -> str:
        """The full id of one of ours that is stopped."""
        command = ("ps", "-aq", "--no-trunc", "--filter", f"label={LABEL}", "--last", "1")
        return self.run(*command)

    def clear(self) -> None:
        """Remove what was made here; nothing else on this engine."""
        ids = self.run("ps", "-aq", "--filter", f"label={LABEL}").split()
        for first in range(0, len(ids), 50):
            self.run("rm", "--force", "--volumes", *ids[first : first + 50])
        self.population = 0

    @contextlib.contextmanager
    def site(self, engine_url: str = "", data_dir: Path | None = None) -> Iterator[Site]:
        """A server on this engine (or on a stand-in before it), new or on an old directory: what a
        first start costs is part of what is measured."""
        home = data_dir or self.home / f"site-{next(self._numbers)}"
        with running_site(engine_url or self.engine_url, home, bare=True, **SETTINGS) as site:
            yield site

    @contextlib.contextmanager
    def person(self, engine_url: str = "", fresh: bool = False) -> Iterator[Person]:
        """Somebody logged in to a site whose mirror is warm: the one that rows share, else new."""
        with contextlib.ExitStack() as stack:
            if fresh or engine_url:
                site = stack.enter_context(self.site(engine_url))
                person = Person(site)
            else:
                person = Person(*self._shared_site())
            wait_until(lambda: self.seen(person) >= self.population, 30)
            if not (fresh or engine_url):
                time.sleep(max(0, self._warm - time.monotonic()))
            yield person
            person.close()

    def _shared_site(self) -> tuple[Site, dict[str, str]]:
        if self._shared is None:
            site = self.stack.enter_context(self.site())
            self._warm = time.monotonic() + self.population / INSPECTED_A_SECOND
            self._shared = (site, Person(site).cookies)
        return self._shared

    def seen(self, person: Person) -> int:
        address = "/hosts/local/containers/?format=ids"
        return len(person.get(address, Accept_Encoding="identity").split())


@contextlib.contextmanager
def world_on(engine_url: str, quick: bool, leave: bool = False) -> Iterator[World]:
    """``leave``: the engine goes with all that was made on it."""
    with tempfile.TemporaryDirectory(prefix="wharfinger-bench-") as home:
        world = World(engine_url, Path(home), quick)
        world.prepare()
        try:
            with world.stack:
                yield world
        finally:
            if not leave:
                world.clear()


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds:g} s")
        time.sleep(0.05)


def repeat(times: int, action: Callable[[], object]) -> list[float]:
    """Milliseconds that each of so many calls took."""
    samples = []
    for _ in range(times):
        began = time.perf_counter()
        action()
        samples.append((time.perf_counter() - began) * 1000)
    return samples
