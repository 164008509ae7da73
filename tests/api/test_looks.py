"""Stats, processes and changed paths by API, each against what the command line says."""

from collections.abc import Callable
from typing import Any

import yaml

from access.models import Team
from access.secrets import MASK
from engine.command_line import from_line
from tests.api.client import is_problem, program, superuser, viewer
from tests.api.conftest import known
from tests.conftest import DockerCli
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime

BUSY = "mkdir /made; echo a >/made/file; echo b >/etc/motd; rm -rf /mnt; while :; do :; done"


def at(id: str, rest: str) -> str:
    return f"hosts/dock/containers/{id}/{rest}"


def test_stats_are_those_of_the_command_line(
    runtime: Loop, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    id = known(container("sh", "-c", BUSY, options=("--memory", "64m", "--cpus", "0.5")))
    told: dict[str, Any] = program(superuser()).get(at(id, "stats")).json()
    form = "{{.MemUsage}} {{.PIDs}}"
    said = docker_cli("stats", "--no-stream", "--format", form, id).stdout.split()
    assert 0 < told["cpu"] < 80  # half a core, and a busy machine may give it less
    assert (told["memory_limit"], said[2]) == (64 * 2**20, "64MiB")
    assert 0 < told["memory"] < 64 * 2**20
    assert str(told["pids"]) == said[3]


def test_what_it_sent_and_read_is_that_of_the_command_line(
    runtime: Loop, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    """Counted before and after: others on its network may speak to it meanwhile."""
    work = "ping -c 3 -i 0.1 $(ip route | awk '/default/ {print $3}') >/tmp/done 2>&1; sleep 600"
    id = known(container("sh", "-c", work, options=("--network", "bridge")))
    until(lambda: "received" in docker_cli("exec", id, "cat", "/tmp/done").stdout, 20)
    asks, form = program(superuser()), "{{.NetIO}} / {{.BlockIO}}"
    before = asks.get(at(id, "stats")).json()
    said = docker_cli("stats", "--no-stream", "--format", form, id).stdout.strip().split(" / ")
    after = asks.get(at(id, "stats")).json()
    assert before["received"] > 0
    for name, text in zip(("received", "sent", "read", "written"), said, strict=True):
        told = in_bytes(text)
        assert 0.99 * before[name] <= told <= 1.01 * after[name] + 1, (name, text)


def in_bytes(text: str) -> float:
    """``1.23kB``, as the command line rounds it."""
    digits = text.rstrip("kMGB")
    return float(digits) * {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9}[text[len(digits) :]]


def test_processes_are_those_of_the_command_line_with_secrets_masked(
    runtime: Loop, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    words = ("sh", "-c", "sleep 600; :", "DB_PASSWORD=hunter2")
    id = known(container(*words))
    until(lambda: len(docker_cli("top", id).stdout.splitlines()) == 3, 20)  # the shell and its own
    until(lambda: "hunter2" in docker_cli("top", id).stdout, 20)
    answer = program(superuser()).get(at(id, "top"))
    told = answer.json()
    lines = docker_cli("top", id).stdout.splitlines()
    assert told["titles"] == lines[0].split()
    assert len(told["processes"]) == len(lines) - 1
    assert "hunter2" in "".join(lines)
    assert "hunter2" not in answer.content.decode()
    assert any("DB_PASSWORD=" in row[-1] for row in told["processes"])


def test_changes_are_those_of_the_command_line_page_by_page(
    runtime: Loop, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    id = known(container("sh", "-c", BUSY.replace("while :; do :; done", "true")))
    docker_cli("wait", id)
    said = sorted(line.split(" ", 1)[::-1] for line in docker_cli("diff", id).stdout.splitlines())
    letter = {"changed": "C", "added": "A", "deleted": "D"}
    asks, found = program(superuser()), []
    cursor: str | None = ""
    while cursor is not None:
        told = asks.get(at(id, f"changes?limit=2&cursor={cursor}")).json()
        found += [[each["path"], letter[each["kind"]]] for each in told["items"]]
        cursor = told["next"]
    assert found == said
    assert ["/made/file", "A"] in found
    counts = {kind: sum(1 for _, mark in said if mark == letter[kind]) for kind in letter}
    assert told["counts"] == counts
    only = asks.get(at(id, "changes?q=/made")).json()
    assert [each["path"] for each in only["items"]] == ["/made", "/made/file"]
    assert only["counts"] == {"changed": 0, "added": 2, "deleted": 0}


def test_the_equal_line_and_file_make_it_again_less_its_secrets(
    runtime: Loop, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    options = ("--env", "GREETING=it's $5", "--env", "DB_PASSWORD=hunter2", "--init")
    id = known(container("sleep", "99", options=options))
    answer = program(superuser()).get(at(id, "command"))
    assert "hunter2" not in answer.content.decode()
    told = answer.json()
    spec = from_line(told["run"]).spec
    assert (spec.command, spec.init) == (("sleep", "99"), True)
    (service,) = yaml.safe_load(told["compose"])["services"].values()
    assert (service["command"], service["init"]) == (["sleep", "99"], True)
    assert service["environment"] == {"GREETING": "it's $$5", "DB_PASSWORD": MASK}
    assert dict(spec.env) == {"GREETING": "it's $5", "DB_PASSWORD": MASK}


def test_a_stopped_one_says_so_and_a_hidden_one_is_not_there(
    runtime: Loop, shop: Team, box: str, container: Callable[..., str]
) -> None:
    stopped = known(container("true", start=False))
    for rest in ("stats", "top"):
        is_problem(program(superuser()).get(at(stopped, rest)), 409)
    seer, reader = viewer(shop), viewer(shop, "container.logs")
    for rest in ("stats", "top", "changes"):
        is_problem(seer.get(at(stopped, rest)), 404)
        is_problem(reader.get(at(box, rest)), 404)
        assert seer.get(at(box, rest)).status_code == 200
