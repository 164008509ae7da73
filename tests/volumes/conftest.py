"""Volumes that go again, and two teams on the host ``dock``."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from django.test import Client

from access.models import Holding, Kind, Team, User
from access.roles import Role
from hosts.live import engine_of
from tests.access.people import grant, team, user
from tests.conftest import DockerCli
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime

HTML = {"HTTP_ACCEPT": "text/html"}
ALL = "/hosts/dock/volumes/"


@pytest.fixture
def volume(docker_cli: DockerCli) -> Iterator[Callable[..., str]]:
    """``volume(*options) -> name``, made by hand on the host; ``mark`` of those that the test
    makes is their prefix: all go after it."""
    mark = f"vol-{secrets.token_hex(4)}"

    def make(*options: str, name: str = "") -> str:
        name = f"{mark}-{name or secrets.token_hex(2)}"
        docker_cli("volume", "create", *options, name)
        return name

    make.mark = mark  # type: ignore[attr-defined]
    yield make
    names = docker_cli("volume", "ls", "-q").stdout.split()
    if left := [name for name in names if name.startswith(mark)]:
        holding = [f"--filter=volume={name}" for name in left]
        if readers := docker_cli("ps", "-aq", *holding).stdout.split():
            docker_cli("rm", "-f", *readers, check=False)
        docker_cli("volume", "rm", "-f", *left, check=False)


@dataclass(frozen=True)
class Yard:
    """``shop`` has a developer without and one with the tick to read files, and a viewer."""

    shop: Team
    bank: Team
    people: dict[str, User]

    def browser(self, name: str) -> Client:
        client = Client(**HTML)
        client.force_login(self.people[name])
        return client


@pytest.fixture
def yard(runtime: Loop, busybox: str) -> Yard:
    image = until(lambda: engine_of("dock").mirror.find_image(busybox), 20)
    Holding.objects.create(host="dock", kind=Kind.IMAGE, name=image.id)
    shop, bank, reads = team("shop"), team("bank"), team("reads")
    people = {name: user(name) for name in ("ann", "reader", "viewer", "bea")}
    people["root"] = user("root", is_superuser=True)
    people["viewer"].teams.add(team("looks"))
    shop.members.add(people["ann"])
    reads.members.add(people["reader"])
    bank.members.add(people["bea"])
    grant(shop, Role.DEVELOPER)
    grant(bank, Role.DEVELOPER)
    grant(team("looks"), Role.VIEWER)
    grant(reads, Role.DEVELOPER, extras=["container.files_read"])
    return Yard(shop, bank, people)


def hold(name: str, *teams: Team) -> None:
    """Give it to these; to nobody is to share it."""
    for each in teams or (None,):
        Holding.objects.create(host="dock", kind=Kind.VOLUME, name=name, team=each)
