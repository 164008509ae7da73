"""A name is used again by another team, over and over: whoever acts by name or by the old id finds
nothing, and the container that bears the name now is not touched."""

import secrets
from collections.abc import Callable

import pytest
from django.test import Client

from access.models import OwnedContainer, Team, User
from access.roles import Role
from hosts.live import engine_of
from tests.access.people import grant, team, user
from tests.conftest import DockerCli
from tests.containers.log_client import LogBrowser
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime

CONTAINERS = "/hosts/dock/containers"
VERBS = ("start", "stop", "restart", "kill", "pause", "rename", "remove")
TICKETS = ("logs/ticket/", "terminal/ticket/", "files/upload/")
Container = Callable[..., str]


@pytest.fixture
def bob(runtime: Loop) -> User:
    return user("bob")


@pytest.fixture
def shop(bob: User) -> Team:
    made = team("shop", bob)
    grant(made, Role.DEVELOPER, extras=["container.exec", "container.files_write"])
    return made


@pytest.fixture
def browser(bob: User) -> Client:
    made = Client(HTTP_ACCEPT="text/html")
    made.force_login(bob)
    return made


def owned(id: str, by: Team) -> str:
    OwnedContainer.objects.create(host="dock", container_id=id, team=by, how="created")
    until(lambda: id in engine_of("dock").mirror.snapshot.containers)
    return id


@pytest.mark.parametrize("rounds", [4, pytest.param(1000, marks=pytest.mark.long)])
def test_a_name_that_is_used_again_is_nobodys_way_in(
    runtime: Loop,
    shop: Team,
    browser: Client,
    container: Container,
    docker_cli: DockerCli,
    rounds: int,
) -> None:
    name, bank = f"nr-{secrets.token_hex(4)}", team("bank")
    options = ("--name", name)
    for _ in range(rounds):
        mine = owned(container("echo", "mine", options=options, start=False), shop)
        log = LogBrowser(runtime, browser, [mine]).open()
        docker_cli("rm", "-f", mine)
        theirs = owned(container("echo", "theirs", options=options, start=False), bank)
        nothing_is_found(browser, mine, name, theirs)
        log.say(follow=theirs)
        until(lambda log=log: log.code is not None)
        assert not [news for news in log.news if news["event"] == "successor"]
        assert log.texts == []
        untouched(docker_cli, theirs)
        docker_cli("rm", "-f", theirs)


def nothing_is_found(browser: Client, *spellings: str) -> None:
    for spelt in spellings:
        base = f"{CONTAINERS}/{spelt}"
        for verb in VERBS:
            asked = browser.post(f"{base}/{verb}/", {"name": "nr-taken", "force": "on"})
            assert asked.status_code == 404, (spelt, verb)
        for place in TICKETS:
            assert browser.post(f"{base}/{place}").status_code == 404, (spelt, place)
        for page in ("", "logs/", "inspect/", "files/"):
            assert browser.get(f"{base}/{page}").status_code == 404, (spelt, page)
    assert browser.get(f"{CONTAINERS}/run/?from={spellings[-1]}").status_code == 404


def untouched(docker_cli: DockerCli, id: str) -> None:
    state = docker_cli("inspect", "-f", "{{.State.Status}} {{.Name}}", id).stdout
    assert state.startswith("created /nr-")


def test_names_that_are_swapped_lead_to_the_containers_they_were(
    shop: Team, browser: Client, container: Container, docker_cli: DockerCli
) -> None:
    """Renamed between the look and the act: the id decides."""
    stem = f"nr-{secrets.token_hex(4)}"
    mine = owned(container(options=("--name", f"{stem}-a")), shop)
    theirs = owned(container(options=("--name", f"{stem}-b")), team("bank"))
    for old, new in ((mine, "c"), (theirs, "a"), (mine, "b")):
        docker_cli("rename", old, f"{stem}-{new}")
    until(lambda: engine_of("dock").mirror.snapshot.containers[mine].name == f"{stem}-b")
    assert browser.get(f"{CONTAINERS}/{stem}-a/").status_code == 404
    assert browser.get(f"{CONTAINERS}/{stem}-b/", follow=True).status_code == 200
    done = browser.post(f"{CONTAINERS}/{mine}/kill/", {"signal": "SIGKILL"})
    assert done.status_code == 302, done.content.decode()
    running = "{{.State.Running}}"
    until(lambda: docker_cli("inspect", "-f", running, mine).stdout == "false\n")
    assert docker_cli("inspect", "-f", running, theirs).stdout == "true\n"
