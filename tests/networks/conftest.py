"""Two teams on one engine, and networks that are gone after the test."""

import secrets
from collections.abc import Callable, Iterator
from ipaddress import ip_network

import pytest
from django.test import Client

from access.models import OwnedContainer, Team
from hosts.live import engine_of
from tests.access.people import grant, team, user
from tests.conftest import DockerCli
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime

Box = Callable[..., str]
Net = Callable[..., str]
Teams = tuple[Team, Team]
ALL = "/hosts/dock/networks/"


@pytest.fixture
def mark() -> str:
    """The beginning of the names of all that one test makes."""
    return f"nt-{secrets.token_hex(4)}"


@pytest.fixture
def teams(runtime: Loop) -> Teams:
    """Shop (bob) and bank (joe), developers of what is theirs."""
    made = team("shop", user("bob")), team("bank", user("joe"))
    for each in made:
        grant(each, "developer")
    return made


@pytest.fixture
def box(container: Callable[..., str]) -> Box:
    """``box(team, *options, start=False)``: a container of a team, known to the mirror; its id."""

    def make(of: Team | None, *options: str, start: bool = False) -> str:
        id = container("sleep", "600", options=options, start=start)
        rows = lambda: engine_of("dock").mirror.snapshot.containers  # noqa: E731
        until(lambda: id in rows() and rows()[id].dangers is not None, 30)
        if of is not None:
            OwnedContainer.objects.create(host="dock", container_id=id, team=of, how="created")
        return id

    return make


@pytest.fixture
def net(docker_cli: DockerCli, mark: str) -> Iterator[Net]:
    """``net(name, *options)``: a network made by the command line; its full id. Whatever has the
    mark goes after the test, however it was made."""

    def make(name: str, *options: str) -> str:
        return docker_cli("network", "create", *options, f"{mark}-{name}").stdout.strip()

    yield make
    left = docker_cli("network", "ls", "--quiet", "--filter", f"name={mark}").stdout.split()
    for id in left:
        said = docker_cli(
            "network", "inspect", "-f", "{{range $k, $v := .Containers}}{{$k}} {{end}}", id
        )
        for member in said.stdout.split():
            docker_cli("network", "disconnect", "--force", id, member, check=False)
        docker_cli("network", "rm", id, check=False)


@pytest.fixture
def subnet(docker_cli: DockerCli) -> str:
    """A /24 inside the fence that no network of this engine has."""
    ids = docker_cli("network", "ls", "--quiet").stdout.split()
    form = "{{range .IPAM.Config}}{{.Subnet}} {{end}}"
    texts = docker_cli("network", "inspect", "-f", form, *ids, check=False).stdout.split()
    taken = [ip_network(text) for text in texts]
    while True:
        found = ip_network(f"172.{17 + secrets.randbelow(14)}.{secrets.randbelow(256)}.0/24")
        if not any(found.version == one.version and found.overlaps(one) for one in taken):
            return str(found)


def browser(name: str, **fields: bool) -> Client:
    made = Client(headers={"accept": "text/html"})
    made.force_login(user(name, **fields))
    return made


def networks_of(docker_cli: DockerCli, id: str) -> set[str]:
    """Which networks the engine itself says that a container is in."""
    form = "{{range $name, $_ := .NetworkSettings.Networks}}{{$name}} {{end}}"
    return set(docker_cli("inspect", "-f", form, id).stdout.split())
