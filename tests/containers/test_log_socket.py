"""The log socket on a real engine: what is told, what may be asked, what breaks the protocol."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from access.models import User
from hosts.live import engine_of
from tests.conftest import DockerCli
from tests.containers.log_cast import Open
from tests.containers.log_cast import ada as ada
from tests.containers.log_cast import log as log
from tests.containers.log_client import LogBrowser, lines_of
from tests.faults import FaultyEngine
from tests.runtime import Loop, site_before, until
from tests.runtime import runtime as runtime

Container = Callable[..., str]
TALK = 'for i in $(seq 1 40); do echo "out $i"; done; sleep 0.3; echo ERROR broken >&2; sleep 3600'


def test_a_search_gives_matches_with_their_neighbours_once(log: Open, container: Container) -> None:
    browser = log(container("sh", "-c", TALK))
    until(lambda: len(browser.lines) == 41)
    browser.say(search={"id": 7, "text": "OUT [29]$|broken", "regex": True, "context": 1})
    done = browser.told(event="search", id=7, state="done")
    assert (done["hits"], done["lines"], done["slow"], done["text"]) == (3, 41, 0, "")
    assert int(done["first"].split(".")[0]) <= int(done["at"].split(".")[0])
    marks = {line.text: line.marks for line in browser.found}
    assert [line.text for line in browser.found][:3] == ["out 1", "out 2", "out 3"]
    assert (marks["out 1"], marks["out 2"], marks["out 3"]) == (0, 1, 0)
    assert (marks["out 8"], marks["out 9"], marks["ERROR broken"] & 1) == (2, 1, 1)
    assert len(browser.found) == len(set(browser.found))
    browser.say(search={"id": 8, "text": "OUT 7", "case": True})
    assert browser.told(event="search", id=8, state="done")["hits"] == 0
    browser.say(search={"id": 9, "text": "out", "most": 5, "context": 0, "stream": "stdout"})
    assert browser.told(event="search", id=9, state="full")["text"].startswith("The first 5 ")
    assert browser.code is None


def test_what_cannot_be_searched_for_is_said_in_words(log: Open, container: Container) -> None:
    browser = log(container("sh", "-c", TALK), tail="0")
    browser.say(search={"id": 9, "text": "(?R)", "regex": True})
    assert "calls itself" in browser.told(event="search", id=9, state="failed")["text"]
    browser.say(search={"id": 10, "text": "(", "regex": True})
    said = browser.told(event="search", id=10, state="failed")["text"]
    assert said.startswith("This is no regular expression: missing )")
    browser.say(search={"id": 11, "text": "a", "since": "tomorrow"})
    assert "since" in browser.told(event="search", id=11, state="failed")["text"]
    assert browser.code is None


def test_a_search_that_is_cancelled_or_left_behind_ends(
    log: Open, container: Container, docker_cli: DockerCli
) -> None:
    id = container("sh", "-c", f"yes {'x' * 300} | head -n 20000; echo last")
    docker_cli("wait", id)
    browser = log(id, tail="0", acks=False)
    browser.say(search={"id": 1, "text": "x", "most": 5000})
    until(lambda: browser.received > 200_000)
    browser.say(cancel=True)
    browser.go_on()
    assert browser.told(event="search", id=1, state="cancelled")["hits"] < 5000
    browser.say(search={"id": 2, "text": "last"})
    assert browser.told(event="search", id=2, state="done")["hits"] == 1


def test_a_slow_expression_is_told_line_by_line(
    log: Open, container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.log_search.LINE_SECONDS", 0.01)
    monkeypatch.setattr("engine.log_search.MOST_SLOW", 3)
    slow = f"(echo {'x' * 60}; echo fine) "
    id = container("sh", "-c", f"{slow}; {slow}; exec sleep 3600")
    browser = log(id)
    until(lambda: len(browser.lines) == 4)
    browser.say(search={"id": 1, "text": "(x|xx|xy?)+z|fine|z", "regex": True, "context": 0})
    done = browser.told(event="search", id=1, state="done")
    assert (done["hits"], done["slow"]) == (2, 2)
    assert [line.marks & 5 for line in browser.found] == [4, 1, 4, 1]


def test_the_new_container_of_the_name_is_offered_and_followed(
    log: Open, container: Container, docker_cli: DockerCli, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"wharf-a1-{time.time_ns()}"
    old = container("sh", "-c", "echo old; exec sleep 3600", options=("--name", name))
    browser = log(old)
    until(lambda: browser.texts == ["old"])
    docker_cli("rename", old, f"{name}-old")
    browser.told(event="renamed", name=f"{name}-old")
    new = container("sh", "-c", "echo new; exec sleep 3600", options=("--name", name))
    docker_cli("rm", "--force", old)
    browser.told(event="ended", reason="removed")
    assert browser.told(event="successor")["id"] == new
    asked: set[str] = set()  # whose right is looked after while the socket is open
    monkeypatch.setattr("web.sockets.may", lambda actor, right, target: not asked.add(target.id))
    browser.say(follow=new)
    until(lambda: browser.texts == ["old", "new"])
    until(lambda: new in asked)
    followed = browser.told(event="divider", reason="followed")
    assert (followed["id"], followed["name"]) == (new, name)
    docker_cli("rename", new, f"{name}-new")
    browser.told(event="renamed", name=f"{name}-new")
    browser.say(follow=old)
    until(lambda: browser.code == 1008)


def test_no_successor_is_told_to_who_may_not_read_it(
    log: Open, container: Container, docker_cli: DockerCli, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"wharf-a1-{time.time_ns()}"
    old = container(options=("--name", name))
    browser = log(old)
    asked: list[str] = []
    monkeypatch.setattr(
        "containers.log_view.may", lambda actor, right, target: bool(asked.append(target.id))
    )
    docker_cli("rm", "--force", old)
    new = container(options=("--name", name))
    until(lambda: asked == [new])
    browser.told(event="ended", reason="removed")
    browser.say(follow=new)
    until(lambda: browser.code == 1008)
    assert not [one for one in browser.news if one["event"] == "successor"]


def test_earlier_lines_come_just_before_a_place(
    ada: Client, container: Container, docker_cli: DockerCli
) -> None:
    id = container("sh", "-c", "seq 1 3000")
    docker_cli("wait", id)
    until(lambda: id in engine_of("dock").mirror.snapshot.containers)
    base = f"/hosts/dock/containers/{id}/logs/earlier/"
    before, seen, begins, held = "9999999999999999999"[:19] + ".0", [], "0", 0
    while begins == "0":
        response = ada.get(base, {"before": before, "lines": "900", "held": held})
        assert response.status_code == 200
        found = list(lines_of(response.content))
        begins = response["Log-Begins"]
        seen = found + seen
        before, held = (seen[0].cursor if seen else before), len(seen)
    assert [line.text for line in seen] == [str(number) for number in range(1, 3001)]
    middle = seen[1500].cursor
    found = list(lines_of(ada.get(base, {"before": middle, "lines": "7", "held": "0"}).content))
    assert found == seen[1493:1500]
    assert ada.get(base, {"before": "nowhere"}).status_code == 422
    assert ada.get(base, {"before": middle, "lines": "5001"}).status_code == 422
    mallory = Client()
    mallory.force_login(User.objects.create_user("mallory"))
    assert mallory.get(base, {"before": middle}).status_code == 404


HOSTILE: list[dict[str, Any]] = [
    {"bytes": b"\0\1\2"},
    {"text": ""},
    {"text": "null"},
    {"text": "[]"},
    {"text": "[" * 15_000},
    {"text": "{}"},
    {"text": '{"ack": 0, "pause": true}'},
    {"text": '{"ack": -1}'},
    {"text": '{"ack": 1e400}'},
    {"text": '{"ack": true}'},
    {"text": '{"ack": "0"}'},
    {"text": '{"ack": 0.0}'},
    {"text": json.dumps({"ack": 2**80})},
    {"text": '{"ack": ' + "9" * 5000 + "}"},
    {"text": '{"pause": 1}'},
    {"text": '{"sub": []}'},
    {"text": '{"search": "x"}'},
    {"text": '{"search": {"text": "x"}}'},
    {"text": '{"search": {"id": -1, "text": "x"}}'},
    {"text": '{"search": {"id": 4294967296, "text": "x"}}'},
    {"text": '{"cancel": 0}'},
    {"text": '{"follow": "' + "f" * 64 + '"}'},
    {"text": '{"pause": false}' + " " * 20_000},
]


def test_what_breaks_the_protocol_is_told_and_closed(log: Open, container: Container) -> None:
    id = container("sh", "-c", TALK)
    for frame in HOSTILE:
        browser = log(id, acks=False)
        browser.send(**frame)
        until(lambda browser=browser: browser.code is not None)
        assert browser.code == 1008, frame
        assert browser.told(event="error")["reason"], frame
        until(lambda browser=browser: browser.task.done())
        assert browser.task.exception() is None


def test_messages_that_say_nothing_new_are_borne_for_a_while(
    log: Open, container: Container
) -> None:
    id = container("sh", "-c", TALK)
    browser = log(id, acks=False)
    for _ in range(5000):
        browser.send(text='{"ack": 0}')
    until(lambda: browser.code == 1008)
    assert browser.told(event="error")["reason"] == "Too many messages."
    calm = log(id)
    for _ in range(1000):
        calm.say(pause=False)
    calm.say(search={"id": 1, "text": "out"})
    calm.told(event="search", id=1, state="done")


def test_a_socket_without_its_ticket_is_refused_whatever_was_said_before(
    runtime: Loop, ada: Client, log: Open, container: Container
) -> None:
    id = container("sh", "-c", TALK)
    log(id)
    first = ({"type": "websocket.receive", "text": '{"ack": 5}'},) * 3
    stranger = LogBrowser(runtime, ada, [id]).connect("no-such-ticket", first)
    assert (stranger.accepted, stranger.code) == (False, 1000)
    other = container("sh", "-c", TALK)
    until(lambda: other in engine_of("dock").mirror.snapshot.containers)
    ticket = LogBrowser(runtime, ada, [other]).ticket().json()["ticket"]
    assert not LogBrowser(runtime, ada, [id]).connect(ticket).accepted


def test_what_is_said_early_is_heard_when_the_socket_stands(
    runtime: Loop, ada: Client, log: Open, container: Container
) -> None:
    id = container("sh", "-c", TALK)
    other = log(id)
    until(lambda: len(other.lines) == 41)
    browser = LogBrowser(runtime, ada, [id])
    early = {"type": "websocket.receive", "text": '{"search": {"id": 3, "text": "out 40"}}'}
    browser.connect(browser.ticket(tail="0").json()["ticket"], (early,))
    assert browser.told(event="search", id=3, state="done")["hits"] == 1
    browser.leave()


def test_an_engine_that_falls_silent_is_told_and_its_return(
    faulty_engine: FaultyEngine,
    transactional_db: None,
    settings: LazySettings,
    client: Client,
    container: Container,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nothing is cut: only the mirror's ping shows it."""
    monkeypatch.setattr("engine.mirror.PROBE_EVERY", 0.5)
    monkeypatch.setattr("engine.mirror.PROBE_DEADLINE", 1.0)
    id = container("sh", "-c", "while :; do echo on; usleep 100000; done")
    with site_before(faulty_engine.url, settings) as loop:
        client.force_login(User.objects.create_superuser("ada"))
        until(lambda: id in engine_of("dock").mirror.snapshot.containers)
        browser = LogBrowser(loop, client, [id]).open()
        until(lambda: len(browser.lines) > 2)
        faulty_engine.freeze()
        assert "engine" in browser.told(event="reconnecting")["text"]
        seen = len(browser.lines)
        faulty_engine.thaw()
        browser.told(event="divider", reason="reconnected")
        until(lambda: len(browser.lines) > seen)
        browser.leave()


def test_a_container_that_is_not_there_closes_with_4004(
    log: Open, runtime: Loop, ada: Client, container: Container, docker_cli: DockerCli
) -> None:
    id = container()
    log(id).leave()
    ticket = LogBrowser(runtime, ada, [id]).ticket().json()["ticket"]
    docker_cli("rm", "--force", id)
    runtime.run(engine_of("dock").logs.hub.close())
    browser = LogBrowser(runtime, ada, [id]).connect(ticket)
    until(lambda: browser.code == 4004)
    assert browser.told(event="error")["reason"]
