"""The wait for a container's end: its exit code as the command line says, or the time is up."""

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from access.models import Team
from containers.api import changes
from tests.access.people import grant, user
from tests.api.client import Program, is_problem, program, superuser, token
from tests.api.conftest import known
from tests.conftest import DockerCli
from tests.runtime import Loop
from tests.runtime import runtime as runtime


def body(response: Any, runtime: Loop) -> dict[str, Any]:
    async def collect() -> bytes:
        return b"".join([piece async for piece in response.streaming_content])

    told: dict[str, Any] = json.loads(runtime.run(collect(), 60))
    return told


def wait(asks: Program, id: str, seconds: int) -> Any:
    return asks.get(f"hosts/dock/containers/{id}/wait?timeout={seconds}")


def test_its_exit_code_comes_when_it_ends(
    runtime: Loop, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    asks = program(superuser())
    id = known(container("sh", "-c", "trap 'exit 7' TERM; while :; do sleep 0.1; done"))
    began = time.monotonic()
    assert body(wait(asks, id, 1), runtime) == {"over": False, "exit_code": None}
    assert time.monotonic() - began >= 1
    killer = threading.Timer(0.5, docker_cli, ("kill", "--signal", "TERM", id))
    killer.start()
    assert body(wait(asks, id, 60), runtime) == {"over": True, "exit_code": 7}
    killer.join(20)
    assert docker_cli("wait", id).stdout.strip() == "7"
    assert body(wait(asks, id, 60), runtime)["over"] is True
    is_problem(wait(asks, id, 0), 422)
    is_problem(wait(asks, id, 601), 422)
    is_problem(wait(asks, "ab" * 32, 5), 404)


def test_it_ends_with_the_right_and_is_hidden_from_others(
    runtime: Loop, shop: Team, box: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "CHECK_SECONDS", 0.2)
    person = user("bob")
    is_problem(wait(program(person), box, 5), 404)
    shop.members.add(person)
    grant(shop, "viewer")
    row, secret = token(person, "container.see")
    waiting = wait(Program(secret), box, 60)
    row.delete()
    began = time.monotonic()
    assert body(waiting, runtime) == {"over": False, "exit_code": None}
    assert time.monotonic() - began < 30
