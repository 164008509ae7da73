"""A host's events as each person may see them: page, filter, who did it, and the live socket."""

import re
import secrets
import time
from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from access.models import Holding, OwnedContainer, User
from access.roles import Role
from hosts.live import engine_of
from tests.access.people import grant, team, user
from tests.access.test_revocation import Socket
from tests.api.client import is_problem, program
from tests.conftest import DockerCli
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime

PAGE = "/hosts/dock/events/"
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
Make = Callable[..., str]


def browser_of(someone: User) -> Client:
    client = Client(HTTP_ACCEPT="text/html")
    client.force_login(someone)
    return client


@pytest.fixture
def ada(runtime: Loop) -> Client:
    return browser_of(User.objects.create_superuser("ada"))


@pytest.fixture
def bob(runtime: Loop) -> Client:
    person = user("bob")
    grant(team("shop", person), Role.DEVELOPER)
    return browser_of(person)


def heard(id: str, action: str) -> None:
    past = engine_of("dock").mirror.past
    until(lambda: any((e.event.id, e.event.action) == (id, action) for e in past.picture()), 20)


def seen_in_list(id: str) -> None:
    until(lambda: id in engine_of("dock").mirror.snapshot.containers, 20)


def body(client: Client, q: str = "", **more: str) -> str:
    answer = client.get(PAGE, {"q": q, **more}, headers=HTMX)
    assert answer.status_code == 200
    return answer.content.decode()


def actions_in(page: str) -> list[str]:
    return re.findall(r'aria-hidden="true"></span>([a-z_ :]+)</span>', page)


def test_the_last_ones_are_there_with_links_and_who_did_it(ada: Client, container: Make) -> None:
    name = f"ev-{secrets.token_hex(4)}"
    id = container(options=("--name", name))
    seen_in_list(id)
    assert ada.post(f"/hosts/dock/containers/{id}/stop/", {"timeout": "0"}).status_code == 302
    heard(id, "die")
    page = body(ada, name)
    assert {"container create", "container start", "container die"} <= set(actions_in(page))
    assert f'href="/hosts/dock/containers/{id}/"' in page
    assert ">ada</a>" in page
    assert actions_in(body(ada, f"{name} action:start")) == ["container start"]
    assert "No event fits" in body(ada, f"{name} type:image")
    assert "There is no filter" in body(ada, "typ:x")
    assert ada.get(PAGE).status_code == 200


def test_what_was_before_the_server_is_asked_of_the_engine(ada: Client, container: Make) -> None:
    """A ring that was not there when it happened."""
    from engine.past_events import PastEvents

    name = f"ev-{secrets.token_hex(4)}"
    id = container(options=("--name", name))
    heard(id, "start")
    mirror = engine_of("dock").mirror
    last = mirror.past.picture()[-1].event.time_ns
    mirror.past = PastEvents()
    mirror.past.opened(last + 1_000_000)
    assert "container start" in actions_in(body(ada, name))


def test_a_shells_command_is_not_told(ada: Client, container: Make, docker_cli: DockerCli) -> None:
    id = container()
    docker_cli("exec", id, "sh", "-c", "true hunter2-in-a-shell")
    past = engine_of("dock").mirror.past
    until(lambda: any("hunter2" in e.event.action for e in past.picture()), 20)
    page = body(ada, id, all="1")
    assert "container exec_create" in actions_in(page)
    assert "hunter2" not in page
    assert "exec_create" not in body(ada, id)
    assert actions_in(body(ada, f"{id} action:exec_start")) == ["container exec_start"]


@pytest.fixture
def mark(container: Make, docker_cli: DockerCli) -> Iterator[str]:
    """Part of the names of what a test makes; its containers, network and volumes go again."""
    mark = secrets.token_hex(4)
    yield mark
    if boxes := docker_cli("ps", "-aq", "--filter", f"name={mark}").stdout.split():
        docker_cli("rm", "--force", *boxes)
    for kind in ("volume", "network"):
        if left := docker_cli(kind, "ls", "-q", "--filter", f"name={mark}").stdout.split():
            docker_cli(kind, "rm", *left)


def test_a_team_sees_its_own_and_no_trace_of_others(
    ada: Client, bob: Client, container: Make, docker_cli: DockerCli, mark: str
) -> None:
    own = container(options=("--name", f"ev-own-{mark}"), start=False)
    others = container(options=("--name", f"ev-others-{mark}", "-v", f"ev-vol-{mark}:/x"))
    OwnedContainer.objects.create(host="dock", container_id=own, team=team("shop"), how="created")
    docker_cli("volume", "create", f"ev-mine-{mark}")
    docker_cli("network", "create", f"ev-net-{mark}")
    docker_cli("network", "disconnect", "none", others)
    docker_cli("network", "connect", f"ev-net-{mark}", others)
    held = {"host": "dock", "team": team("shop")}
    Holding.objects.create(kind="volume", name=f"ev-mine-{mark}", **held)
    Holding.objects.create(kind="network", name=f"ev-net-{mark}", **held)
    seen_in_list(own)
    docker_cli("start", own)
    heard(own, "start")
    everything, part = body(ada), body(bob)
    for name in ("own", "others", "vol", "mine", "net"):
        assert f"ev-{name}-{mark}" in everything, name
    for name, shown in (("own", True), ("mine", True), ("net", True), ("others", False),
                        ("vol", False)):  # fmt: skip
        assert (f"ev-{name}-{mark}" in part) is shown, name
    assert others not in part
    assert others[:12] not in part
    assert "network create" in actions_in(part)
    assert "network connect" not in actions_in(body(bob, f"ev-net-{mark}"))
    asks = program(User.objects.get(username="bob"))
    told = asks.get(f"hosts/dock/events?q={mark}").json()
    assert {item["name"] for item in told["items"]} - {"none"} == {
        f"ev-{name}-{mark}" for name in ("own", "mine", "net")
    }


def test_a_look_goes_on_where_the_last_one_ended(
    ada: Client, container: Make, docker_cli: DockerCli
) -> None:
    id = container()
    heard(id, "start")
    asks = program(User.objects.get(username="ada"))
    first = asks.get(f"hosts/dock/events?q={id}").json()
    assert first["items"][0]["action"] == "start"
    docker_cli("pause", id)
    heard(id, "pause")
    more = asks.get(f"hosts/dock/events?q={id}&after={first['newest']}").json()
    assert [item["action"] for item in more["items"]] == ["pause"]
    assert more["lost"] is False
    page = body(ada, id, tail="1", after=first["newest"])
    assert actions_in(page) == ["container pause"]
    is_problem(asks.get("hosts/dock/events?q=typ:x"), 422)
    docker_cli("unpause", id)


@pytest.fixture
def live(runtime: Loop) -> Iterator[Callable[[Client], Socket]]:
    opened: list[Socket] = []

    def open_it(browser: Client) -> Socket:
        socket = Socket(runtime, browser, "").at("/ws/live/")
        opened.append(socket)
        socket.say(sub=["events:dock"])
        return socket

    yield open_it
    for socket in opened:
        socket.drop()


def test_the_live_socket_tells_who_may_see_it(
    ada: Client, bob: Client, live: Callable[[Client], Socket], container: Make,
    docker_cli: DockerCli,
) -> None:  # fmt: skip
    own, others = container(), container()
    OwnedContainer.objects.create(host="dock", container_id=own, team=team("shop"), how="created")
    for id in (own, others):
        seen_in_list(id)
        heard(id, "start")
    stranger = browser_of(user("stranger"))
    sockets = [live(browser) for browser in (ada, bob, stranger)]
    until(lambda: sockets[0].news and sockets[1].news)
    before = [len(socket.news) for socket in sockets]
    docker_cli("pause", others)
    until(lambda: len(sockets[0].news) > before[0])
    time.sleep(1.5)  # longer than a second look at what may be somebody's only now
    assert len(sockets[1].news) == before[1]
    docker_cli("pause", own)
    until(lambda: len(sockets[1].news) > before[1])
    told = sockets[1].news[-1]
    assert told == {"event": "events-changed", "host": "dock", "ids": []}
    assert sockets[2].news == []
    docker_cli("unpause", own, others)
