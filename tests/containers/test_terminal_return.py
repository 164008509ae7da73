"""A terminal outlives its socket: its person comes back to it, nobody else."""

import re
import time
from collections.abc import Callable

from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from access.models import User
from containers.terminals import terminals
from tests.containers.terminal_cast import Make, known, of_ada
from tests.containers.terminal_cast import ada as ada
from tests.containers.terminal_cast import box as box
from tests.containers.terminal_cast import terminal as terminal
from tests.containers.terminal_client import Terminal
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime


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


def test_ones_own_are_listed_wherever_they_are(
    terminal: Make, ada: Client, box: str, container: Callable[..., str], settings: LazySettings
) -> None:
    settings.TERMINAL_RETURN_SECONDS = 60
    assert b"No terminal is open" in ada.get("/terminals/").content
    other_box = known(container())
    shells = [terminal(), terminal(other_box)]
    for shell in shells:
        shell.shows("# ")
    shells[1].drop()
    page = ada.get("/terminals/").content.decode()
    for shell in shells:
        assert f"/{shell.container_id}/terminal/?session={shell.session}" in page
    assert page.count("Nobody looks, ends in") == 1
    stranger = Client()
    stranger.force_login(User.objects.create_superuser("bob"))
    assert b"No terminal is open" in stranger.get("/terminals/").content
    end = reverse("own-terminal-end", args=[shells[1].session])
    assert stranger.post(end).status_code == 404
    assert ada.post(end).status_code == 302
    until(lambda: shells[1].session not in ada.get("/terminals/").content.decode(), 30)
    assert shells[0].code is None


def test_only_the_end_of_a_long_output_is_kept(terminal: Make) -> None:
    shell = terminal(command="sh -c 'seq 10000 79999; echo all; read line'")
    shell.shows("all\r\n", 60)
    shell.drop()
    back = terminal(session=shell.session)
    back.shows("all\r\n")
    assert 250_000 < len(back.output) < 330_000 < len(shell.output)
    assert re.match(rb"\d{5}\r\n", back.output)  # from the start of a line
    assert bytes(shell.output).endswith(bytes(back.output))


def test_one_that_fell_silent_left_when_it_did(terminal: Make, settings: LazySettings) -> None:
    """So that the minute is counted from the last ping that it did not answer."""
    settings.SOCKET_PING_SECONDS = 20
    shell = terminal()
    session = terminals.find(of_ada(), shell.session)
    assert session is not None
    session.left_at -= 100  # it was opened a while ago
    shell.drop("silent")
    assert time.monotonic() - session.left_at >= 30
    back = terminal(session=shell.session)
    back.drop()
    assert time.monotonic() - session.left_at < 30
