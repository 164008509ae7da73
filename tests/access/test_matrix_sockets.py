"""Role by socket by object: a socket opens to whom the table of rights says, ticket or not.

The ticket is made here, past the page that refuses it: the socket asks the gate once more, before
it accepts, and a ticket is good for nobody else.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.conf import settings
from django.test import Client

from access.actors import Actor, hash_of_session
from access.models import User
from containers.terminals import terminals
from dashboard.sockets import websocket_routes
from engine.feed import LogRange
from tests.access.matrix_cast import HAS, Maker, World, has, person, until_known, world_of
from tests.access.test_revocation import Socket
from tests.conftest import DockerCli
from tests.runtime import Loop
from tests.runtime import runtime as runtime
from web import tickets

LOGS, MERGED, TERMINAL = "container.logs", "merged", "container.exec"
WATCH, ATTACH = "terminal.watch", "container.attach"
PATHS = {
    LOGS: "/ws/hosts/dock/containers/{}/logs/",
    MERGED: "/ws/hosts/dock/logs/",
    TERMINAL: "/ws/hosts/dock/containers/{}/terminal/",
    ATTACH: "/ws/hosts/dock/containers/{}/attach/",
    WATCH: "/ws/hosts/dock/containers/{}/watch/",
}


@pytest.fixture
def world(runtime: Loop, container: Callable[..., str]) -> World:
    boxes = {}
    for whose in ("own", "theirs", "nobodys"):
        boxes[whose] = container(options=("--name", f"sx-{whose}"))
        until_known(boxes[whose])
    return world_of(boxes, {"own": "0" * 64, "theirs": "1" * 64})


def browser_of(someone: User) -> Client:
    made = Client()
    made.force_login(someone)
    return made


def ticket_for(browser: Client, someone: User, kind: str, id: str) -> str:
    """What the page would hand out, were it to."""
    key = browser.cookies[settings.SESSION_COOKIE_NAME].value
    actor = replace(Actor.of_user(someone), session=hash_of_session(key))
    if kind == LOGS:
        return tickets.issue(actor, LOGS, "dock", id, range=LogRange())
    if kind == MERGED:
        return tickets.issue(actor, LOGS, "dock", "several", ranges={id: LogRange()})
    return tickets.issue(actor, kind, "dock", id, session="none")


def opens(loop: Loop, browser: Client, kind: str, id: str, ticket: str) -> bool:
    socket = Socket(loop, browser, id).at(PATHS[kind].format(id), ticket)
    opened = socket.accepted
    if opened and socket.code is None:
        socket.drop()
    return opened


@pytest.mark.parametrize("name", HAS)
def test_every_socket_for_every_person_and_object(
    runtime: Loop, world: World, name: str, docker_cli: DockerCli
) -> None:
    walker = person(name, world.shop)
    browser = browser_of(walker)
    wrong = []
    for kind in PATHS:
        right = LOGS if kind == MERGED else kind
        for thing in Maker(world, walker).containers():
            want = thing.seen_by(name) and has(name, right)
            ticket = ticket_for(browser, walker, kind, thing.value)
            got = opens(runtime, browser, kind, thing.value, ticket)
            if got != want:
                wrong.append((kind, thing.whose, got, want))
    assert wrong == []
    assert not terminals.of(Actor.of_user(walker))


def test_a_ticket_is_nobody_elses_and_for_nothing_else(runtime: Loop, world: World) -> None:
    boss, member = person("superuser", world.shop), person("developer", world.shop)
    boss_browser, browser = browser_of(boss), browser_of(member)
    own, theirs = world.boxes["own"], world.boxes["theirs"]
    for kind in PATHS:
        stolen = ticket_for(boss_browser, boss, kind, theirs)
        assert not opens(runtime, browser, kind, theirs, stolen)
        assert not opens(runtime, boss_browser, kind, theirs, stolen), "it was used up"
    for kind, id in ((LOGS, theirs), (TERMINAL, own)):
        elsewhere = ticket_for(boss_browser, boss, LOGS, own)
        assert not opens(runtime, boss_browser, kind, id, elsewhere)
    assert not opens(runtime, boss_browser, LOGS, own, "")


def test_every_socket_is_walked() -> None:
    """Whoever adds a socket says here what opens it."""
    walked = {path.format("<str:container_id>").lstrip("/") for path in PATHS.values()}
    there = {str(route.pattern).replace("<slug:host>", "dock") for route in websocket_routes()}
    assert there == walked | {"ws/live/"}  # whose topics tests/access/test_revocation.py walks
