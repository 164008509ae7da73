"""Attached to a main process on a real engine: typed into, left, let go; it always goes on."""

import json
from collections.abc import Callable, Iterator

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from access.models import OwnedContainer
from access.roles import Role
from containers.models import OpenShell
from engine.duplex import Duplex
from hosts.live import engine_of
from tests.access.people import grant, team, user
from tests.conftest import DockerCli
from tests.containers.terminal_cast import ada as ada
from tests.containers.terminal_cast import known, results
from tests.containers.terminal_client import Terminal
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime

RIGHT = "container.attach"
Attach = Callable[..., Terminal]


@pytest.fixture
def attach(runtime: Loop, ada: Client) -> Iterator[Attach]:
    """``attach(id, browser)``: a socket to its main process, once that has begun."""
    opened: list[Terminal] = []

    def make(id: str, browser: Client = ada, **fields: str) -> Terminal:
        made = Terminal(runtime, browser, id, where="attach").open(**fields)
        opened.append(made)
        made.told("started")
        return made

    yield make
    for made in opened:
        if made.code is None:
            made.drop()


def once(docker_cli: DockerCli, container: Callable[..., str], *command: str) -> str:
    """One that was made as by ``docker run -i``: takes input until the first leaves."""
    id = container(*command, options=("-i",), start=False)
    docker_cli("start", id)
    return known(id)


def leave(socket: Terminal) -> None:
    address = reverse("attach-end", args=["dock", socket.container_id, socket.session])
    assert socket.browser.post(address).status_code == 204


def running(docker_cli: DockerCli, id: str) -> bool:
    return docker_cli("inspect", "-f", "{{.State.Running}}", id).stdout.strip() == "true"


def test_a_main_process_with_a_terminal_is_typed_into_and_outlives_it(
    attach: Attach, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    box = known(container("sh", options=("-it",)))
    first = attach(box, cols="101", rows="31")
    first.type("stty size; echo sum-$((40+2))\n")
    first.shows("sum-42\r\n")
    assert b"31 101" in first.output
    first.resize(120, 40)
    until(lambda: (first.type("stty size\n"), b"40 120" in first.output)[1])
    assert not OpenShell.objects.exists()
    leave(first)
    assert first.ending()["reason"] == "You left. The main process goes on."
    assert running(docker_cli, box)
    assert "sum-42" in docker_cli("logs", box).stdout
    second = attach(box)
    second.type("exit 7\n")
    end = second.told("exited")
    assert (end["exit_code"], end["reason"]) == (7, "The main process ended with code 7.")
    until(lambda: second.code == 1000)


def test_the_keys_by_which_an_engine_lets_go_are_no_failure(
    attach: Attach, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    """Told as what they are, and one may attach again."""
    box = known(container("sh", options=("-it",)))
    first = attach(box)
    first.type("echo sum-$((40+2))\n")
    first.shows("sum-42")
    first.type("\x10")
    first.type("\x11")
    end = first.ending()
    assert (end["kind"], end["event"]) == ("detached", "ended")
    assert end["reason"] == "You detached with Ctrl+P Ctrl+Q. The main process goes on."
    assert running(docker_cli, box)
    assert (results(RIGHT)[-1].result, results(RIGHT)[-1].parameters["ended"]) == ("ok", "detached")
    assert attach(box).code is None


def test_the_record_says_what_and_how_it_ended(
    attach: Attach, container: Callable[..., str]
) -> None:
    box = known(container("cat", options=("-i",)))
    socket = attach(box)
    socket.type("hush\r")
    socket.shows("hush\r\nhush\r\n")
    leave(socket)
    socket.ending()
    intent, result = results(RIGHT)
    name = engine_of("dock").mirror.snapshot.containers[box].name
    assert (intent.result, intent.user, intent.object_id) == ("intent", "ada", box)
    assert intent.command_line == f"docker attach {name}"
    assert (result.result, result.intent_seq) == ("ok", intent.seq)
    assert (result.parameters["ended"], result.bytes) == ("closed", len(socket.output))
    assert "hush" not in json.dumps([intent.parameters, result.parameters, result.reason])


def test_lines_are_typed_into_one_without_a_terminal(
    attach: Attach, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    box = known(container("sh", "-c", "echo ready >&2; cat", options=("-i",)))
    socket = attach(box)
    socket.type("hellp\x7fo\x1b[A\r")
    socket.shows("hellp\b \bo\r\nhello\r\n")
    socket.type("\x04")
    assert "stays open" in socket.told("warning")["reason"]
    socket.type("more\r")
    socket.shows("more\r\nmore\r\n")
    leave(socket)
    socket.ending()
    assert running(docker_cli, box)
    assert attach(box).code is None


def test_the_end_of_an_input_that_is_taken_once(
    attach: Attach, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    box = once(docker_cli, container, "sh", "-c", "cat; echo all >&2; exit 5")
    page = attach(box)
    assert b"Leaving closes the input" in page.browser.get(address("container-attach", box)).content
    page.type("line\r\x04")
    page.shows("all\r\n")
    assert page.told("exited")["exit_code"] == 5
    second = once(docker_cli, container, "cat")
    left = attach(second)
    leave(left)
    assert left.ending()["reason"] == "You left. That closed the input of the main process."
    until(lambda: not running(docker_cli, second))


def test_without_input_it_is_only_looked_at(attach: Attach, container: Callable[..., str]) -> None:
    loop = "while :; do echo tick; sleep 0.2; done"
    socket = attach(known(container("sh", "-c", loop)))
    socket.shows("tick\r\ntick\r\n")
    for _ in range(3):
        socket.type("x")
    assert "made without -i" in socket.told("warning")["reason"]
    page = socket.browser.get(address("container-attach", socket.container_id)).content
    assert b"Takes no input" in page
    assert len([news for news in socket.news if news["event"] == "warning"]) == 1


def address(name: str, box: str) -> str:
    return reverse(name, args=["dock", box])


def test_it_waits_for_its_person_and_is_then_left(
    attach: Attach, container: Callable[..., str], docker_cli: DockerCli, settings: LazySettings
) -> None:
    box = known(container("sh", options=("-it",)))
    first = attach(box)
    first.type("echo kept-$((1+1))\n")
    first.shows("kept-2")
    session = first.session
    first.drop()
    back = attach(box, session=session)
    assert back.session == session
    back.shows("kept-2")
    answer = Terminal(back.loop, back.browser, box).ticket(session=session)
    assert answer.status_code == 404, "the terminal page's tickets are for terminals"
    assert (
        back.browser.post(address("container-terminal", box) + f"{session}/end/").status_code == 404
    )
    settings.TERMINAL_RETURN_SECONDS = 1
    back.drop()
    until(lambda: results(RIGHT)[-1].parameters.get("ended") == "left", 30)
    assert running(docker_cli, box)


def test_a_right_that_ends_closes_it_and_nothing_else(
    attach: Attach, runtime: Loop, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    box = known(container("cat", options=("-i",)))
    until(lambda: engine_of("dock").mirror.snapshot.containers[box].dangers is not None, 30)
    shop = team("shop", user("bob"))
    OwnedContainer.objects.create(host="dock", container_id=box, team=shop, how="created")
    given = grant(shop, Role.DEVELOPER, extras=["container.exec"])
    bob = Client()
    bob.force_login(shop.members.get())
    asked = Terminal(runtime, bob, box, where="attach")
    assert asked.ticket().status_code == 403, "a terminal's right is not this one"
    assert bob.get(address("container-attach", box)).status_code == 403
    given.extras = [RIGHT]
    given.save()
    assert bob.get(address("container-terminal", box)).status_code == 403
    socket = attach(box, bob)
    given.delete()
    assert "right to attach was taken away" in socket.ending(30)["reason"]
    until(lambda: socket.code == 4003)
    assert running(docker_cli, box)


def test_a_stopped_one_has_no_main_process(
    runtime: Loop, ada: Client, container: Callable[..., str]
) -> None:
    stopped = known(container("true", start=False), "created")
    assert Terminal(runtime, ada, stopped, where="attach").ticket().status_code == 409
    assert b"does not run" in ada.get(address("container-attach", stopped)).content


def test_where_an_input_cannot_be_closed_alone_that_is_said(
    attach: Attach,
    container: Callable[..., str],
    docker_cli: DockerCli,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Duplex, "close_stdin", lambda _self: False)  # as over TLS
    socket = attach(once(docker_cli, container, "cat"))
    socket.type("\x04")
    assert "cannot close the input alone" in socket.told("warning")["reason"]
