"""Logs by API: stored and followed, and what a followed one takes."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from access.models import Quota, Team
from containers.api import logs
from hosts.live import engine_of
from tests.access.people import dock
from tests.api.client import Program, body, is_problem, program, superuser, token, viewer
from tests.api.conftest import known
from tests.conftest import DockerCli
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime
from web import reading
from web.seats import seats


def test_a_log_as_text_and_as_json(
    runtime: Loop, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    id = known(container("sh", "-c", "echo one; echo two >&2; printf '\\377\\n'"))
    docker_cli("wait", id)
    asks, base = program(superuser()), f"hosts/dock/containers/{id}/logs"
    until(lambda: engine_of("dock").mirror.snapshot.containers[id].state == "exited")
    assert sorted(body(asks.get(base), runtime).splitlines()) == [b"one", b"two", "\ufffd".encode()]
    assert body(asks.get(f"{base}?stream=stderr&follow=true"), runtime) == b"two\n"
    rows = [json.loads(r) for r in body(asks.get(f"{base}?format=json"), runtime).splitlines()]
    lines = [row for row in rows if "line" in row]
    assert {(row["stream"], row["line"]) for row in lines} == {
        ("stdout", "one"),
        ("stderr", "two"),
        ("stdout", "\ufffd"),
    }
    rest = body(asks.get(f"{base}?format=json&after={lines[1]['cursor']}"), runtime)
    again = [json.loads(row) for row in rest.splitlines()]
    assert [row for row in again if "line" in row] == lines[2:]
    for query, field in (("since=soon", "since"), ("tail=x", "tail"), ("after=1", "after")):
        told = is_problem(asks.get(f"{base}?{query}"), 422)
        assert told["errors"][0]["field"] == field


def test_a_followed_log_ends_with_its_token(
    runtime: Loop,
    container: Callable[..., str],
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(logs, "CHECK_SECONDS", 0.2)
    root = superuser()
    row, secret = token(root, "container.logs")
    id = known(container("sh", "-c", "echo here; sleep 600"))
    followed = Program(secret).get(f"hosts/dock/containers/{id}/logs?follow=true")
    pieces = followed.streaming_content

    async def first() -> bytes:
        return await anext(pieces)

    assert runtime.run(first()) == b"here\n"
    client.force_login(root)
    client.post(f"/account/tokens/{row.pk}/end/")

    async def rest() -> list[bytes]:
        return [piece async for piece in pieces]

    assert runtime.run(rest(), 30) == []


def test_a_followed_log_takes_a_place_and_gives_it_back(
    runtime: Loop, container: Callable[..., str], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.SOCKETS_PER_PERSON = 1
    root = superuser()
    asks = program(root, "container.logs")
    base = f"hosts/dock/containers/{known(container('sh', '-c', 'echo here; sleep 600'))}/logs"
    followed = asks.get(f"{base}?follow=true")

    async def first() -> bytes:
        return await anext(followed.streaming_content)

    assert runtime.run(first()) == b"here\n"
    is_problem(asks.get(f"{base}?follow=true"), 429)
    assert body(asks.get(base), runtime) == b"here\n"
    runtime.run(followed._iterator.aclose())  # as the server does where a client leaves
    monkeypatch.setattr(reading, "UNREAD_SECONDS", 0.1)
    until(lambda: not seats._taken)
    assert asks.get(f"{base}?follow=true").status_code == 200  # and nobody reads it
    until(lambda: not seats._taken)


def test_a_followed_log_takes_a_place_of_its_team(shop: Team, box: str) -> None:
    asks = viewer(shop)
    Quota.objects.create(team=shop, host=dock(), sockets=0)
    told = is_problem(asks.get(f"hosts/dock/containers/{box}/logs?follow=true"), 429)
    assert told["errors"][0]["field"] == "sockets"
    assert not seats._taken
