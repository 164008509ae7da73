"""Input for main processes by API: read by what runs there, byte for byte, or refused in words."""

import base64
import json
import secrets
from collections.abc import Callable

import pytest

from access.models import Team
from audit.models import Entry
from containers import inputs
from engine.duplex import Duplex, let_go_key
from engine.errors import Refused
from hosts.models import Host, Recording
from tests.access.people import grant, user
from tests.api.client import Program, is_problem, program, superuser, viewer
from tests.api.conftest import known
from tests.conftest import DockerCli
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime

Make = Callable[..., str]
RIGHT = "container.attach"


def at(id: str) -> str:
    return f"hosts/dock/containers/{id}/input"


def logs(docker_cli: DockerCli, id: str) -> str:
    return docker_cli("logs", id).stdout


def once(docker_cli: DockerCli, container: Make, *command: str) -> str:
    """As by ``docker run -i``: its input is taken once."""
    id = container(*command, options=("-i",), start=False)
    docker_cli("start", id)
    return known(id)


def test_what_is_written_is_read_and_the_record_says_how_much(
    runtime: Loop, container: Make, docker_cli: DockerCli
) -> None:
    id, asks = known(container("cat", options=("-i",))), program(superuser(), name="portal")
    assert asks.post(at(id), {"text": "höre\n"}).json() == {"bytes": 6}
    coded = base64.b64encode(b"\x01\x7f\n").decode()
    assert asks.post(at(id), {"base64": coded}).json() == {"bytes": 3}
    until(lambda: logs(docker_cli, id) == "höre\n\x01\x7f\n")
    intent, result = Entry.objects.filter(event=RIGHT).order_by("seq")[:2]
    assert (intent.result, result.result, result.intent_seq) == ("intent", "ok", intent.seq)
    assert intent.parameters == {"input": True, "typed_bytes": 6, "eof": False}
    assert (intent.user, intent.token.partition(" ")[2], intent.object_id) == ("root", "portal", id)
    assert intent.command_line.startswith("docker attach ")
    assert "höre" not in json.dumps(list(Entry.objects.values("parameters", "reason")))


def test_all_of_the_most_and_the_end_of_an_input_that_is_taken_once(
    runtime: Loop, container: Make, docker_cli: DockerCli, monkeypatch: pytest.MonkeyPatch
) -> None:
    asks, data = program(superuser()), secrets.token_bytes(inputs.MOST)
    id = once(docker_cli, container, "sh", "-c", "wc -c; exit 5")
    told = is_problem(asks.post(at(id), {"text": "x"}), 409)
    assert "eof" in told["detail"]
    coded = base64.b64encode(data).decode()
    assert asks.post(at(id), {"base64": coded, "eof": True}).json() == {"bytes": len(data)}
    assert docker_cli("wait", id).stdout.strip() == "5"
    assert logs(docker_cli, id).strip() == str(len(data))
    monkeypatch.setattr(Duplex, "close_stdin", lambda _self: False)  # as over TLS
    second = once(docker_cli, container, "cat")
    assert asks.post(at(second), {"text": "all\n", "eof": True}).status_code == 200
    assert docker_cli("wait", second).stdout.strip() == "0"
    assert logs(docker_cli, second) == "all\n"


def test_a_terminal_gets_the_engines_own_keys_too(
    runtime: Loop, container: Make, docker_cli: DockerCli
) -> None:
    script = "stty raw -echo; echo ready; head -c 4 | od -An -tx1; sleep 600"
    id, asks = known(container("sh", "-c", script, options=("-it",))), program(superuser())
    until(lambda: "ready" in logs(docker_cli, id))
    for each in ("\x10", "\x11", "a\n"):
        assert asks.post(at(id), {"text": each}).status_code == 200
    until(lambda: "10 11 61 0a" in logs(docker_cli, id))
    assert "\\u0004" in is_problem(asks.post(at(id), {"eof": True}), 409)["detail"]


def test_the_key_for_letting_go_is_none_of_the_bytes() -> None:
    assert let_go_key(b"text") == "ctrl-@"
    assert let_go_key(bytes(range(28))) == "ctrl-\\"
    assert let_go_key(bytes(range(0x2D))) == "-"
    with pytest.raises(Refused):
        let_go_key(bytes(range(256)))


def test_what_takes_none_says_why(
    runtime: Loop, container: Make, docker_cli: DockerCli, box: str
) -> None:
    asks = program(superuser())
    stopped = known(container("cat", options=("-i",), start=False))
    assert "not running" in is_problem(asks.post(at(stopped), {"text": "x"}), 409)["detail"]
    assert "without -i" in is_problem(asks.post(at(box), {"text": "x"}), 409)["detail"]
    kept = known(container("cat", options=("-i",)))
    told = is_problem(asks.post(at(kept), {"text": "x", "eof": True}), 409)
    assert "stays open" in told["detail"]
    for body, field in (
        ({}, "text"),
        ({"text": "é" * inputs.MOST}, "text"),
        ({"text": "x" * (inputs.MOST + 1)}, "text"),
        ({"text": "x", "base64": "eA=="}, "base64"),
        ({"base64": "e A=="}, "base64"),
        ({"text": "x", "user": "0"}, "user"),
    ):
        assert is_problem(asks.post(at(kept), body), 422)["errors"][0]["field"] == field
    assert logs(docker_cli, kept) == ""
    docker_cli("pause", kept)
    is_problem(asks.post(at(kept), {"text": "x"}), 409)
    docker_cli("unpause", kept)


def test_what_nobody_reads_is_said_and_holds_up_nothing_else(
    runtime: Loop, container: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inputs, "SECONDS", 0.5)
    asks, id = program(superuser()), known(container("sleep", "600", options=("-i",)))
    full = {"text": "x" * inputs.MOST}
    answers = (asks.post(at(id), full) for _ in range(9))
    refused = next(each for each in answers if each.status_code != 200)
    assert "does not read" in is_problem(refused, 409)["detail"]
    monkeypatch.setattr(inputs, "_busy", {("dock", id)})
    assert "Something else" in is_problem(asks.post(at(id), full), 409)["detail"]


def test_it_takes_the_right_to_attach_and_nothing_less(
    runtime: Loop, shop: Team, box: str, container: Make, docker_cli: DockerCli
) -> None:
    theirs, wide = (
        known(container("cat")),
        known(container("cat", options=("-v", "/etc:/x:ro", "-i"))),
    )
    is_problem(viewer(shop).post(at(box), {"text": "x"}), 403)
    is_problem(viewer(shop).post(at(theirs), {"text": "x"}), 404)
    shop.members.add(person := user("dev"))
    given = grant(shop, "developer", extras=[RIGHT])
    asks = program(person)
    assert "without -i" in is_problem(asks.post(at(box), {"text": "x"}), 409)["detail"]
    is_problem(program(person, "container.see").post(at(box), {"text": "x"}), 403)
    assert "reaches its host" in is_problem(root().post(at(wide), {"text": "x"}), 403)["detail"]
    Host.objects.update(recording=Recording.REQUIRED)
    assert (
        "recording of every terminal"
        in is_problem(asks.post(at(box), {"text": "x"}), 403)["detail"]
    )
    assert Entry.objects.filter(event=RIGHT, result="denied", object_id=box).count() == 3
    Host.objects.update(recording=Recording.OFF)
    given.delete()
    is_problem(asks.post(at(box), {"text": "x"}), 403)


def root() -> Program:
    return program(superuser())
