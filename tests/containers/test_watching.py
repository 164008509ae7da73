"""Somebody else's terminal: watched and ended by those who may, and its person sees that."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import DatabaseError
from django.test import Client

from audit import chain
from audit.models import Entry, Result
from tests.access.people import grant, team, user
from tests.conftest import DockerCli
from tests.containers.terminal_cast import Make, processes
from tests.containers.terminal_cast import ada as ada
from tests.containers.terminal_cast import box as box
from tests.containers.terminal_cast import terminal as terminal
from tests.containers.terminal_client import Terminal
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime


class Watch(Terminal):
    """The socket of a watcher."""

    def __init__(self, loop: Loop, browser: Client, watched: Terminal) -> None:
        super().__init__(loop, browser, watched.container_id, where="watch")
        self.watched = watched

    def ticket(self, **fields: Any) -> Any:
        return self.browser.post(f"/hosts/dock/terminals/{self.watched.session}/ticket/", fields)


def browser_of(name: str, **fields: bool) -> Client:
    browser = Client(HTTP_ACCEPT="text/html")
    browser.force_login(user(name, **fields))
    return browser


Look = Callable[[Client, Terminal], Watch]


@pytest.fixture
def look(runtime: Loop) -> Iterator[Look]:
    """``look(browser, shell)``: a watcher's socket, not yet opened."""
    made: list[Watch] = []

    def watch(browser: Client, shell: Terminal) -> Watch:
        made.append(Watch(runtime, browser, shell))
        return made[-1]

    yield watch
    for one in made:
        if one.code is None:
            one.drop()


@pytest.fixture
def ops(runtime: Loop) -> Client:
    grant(team("ops", user("ops")), "host-admin")
    return browser_of("ops")


def test_what_is_watched_is_what_is_shown_and_its_person_is_told(
    look: Look, terminal: Make, ops: Client
) -> None:
    shell = terminal()
    shell.shows("# ")
    watch = look(ops, shell).open()
    assert shell.told("watched")["watched"] == ["ops"]
    shell.type("echo seen-$((1+1))\n")
    watch.shows("seen-2")
    shell.resize(91, 31)
    assert (watch.told("resized")["cols"], watch.told("resized")["rows"]) == (91, 31)
    watch.type("echo never-typed\n")  # nothing of a watcher goes in
    shell.type("echo after-it\n")
    watch.shows("after-it\r\n")
    assert b"never-typed" not in shell.output
    assert bytes(watch.output) == bytes(shell.output)
    assert Entry.objects.filter(event="terminal.watch", user="ops").exists()
    watch.drop()
    watch.code = 1006
    until(lambda: shell.told("watched")["watched"] == [])


def test_nothing_is_shown_where_watching_cannot_be_recorded(
    look: Look, terminal: Make, ops: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = terminal()
    shell.shows("# ")
    append = chain.append

    def full(event: str, *args: Any, **fields: Any) -> Entry:
        if event == "terminal.watch":
            raise DatabaseError("disk is full")
        return append(event, *args, **fields)

    monkeypatch.setattr(chain, "append", full)
    watch = look(ops, shell).open()
    assert "cannot be written: disk is full" in watch.told("ended")["reason"]
    assert bytes(watch.output) == b""


def test_a_watcher_holds_nothing_up_and_keeps_nothing_open(
    look: Look, terminal: Make, ops: Client, settings: Any
) -> None:
    settings.TERMINAL_RETURN_SECONDS = 1
    shell = terminal()
    shell.shows("# ")
    watch = look(ops, shell)
    watch.acks = False  # a browser that stalls
    watch.open()
    shell.type("yes 'a line of output' | head -c 2000000; echo all-$((1+1))\n")
    shell.shows("all-2", 30)
    assert len(watch.output) < 700_000
    shell.drop()
    until(lambda: Entry.objects.filter(event="container.exec", result=Result.OK).exists(), 30)


def test_it_is_ended_with_a_reason_that_its_person_reads(
    look: Look, terminal: Make, ops: Client, box: str, docker_cli: DockerCli
) -> None:
    shell = terminal()
    shell.shows("# ")
    shell.type("sleep 9001\n")
    watch = look(ops, shell).open()
    base = f"/hosts/dock/terminals/{shell.session}/"
    assert "ada" in ops.get("/hosts/dock/terminals/").content.decode()
    assert "End this terminal" in ops.get(base).content.decode()
    assert ops.post(f"{base}end/", {"reason": " "}).status_code == 422
    assert shell.code is None
    answer = ops.post(f"{base}end/", {"reason": "The host is serviced."})
    assert answer["Location"] == "/hosts/dock/terminals/"
    ending = shell.ending(30)
    assert ending["kind"] == "ended-by"
    assert "ended by ops: The host is serviced." in ending["reason"]
    assert "The host is serviced." in watch.ending(30)["reason"]
    until(lambda: not processes(docker_cli, box, "sleep 9001"), 30)
    said = Entry.objects.get(event="terminal.end", result=Result.OK)
    assert (said.user, said.parameters["person"]) == ("ops", "ada")
    assert said.parameters["reason"] == "The host is serviced."
    assert ops.get(base).status_code == 404


def test_nobody_else_watches_or_ends(look: Look, terminal: Make, ops: Client, box: str) -> None:
    shell = terminal()
    shell.shows("# ")
    base = f"/hosts/dock/terminals/{shell.session}/"
    grant(team("shop", user("dev")), "developer", extras=["container.exec"])
    dev, auditor, stranger = browser_of("dev"), browser_of("aud", auditor=True), browser_of("x")
    for browser, watches in ((dev, 404), (stranger, 404), (auditor, 200)):
        assert browser.get(base).status_code == watches
        assert browser.post(f"{base}ticket/").status_code == watches
        ends = browser.post(f"{base}end/", {"reason": "x"}).status_code
        assert ends == (403 if browser is auditor else 404)
    assert dev.get("/hosts/dock/terminals/").status_code == 403
    assert stranger.get("/hosts/dock/terminals/").status_code == 404
    assert "End this terminal" not in auditor.get(base).content.decode()
    assert ops.get(f"/hosts/quay/terminals/{shell.session}/").status_code == 404
    watch = look(auditor, shell).open()
    watch.shows("# ")
    user("aud").__class__.objects.filter(username="aud").update(auditor=False)
    until(lambda: watch.code == 4003, 30)
    assert shell.code is None
