"""A right that ends, ends its sockets: live pages, logs and shells, within seconds."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from access.models import Grant, OwnedContainer, User
from access.roles import Role
from hosts.live import engine_of
from tests.access.people import grant, team, user
from tests.conftest import DockerCli
from tests.containers.terminal_client import ORIGIN, Terminal
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime

LOGIN_OVER, RIGHT_LOST = 4001, 4003
PATIENCE = 30  # seconds; the promise is 5, on a machine that does nothing else


class Socket(Terminal):
    """A browser at any socket; ``code`` is how it was closed."""

    def at(self, path: str, ticket: str = "") -> "Socket":
        cookie = self.browser.cookies[settings.SESSION_COOKIE_NAME].value
        headers = [(b"host", b"testserver"), (b"origin", ORIGIN)]
        headers.append((b"cookie", f"{settings.SESSION_COOKIE_NAME}={cookie}".encode()))
        scope = {
            "type": "websocket",
            "scheme": "ws",
            "path": path,
            "raw_path": b"",
            "query_string": b"",
            "headers": headers,
            "client": ("127.0.0.1", 1),
            "subprotocols": ["wharfinger.1", *([f"ticket.{ticket}"] if ticket else [])],
        }
        self.loop.run(self._begin(scope))
        until(lambda: self.accepted or self.code is not None)
        return self

    def say(self, **message: Any) -> None:
        put = {"type": "websocket.receive", "text": json.dumps(message)}
        self.loop.loop.call_soon_threadsafe(self._inbox.put_nowait, put)

    async def _take(self, message: dict[str, Any]) -> None:
        if "text" in message:
            self.news.append(json.loads(message["text"]))
            return
        if (message.get("bytes") or b"")[:1] == b"\0":
            return
        await super()._take(message)


@pytest.fixture
def box(runtime: Loop, container: Callable[..., str]) -> str:
    id = container()
    until(lambda: id in engine_of("dock").mirror.snapshot.containers)
    until(lambda: engine_of("dock").mirror.snapshot.containers[id].state == "running")
    until(lambda: engine_of("dock").mirror.snapshot.containers[id].dangers is not None, 30)
    return id


@pytest.fixture
def bob(box: str) -> User:
    person = user("bob")
    shop = team("shop", person)
    OwnedContainer.objects.create(host="dock", container_id=box, team=shop, how="created")
    grant(shop, Role.DEVELOPER, extras=["container.exec"])
    return person


@pytest.fixture
def browser(bob: User) -> Client:
    made = Client()
    made.force_login(bob)
    return made


def logs(loop: Loop, browser: Client, box: str) -> Socket:
    asked = browser.post(f"/hosts/dock/containers/{box}/logs/ticket/")
    assert asked.status_code == 200, asked.content.decode()
    path = f"/ws/hosts/dock/containers/{box}/logs/"
    return Socket(loop, browser, box).at(path, asked.json()["ticket"])


def end_the_grant(bob: User, browser: Client) -> None:
    Grant.objects.get().delete()


def let_the_grant_run_out(bob: User, browser: Client) -> None:
    given = Grant.objects.get()
    given.until = timezone.now() + timedelta(milliseconds=200)
    given.save()


def leave_the_team(bob: User, browser: Client) -> None:
    bob.teams.clear()


def disable(bob: User, browser: Client) -> None:
    bob.is_active = False
    bob.save()


def log_out(bob: User, browser: Client) -> None:
    key = browser.cookies[settings.SESSION_COOKIE_NAME].value
    Session.objects.filter(session_key=key).delete()


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        (end_the_grant, RIGHT_LOST),
        (let_the_grant_run_out, RIGHT_LOST),
        (leave_the_team, RIGHT_LOST),
        (disable, LOGIN_OVER),
        (log_out, LOGIN_OVER),
    ],
)
def test_open_logs_and_shells_end_with_the_right(
    runtime: Loop,
    bob: User,
    browser: Client,
    box: str,
    ending: Callable[[User, Client], None],
    code: int,
) -> None:
    log = logs(runtime, browser, box)
    shell = Terminal(runtime, browser, box).open()
    shell.told("started")
    ending(bob, browser)
    until(lambda: log.code is not None and shell.code is not None, PATIENCE)
    assert log.code == code
    assert shell.code in (code, RIGHT_LOST)
    until(lambda: "ash" not in str(engine_of("dock").commands.top(box, "-o pid,args")), PATIENCE)


def test_the_live_socket_stands_without_a_grant_and_ends_with_the_login(
    runtime: Loop, bob: User, browser: Client, box: str
) -> None:
    live = Socket(runtime, browser, box).at("/ws/live/")
    Grant.objects.get().delete()
    browser.post("/logout/")
    until(lambda: live.code is not None, PATIENCE)
    assert live.code == LOGIN_OVER


def test_live_messages_name_what_one_sees_and_nothing_else(
    runtime: Loop, bob: User, browser: Client, box: str, docker_cli: DockerCli
) -> None:
    live = Socket(runtime, browser, box).at("/ws/live/")
    live.say(sub=["containers:dock", "images:dock"])
    made = docker_cli("create", "wharfinger-test/busybox", "true").stdout.strip()
    until(lambda: made in engine_of("dock").mirror.snapshot.containers)
    docker_cli("rm", made)
    until(lambda: made not in engine_of("dock").mirror.snapshot.containers)
    docker_cli("pause", box)
    until(lambda: [news for news in live.news if box in news["ids"]], 20)
    named = {id for news in live.news for id in news["ids"]}
    assert made not in named
    assert named <= {box, engine_of("dock").mirror.snapshot.containers[box].image_id}
    docker_cli("unpause", box)
    live.drop()


def test_a_ticket_opens_nothing_once_the_right_is_gone(
    runtime: Loop, bob: User, browser: Client, box: str
) -> None:
    ticket = browser.post(f"/hosts/dock/containers/{box}/logs/ticket/").json()["ticket"]
    Grant.objects.get().delete()
    socket = Socket(runtime, browser, box)
    socket.at(f"/ws/hosts/dock/containers/{box}/logs/", ticket)
    assert not socket.accepted
    refused = browser.post(f"/hosts/dock/containers/{box}/logs/ticket/")
    assert refused.status_code == 404
