"""Those who try to escape, and what they leave behind."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest
from django.conf import LazySettings

from access.actors import Actor
from access.models import Holding, Kind, Team
from access.roles import Role
from containers import actions
from engine.command_line import from_line
from engine.specs import ContainerSpec
from hosts.live import engine_of
from tests.access.payloads import NEW_VOLUME
from tests.access.people import actor, grant, team, user
from tests.conftest import DockerCli
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime

WITHOUT = ("viewer", "operator")  # they run nothing at all
MAKERS = ("developer", "host-admin", "superuser")
TICKS = ["container.exec", "container.files_read", "container.files_write"]


@dataclass(frozen=True)
class Yard:
    """The team's people, an image that they may use, and a mark of all that is tried."""

    people: dict[str, Actor]
    image: str
    mark: str
    shop: Team

    def spec(self, words: str, image: str = "") -> ContainerSpec:
        return from_line(f"docker run -d -l {self.mark} {words} {image or self.image}").spec


@pytest.fixture
def yard(
    runtime: Loop, docker_cli: DockerCli, busybox: str, settings: LazySettings
) -> Iterator[Yard]:
    settings.BIND_ALLOW = {"/srv/allowed": False}
    mark = f"payload={secrets.token_hex(6)}"
    people, shop = {}, team("shop")
    for name in (*WITHOUT, "developer", "host-admin"):
        own = team(name, user(name))
        grant(own, name, extras=TICKS if name == Role.DEVELOPER else [])
        people[name] = actor(user(name))
    people["superuser"] = actor(user("superuser", is_superuser=True))
    shop.members.add(user("developer"))
    Holding.objects.create(host="dock", kind=Kind.NETWORK, name="commons")
    grant(shop, Role.DEVELOPER)
    image = until(lambda: engine_of("dock").mirror.find_image(busybox), 20)
    Holding.objects.create(host="dock", kind=Kind.IMAGE, name=image.id)
    docker_cli("volume", "create", "bank-data", "--label", mark)
    odd = ("--opt", "type=none", "--opt", "o=bind", "--opt", "device=/etc")
    docker_cli("volume", "create", "odd-data", "--label", mark, *odd)
    yield Yard(people, busybox, mark, shop)
    left = docker_cli("ps", "-aq", "--filter", f"label={mark}").stdout.split()
    if left:
        docker_cli("rm", "-f", "-v", *left, check=False)
    docker_cli("volume", "rm", "-f", "bank-data", "odd-data", NEW_VOLUME, check=False)


def left_behind(docker_cli: DockerCli, yard: Yard) -> list[str]:
    """What the engine itself has of all that was tried; networks nobody can name by a run."""
    containers = docker_cli("ps", "-aq", "--filter", f"label={yard.mark}").stdout.split()
    volumes = docker_cli("volume", "ls", "-q").stdout.split()
    networks = docker_cli("network", "ls", "--format", "{{.Name}}").stdout.split()
    wrong = {NEW_VOLUME, "payload"} & {*volumes, *networks}
    return [*containers, *wrong]


def makers(words: str) -> tuple[str, ...]:
    """Whose it is not: a volume of another team and a name on a network are an administrator's
    to use."""
    return ("developer",) if "bank-data" in words or "commons" in words else MAKERS


def run(who: Actor, spec: ContainerSpec) -> object:
    return actions.run(who, "dock", spec)


def pull_and_run(who: Actor, spec: ContainerSpec) -> object:
    return actions.pull_and_run(who, "dock", replace(spec, pull="always"))


def turns(
    way: Callable[..., object], number: int, names: tuple[str, ...], all_of_it: bool = False
) -> set[str]:
    """Everything is tried by the developer, and by an administrator in turn; by the longer ways,
    which ask the same fence, by one of all."""
    if all_of_it:
        return set(names)
    if way is run:
        return {"developer", names[-1 - number % 2] if len(names) > 1 else names[0]}
    return {names[number % len(names)]}


ALL = pytest.param(1, marks=pytest.mark.long)  # each payload, by each person
