"""Terminals of a whole server: left in every way, killed with the server, idle behind a proxy."""

import contextlib
import os
import re
import signal
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from websockets.sync.client import ClientConnection, connect

from tests.bench.http import Person
from tests.browser.cable import Cable, cable_to
from tests.conftest import DockerCli
from tests.containers.terminal_cast import processes
from tests.runtime import until
from tests.site import Site, running_site

MANY = {"SHELLS_PER_PERSON": "200", "SOCKETS_PER_PERSON": "400"}
CHILDREN = "trap '' HUP; setsid sleep 9001 & sh -c '(sleep 9002 &)'; sleep 9003\n"


class Held:
    """A shell at a real socket, held by a browser that only answers pings."""

    def __init__(self, person: Person, box: str, ticket: str) -> None:
        self._socket: ClientConnection = connect(
            f"ws://{person.where.netloc}/ws{address(box)}",
            origin=person.site.url,
            subprotocols=["wharfinger.1", f"ticket.{ticket}"],
            additional_headers={"Cookie": person.cookie},
            ping_interval=None,
            max_queue=None,
            legacy=True,  # it is closed by hand
        )
        self.shows(b"# ")

    def shows(self, words: bytes) -> None:
        output = b""
        while words not in output:
            message = self._socket.recv(timeout=30)
            output += message[1:] if message[0] == 0 else b""

    def type(self, text: str) -> None:
        self._socket.send(b"\0" + text.encode())

    def close(self) -> None:
        """The tab is closed: the browser says so."""
        self._socket.close(1001)

    def kill(self) -> None:
        """The browser is killed: its connection goes with it."""
        self._socket.socket.shutdown(socket.SHUT_RDWR)


def address(box: str) -> str:
    return f"/hosts/local/containers/{box}/terminal/"


def held(site: Site, box: str, count: int, url: str = "") -> list[Held]:
    """As many shells, each with its children, opened by one person at ``url``."""
    with logged_in(site, url) as person, ThreadPoolExecutor(5) as pool:
        tickets = [person.ticket(f"{address(box)}ticket/") for _ in range(count)]
        made = list(pool.map(lambda ticket: Held(person, box, ticket), tickets))
    return made


@contextlib.contextmanager
def logged_in(site: Site, url: str = "") -> Iterator[Person]:
    person = Person(replace(site, url=url or site.url))
    try:
        yield person
    finally:
        person.close()


@dataclass
class Case:
    """Seconds, but for ``count``. ``patience`` is the proxy's, ``grace`` the server's."""

    count: int
    grace: int
    ping: int
    patience: int
    idle: int

    @property
    def settings(self) -> dict[str, str]:
        own = {"TERMINAL_RETURN_SECONDS": self.grace, "SOCKET_PING_SECONDS": self.ping}
        return MANY | {name: str(value) for name, value in own.items()}


LONG = Case(count=100, grace=60, ping=15, patience=30, idle=600)


@pytest.mark.parametrize(
    "case",
    [Case(10, 2, 1, 6, 9), pytest.param(LONG, marks=pytest.mark.long)],
    ids=["short", "long"],
)
def test_who_leaves_is_ended_and_who_idles_stays(
    engine_url: str,
    tmp_path: Path,
    container: Callable[..., str],
    docker_cli: DockerCli,
    case: Case,
) -> None:
    box, quiet_box = container(), container()
    with (
        running_site(engine_url, tmp_path, **case.settings) as site,
        cable_to(site.url) as cable,
        cable_to(site.url, idle=case.patience) as proxy,
    ):
        (quiet,) = held(site, quiet_box, 1, proxy.url)
        began = time.monotonic()
        silent = case.count // 3
        there = held(site, box, silent, cable.url) + held(site, box, case.count - silent)
        for one in there:
            one.type(CHILDREN)
        until(lambda: len(processes(docker_cli, box, "sleep 9003")) == case.count, 60)
        leave(there, silent, cable)
        left = time.monotonic()
        until(lambda: not others(docker_cli, box), 90)
        print(f"{case.count} terminals: nothing left after {time.monotonic() - left:.0f} s")
        time.sleep(max(0.0, began + case.idle - time.monotonic()))
        quiet.type("echo still-$((40+2))\n")
        quiet.shows(b"still-42")
        quiet.close()


def others(docker_cli: DockerCli, box: str) -> list[str]:
    """What runs beside the container's own process."""
    own = re.compile("COMMAND|sleep 3600|ps -o")
    return [line for line in processes(docker_cli, box, "") if not own.search(line)]


def leave(there: list[Held], silent: int, cable: Cable) -> None:
    """The first without a word, the others by closing the tab or with their browser."""
    cable.cut(reset=False)
    for number, one in enumerate(there[silent:]):
        if number % 2:
            one.close()
        else:
            one.kill()


def test_a_killed_server_leaves_nothing_once_it_is_back(
    engine_url: str,
    tmp_path: Path,
    container: Callable[..., str],
    docker_cli: DockerCli,
) -> None:
    box = container()
    with running_site(engine_url, tmp_path, **MANY) as site:
        for one in held(site, box, 3):
            one.type(CHILDREN)
        until(lambda: len(processes(docker_cli, box, "sleep 9003")) == 3, 30)
        os.kill(site.process.pid, signal.SIGKILL)
        site.process.wait()
    assert len(processes(docker_cli, box, "sleep 900")) == 9
    with running_site(engine_url, tmp_path, **MANY):
        until(lambda: not processes(docker_cli, box, "sleep 900"), 60)
