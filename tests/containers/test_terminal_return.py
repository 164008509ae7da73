"""A terminal outlives its socket: its person comes back to it, nobody else."""

import time

from django.test import Client
from django.urls import reverse

from access.models import User
from tests.containers.terminal_cast import Make
from tests.containers.terminal_cast import ada as ada
from tests.containers.terminal_cast import box as box
from tests.containers.terminal_cast import terminal as terminal
from tests.containers.terminal_client import Terminal
from tests.runtime import Loop
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
