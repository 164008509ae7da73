"""What tests of terminals share: a person, a container, open terminals, and what to look at."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from access.actors import Actor
from access.models import User
from audit.models import Entry
from hosts.live import engine_of
from tests.access.logins import proved
from tests.conftest import DockerCli
from tests.containers.terminal_client import Terminal
from tests.runtime import Loop, until

Make = Callable[..., Terminal]


@pytest.fixture
def ada(runtime: Loop, client: Client) -> Client:
    """Has just proved who she is: terminals as any user need it."""
    client.force_login(User.objects.create_superuser("ada"))
    return proved(client)


@pytest.fixture
def box(runtime: Loop, container: Callable[..., str]) -> str:
    return known(container())


def known(id: str, state: str = "running") -> str:
    """Wait until the mirror has it in this state."""

    def seen() -> bool:
        row = engine_of("dock").mirror.snapshot.containers.get(id)
        return row is not None and row.state == state

    until(seen)
    return id


@pytest.fixture
def terminal(runtime: Loop, ada: Client, box: str) -> Iterator[Make]:
    """``terminal(**fields)``: a new socket to ``box``, opened."""
    opened: list[Terminal] = []

    def make(
        container: str = box, browser: Client = ada, acks: bool = True, **fields: Any
    ) -> Terminal:
        made = Terminal(runtime, browser, container, acks).open(**fields)
        opened.append(made)
        return made

    yield make
    for made in opened:
        if made.code is None:
            made.drop()


def processes(docker_cli: DockerCli, container: str, word: str) -> list[str]:
    """The living processes whose command has the word."""
    lines = docker_cli("exec", container, "ps", "-o", "stat,args").stdout.splitlines()
    return [line for line in lines if word in line and not line.startswith("Z")]


def results(right: str = "container.exec") -> list[Entry]:
    return list(Entry.objects.filter(event=right).order_by("seq"))


def of_ada() -> Actor:
    return Actor.of_user(User.objects.get(username="ada"))
