"""Terminals on a real engine: started, typed into, resized, left and come back to, ended."""

import json
import struct
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from access.actors import Actor
from access.models import User
from audit.models import Entry
from containers.models import OpenShell
from containers.terminals import terminals
from hosts.live import engine_of
from tests.conftest import DockerCli
from tests.containers.terminal_client import Terminal
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime

Make = Callable[..., Terminal]


@pytest.fixture
def ada(runtime: Loop, client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ada"))
    return client


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


def of_ada() -> Actor:
    return Actor.of_user(User.objects.get(username="ada"))


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


def test_it_goes_on_without_its_socket_and_is_replayed(terminal: Make) -> None:
    first = terminal()
    first.shows("# ")
    first.type("echo ready; sleep 1; echo while-you-were-away\n")
    first.shows("ready\r\n")
    seen = len(first.output)
    first.drop()
    time.sleep(1.5)
    whole = terminal(session=first.session)
    whole.shows("while-you-were-away\r\n")
    assert bytes(whole.output).startswith(bytes(first.output))
    assert (whole.told("started")["position"], whole.told("started")["resumed"]) == (0, False)
    rest = terminal(session=first.session, position=seen)
    rest.shows("while-you-were-away\r\n")
    assert (rest.told("started")["position"], rest.told("started")["resumed"]) == (seen, True)
    assert bytes(first.output) + bytes(rest.output) == bytes(whole.output)


def test_only_its_person_comes_back(runtime: Loop, terminal: Make, box: str) -> None:
    shell = terminal()
    other = Client()
    other.force_login(User.objects.create_superuser("bob"))
    refused = Terminal(runtime, other, box).ticket(session=shell.session)
    assert refused.status_code == 404
    end = reverse("terminal-end", args=["dock", box, shell.session])
    assert other.post(end).status_code == 404
    assert shell.code is None


def test_left_it_is_killed_with_all_that_it_started(
    terminal: Make, box: str, docker_cli: DockerCli, settings: LazySettings
) -> None:
    settings.TERMINAL_RETURN_SECONDS = 1
    shell = terminal()
    shell.shows("# ")
    shell.type("trap '' HUP TERM; sleep 9001 & (setsid sleep 9002 &); (env -i /bin/sleep 9003 &)\n")
    shell.type("su app -c 'setsid sleep 9004 &'; echo all-running; sleep 9005\n")
    until(lambda: len(processes(docker_cli, box, "sleep 900")) >= 5)
    shell.drop()
    until(lambda: not processes(docker_cli, box, "sleep 900"), 30)
    until(lambda: results()[-1].parameters.get("ended") == "left", 30)
    assert not OpenShell.objects.exists()


def test_ending_one_kills_and_tells(terminal: Make, box: str, docker_cli: DockerCli) -> None:
    shell = terminal()
    shell.shows("# ")
    shell.type("sleep 9001\n")
    until(lambda: processes(docker_cli, box, "sleep 9001"))
    response = shell.browser.post(reverse("terminal-end", args=["dock", box, shell.session]))
    assert response.status_code == 204
    assert shell.told("ended", 30)["kind"] == "closed"
    assert not processes(docker_cli, box, "sleep 9001")


def test_what_an_exit_leaves_on_purpose_goes_on(
    terminal: Make, box: str, docker_cli: DockerCli
) -> None:
    shell = terminal()
    shell.shows("# ")
    shell.type("(setsid sleep 9001 >/dev/null 2>&1 </dev/null &); exit\n")
    shell.told("exited")
    assert processes(docker_cli, box, "sleep 9001")


def test_a_crash_leaves_nothing(runtime: Loop, box: str, docker_cli: DockerCli) -> None:
    """What an earlier server recorded and never saw end is found by its marker."""
    marker = "ab" * 16
    mark = f"WHARFINGER_SESSION={marker}"
    docker_cli("exec", "--detach", "-e", mark, "-u", "app", box, "sh", "-c", "sleep 9001; true")
    docker_cli("exec", "--detach", "-e", f"{mark[:-1]}x", box, "sleep", "9002")
    OpenShell.objects.create(marker=marker, host="dock", container_id=box)
    OpenShell.objects.create(marker="cd" * 16, host="dock", container_id="0" * 64)
    assert processes(docker_cli, box, "sleep 9001")
    runtime.run(terminals.reap_once())
    assert not processes(docker_cli, box, "sleep 9001")
    assert processes(docker_cli, box, "sleep 9002")
    assert not OpenShell.objects.exists()


def test_the_end_of_the_container_is_told(terminal: Make, box: str, docker_cli: DockerCli) -> None:
    stopped, other = terminal(), terminal()
    stopped.shows("# ")
    other.shows("# ")
    docker_cli("kill", box)
    assert stopped.told("ended")["reason"] == "The container stopped."
    docker_cli("rm", box)
    assert other.told("ended")["kind"] in ("container-stopped", "container-gone")


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


def test_idle_ends_with_its_own_code(terminal: Make, settings: LazySettings) -> None:
    shell = terminal()
    shell.shows("# ")
    settings.TERMINAL_IDLE_MINUTES = 1
    session = terminals.find(of_ada(), shell.session, shell.container_id)
    assert session is not None
    session.typed_at -= 30
    shell.told("warning")
    session.typed_at -= 40
    assert shell.told("ended", 30)["kind"] == "idle"
    until(lambda: shell.code == 4008)


def test_interrupt_works_under_a_flood(terminal: Make) -> None:
    shell = terminal()
    shell.shows("# ")
    shell.type(f"yes {'flood' * 100}\n")
    until(lambda: len(shell.output) > 1_000_000)
    shell.type("\x03echo stopped-$((40+2))\n")
    began = time.monotonic()
    shell.shows("stopped-42\r\n", 5)
    assert time.monotonic() - began < 2


def test_a_browser_that_does_not_read_stops_the_shell_not_the_server(terminal: Make) -> None:
    shell = terminal(acks=False, command=f"yes {'flood' * 100}")
    until(lambda: len(shell.output) >= 512 * 1024)
    time.sleep(0.5)
    assert len(shell.output) == 512 * 1024
    session = terminals.find(of_ada(), shell.session, shell.container_id)
    assert session is not None
    assert session.replay.produced < 1024 * 1024
    shell.send(b"\x03")
    until(lambda: shell.pongs == 1)
    shell.ack()
    until(lambda: len(shell.output) >= 1024 * 1024)


def test_output_is_byte_for_byte(terminal: Make) -> None:
    script = (
        "stty raw -echo; for i in 0 1 2 3 4 5 6 7; do printf '\\000\\377\\303\\050\\033[?'; done"
    )
    shell = terminal(command=f'sh -c "{script}; sleep 0.2"')
    shell.told("exited")
    assert bytes(shell.output) == b"\x00\xff\xc3\x28\x1b[?" * 8


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\x00" + b"x" * (64 * 1024 + 1),
        b"\x01{",
        b'\x01{"cols": 0, "rows": 5}',
        b'\x01{"cols": "80", "rows": 24}',
        b"\x01" + b"[" * 5000,
        b"\x02short",
        b"\x02" + struct.pack(">Q", 10**9),
        b"\x09",
    ],
)
def test_a_broken_protocol_closes_the_socket_only(terminal: Make, message: bytes) -> None:
    shell = terminal()
    shell.shows("# ")
    shell.send(message)
    until(lambda: shell.code == 1008)
    again = terminal(session=shell.session)
    again.shows("# ")


def test_too_much_input_at_once_closes_the_socket(terminal: Make) -> None:
    shell = terminal(command="sleep 100")
    shell.told("started")
    for _ in range(64):
        shell.send(b"\x00" + b"x" * 65536)
    until(lambda: shell.code == 1008)


def test_a_ticket_opens_once_and_from_our_origin_only(runtime: Loop, ada: Client, box: str) -> None:
    ticket = Terminal(runtime, ada, box).ticket(command="sleep 1").json()["ticket"]
    thief = Terminal(runtime, ada, box).connect(ticket, origin=b"http://testserver:81")
    assert (thief.accepted, results()) == (False, [])
    first = Terminal(runtime, ada, box).connect(ticket)
    second = Terminal(runtime, ada, box).connect(ticket)
    assert (first.accepted, second.accepted) == (True, False)
    first.told("exited")
    assert len(results()) == 2


def test_the_second_browser_types_only_when_it_was_focused(terminal: Make) -> None:
    first = terminal()
    first.shows("# ")
    second = terminal(session=first.session)
    second.told("started")
    first.type("echo from-the-first\n")
    second.type("echo from-the-second\n")
    second.shows("from-the-second\r\n")
    assert b"from-the-first" not in second.output
    first.resize(90, 30)
    first.type("echo first-again\n")
    second.shows("first-again\r\n")


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
