"""Terminals on a real engine: started, recorded, refused."""

import json
import time
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from access.models import Login, User
from containers.models import OpenShell
from containers.terminals import terminals
from hosts.live import engine_of
from tests.access.logins import proved
from tests.containers.terminal_cast import Make, known, of_ada, results
from tests.containers.terminal_cast import ada as ada
from tests.containers.terminal_cast import box as box
from tests.containers.terminal_cast import terminal as terminal
from tests.containers.terminal_client import Terminal
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime


def test_a_shell_is_found_and_its_exit_code_told(terminal: Make) -> None:
    shell = terminal(cols=100, rows=40)
    shell.shows("# ")
    assert shell.told("started")["shell"] == "ash"
    shell.type("stty size; echo $TERM $LANG; exit 7\n")
    assert shell.told("exited") == {
        "event": "exited",
        "exit_code": 7,
        "kind": "exited",
        "reason": "Exited with code 7.",
    }
    until(lambda: shell.code == 1000)
    assert b"40 100\r\nxterm-256color C.UTF-8\r\n" in shell.output


def test_the_record_says_who_what_and_how_it_ended(terminal: Make, box: str) -> None:
    shell = terminal(command="sh -c 'read line; exit 3'", workdir="/tmp")
    shell.told("started")
    shell.type("hello\n")
    shell.told("exited")
    intent, result = results()
    assert (intent.result, intent.user, intent.object_id) == ("intent", "ada", box)
    assert intent.parameters["argv"] == ["sh", "-c", "read line; exit 3"]
    assert "--workdir /tmp" in intent.command_line
    assert (result.result, result.intent_seq) == ("ok", intent.seq)
    assert result.parameters["exit_code"] == 3
    assert result.bytes == len(shell.output)
    assert "hello" not in json.dumps([intent.parameters, result.parameters, result.reason])
    assert not OpenShell.objects.exists()


def test_user_and_directory_are_chosen(terminal: Make) -> None:
    shell = terminal(user="app", workdir="/var/www", command="sh")
    shell.type("id -un; pwd\n")
    shell.shows("app\r\n/var/www\r\n")
    assert [entry.result for entry in results("container.exec_root")] == ["intent"]


def test_as_any_user_only_after_a_proof_in_this_very_login(
    runtime: Loop, ada: Client, box: str
) -> None:
    other = Client()
    other.force_login(User.objects.get(username="ada"))
    shell = Terminal(runtime, other, box)
    for chosen in ("root", "0", "app:app", " 0"):
        refused = shell.ticket(user=chosen)
        assert (refused.status_code, refused["X-Step-Up"]) == (403, "needed")
    assert shell.ticket().status_code == 200
    theirs = Terminal(runtime, ada, box).ticket(user="root").json()["ticket"]
    assert shell.connect(theirs).code is not None
    assert not shell.accepted
    assert proved(other)
    assert shell.ticket(user="root").status_code == 200


def test_a_root_shell_is_not_taken_over_by_a_login_that_has_proved_nothing(
    runtime: Loop, terminal: Make, box: str
) -> None:
    shell = terminal(user="root")
    shell.shows("# ")
    other = Client()
    other.force_login(User.objects.get(username="ada"))
    thief = Terminal(runtime, other, box)
    back = {"session": shell.session, "position": "0"}
    refused = thief.ticket(**back)
    assert (refused.status_code, refused.get("X-Step-Up")) == (403, "needed")
    assert proved(other)
    assert thief.ticket(**back).status_code == 200
    Login.objects.update(confirmed=None)
    assert shell.ticket(**back).status_code == 200  # its own login comes back as before


def test_a_resize_reaches_the_program(terminal: Make) -> None:
    shell = terminal()
    shell.shows("# ")
    shell.resize(133, 41)
    until(lambda: (shell.type("stty size\n"), time.sleep(0.1), b"41 133" in shell.output)[2])


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"command": "/no/such/thing"}, "no such file or directory"),
        ({"user": "nobody-here"}, "unable to find user nobody-here"),
        ({"workdir": "/nowhere"}, "nowhere"),
    ],
)
def test_what_cannot_start_is_told_in_the_engines_words(
    terminal: Make, fields: dict[str, str], words: str
) -> None:
    shell = terminal(**fields)
    end = shell.told("ended")
    assert words in end["reason"]
    assert end["kind"] == "failed"
    until(lambda: shell.code == 1000)
    right = "container.exec_root" if "user" in fields else "container.exec"
    assert results(right)[-1].result == "failed"


def test_without_a_shell_that_is_said_and_a_command_works(
    terminal: Make, container: Callable[..., str], shellless: str
) -> None:
    bare = known(container(image=shellless))
    assert "executable file not found" in terminal(bare).told("ended")["reason"]
    sleeper = terminal(bare, command="/sleep 3600")
    assert sleeper.told("started")["shell"] == "/sleep 3600"
    session = terminals.find(of_ada(), sleeper.session, bare)
    assert session is not None
    sleeper.browser.post(reverse("terminal-end", args=["dock", bare, sleeper.session]))
    assert "may still run" in sleeper.told("ended")["reason"]


@pytest.mark.parametrize("fields", [{"command": "echo 'open"}, {"workdir": "tmp"}, {"cols": "0"}])
def test_bad_fields_are_named(runtime: Loop, ada: Client, box: str, fields: dict[str, str]) -> None:
    response = Terminal(runtime, ada, box).ticket(**fields)
    assert response.status_code == 422
    assert ":" in response.content.decode()


def test_a_stopped_container_is_told_before_any_socket(
    runtime: Loop, ada: Client, container: Callable[..., str]
) -> None:
    stopped = known(container("true", start=False), "created")
    response = Terminal(runtime, ada, stopped).ticket()
    assert (response.status_code, response.content) == (
        409,
        b"The container is not running: start it first.\n",
    )


def test_sixth_terminal_is_refused_by_name(runtime: Loop, terminal: Make, box: str) -> None:
    shells = [terminal(command="sleep 100") for _ in range(5)]
    for shell in shells:
        shell.told("started")
    response = Terminal(runtime, shells[0].browser, box).ticket()
    name = engine_of("dock").mirror.snapshot.containers[box].name
    assert response.status_code == 429
    assert name in response.content.decode()


def test_six_tickets_open_five_terminals(runtime: Loop, ada: Client, box: str) -> None:
    made = [Terminal(runtime, ada, box) for _ in range(6)]
    tickets = [one.ticket(command="sleep 100").json()["ticket"] for one in made]
    for one, ticket in zip(made, tickets, strict=True):
        one.connect(ticket)
    until(lambda: made[5].code == 4429)
    assert [one.code for one in made[:5]] == [None] * 5
    for one in made[:5]:
        one.drop()


def test_output_is_byte_for_byte(terminal: Make) -> None:
    script = (
        "stty raw -echo; for i in 0 1 2 3 4 5 6 7; do printf '\\000\\377\\303\\050\\033[?'; done"
    )
    shell = terminal(command=f'sh -c "{script}; sleep 0.2"')
    shell.told("exited")
    assert bytes(shell.output) == b"\x00\xff\xc3\x28\x1b[?" * 8


def test_a_ticket_opens_once_and_from_our_origin_only(runtime: Loop, ada: Client, box: str) -> None:
    ticket = Terminal(runtime, ada, box).ticket(command="sleep 1").json()["ticket"]
    thief = Terminal(runtime, ada, box).connect(ticket, origin=b"http://testserver:81")
    assert (thief.accepted, results()) == (False, [])
    first = Terminal(runtime, ada, box).connect(ticket)
    second = Terminal(runtime, ada, box).connect(ticket)
    assert (first.accepted, second.accepted) == (True, False)
    first.told("exited")
    assert len(results()) == 2


def test_the_page_and_its_routes_are_hidden_from_others(ada: Client, box: str) -> None:
    stranger = Client()
    stranger.force_login(User.objects.create_user("mallory"))
    page = reverse("container-terminal", args=["dock", box])
    answer = ada.get(page)
    assert answer.status_code == 200
    assert "'nonce-" in answer["Content-Security-Policy"]
    assert "style-src 'self' 'nonce-" in answer["Content-Security-Policy"]
    assert "'nonce-" not in ada.get("/audit/")["Content-Security-Policy"]
    for address, ask in (
        (page, stranger.get),
        (reverse("terminal-ticket", args=["dock", box]), stranger.post),
        (reverse("terminal-end", args=["dock", box, "0" * 16]), stranger.post),
    ):
        assert ask(address).status_code == 404
    assert ada.get(reverse("terminal-ticket", args=["dock", box])).status_code == 405
