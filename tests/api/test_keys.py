"""A run with a key happens once: at the same moment too, and where its end is not known."""

import secrets
import threading
from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, connections

from access.errors import Denied, NotRecorded
from access.models import Team
from containers import actions, running
from containers.api import runs
from containers.models import RunKey
from engine.errors import EngineDown, EngineError, EngineSilent, Refused
from engine.types import EngineState
from hosts.live import engine_of
from tests.api.client import Program, is_problem, program, superuser, token
from tests.api.test_changes import ALL, developer, spec
from tests.api.test_changes import tidy as tidy
from tests.runtime import Loop
from tests.runtime import runtime as runtime


def test_the_same_key_runs_once(shop: Team, busybox: str, tidy: None) -> None:
    asks, key = developer(shop), {"HTTP_IDEMPOTENCY_KEY": "order-7"}
    wanted = spec(busybox, "api-once")
    first = asks.post(ALL, wanted, **key)
    again = asks.post(ALL, wanted, **key)
    assert (first.status_code, again.status_code) == (201, 201), first.content
    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"
    told = is_problem(asks.post(ALL, spec(busybox, "api-other"), **key), 422)
    assert told["errors"][0]["field"] == "Idempotency-Key"
    RunKey.objects.update(status=0)
    is_problem(asks.post(ALL, wanted, **key), 409)
    taken = {"HTTP_IDEMPOTENCY_KEY": "order-8"}
    is_problem(asks.post(ALL, wanted, **taken), 409)  # the engine's: the name is taken
    assert asks.post(ALL, spec(busybox, "api-free"), **taken).status_code == 201, "free again"
    is_problem(asks.post(ALL, wanted, HTTP_IDEMPOTENCY_KEY="x" * 256), 422)


KEY = {"HTTP_IDEMPOTENCY_KEY": "order-9"}


def test_a_key_at_the_same_moment_runs_one(runtime: Loop, busybox: str, tidy: None) -> None:
    """Without a name, so that nothing but the key keeps the engine from making several."""
    secret, together = token(superuser(), "*")[1], threading.Barrier(4)
    wanted, answers = spec(busybox, ""), []

    def ask() -> None:
        try:
            together.wait(30)
            answers.append(Program(secret).post(ALL, wanted, **KEY))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    statuses = [each.status_code for each in answers]
    assert len(statuses) == 4
    assert set(statuses) <= {201, 409}, [each.content for each in answers]
    ours = engine_of("dock").mirror.snapshot.containers.values()
    made = [row.id for row in ours if row.labels.get("wharfinger-api") == "1"]
    assert made == [RunKey.objects.get().answer.partition('"id":"')[2][:64]]
    assert {each.json()["id"] for each in answers if each.status_code == 201} == set(made)


def test_a_key_is_each_tokens_own(
    runtime: Loop, busybox: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "run", lambda *args: secrets.token_hex(32))
    ann, bob = superuser("ann"), superuser("bob")
    asks = [program(ann), program(ann), program(bob)]
    made = [each.post(ALL, spec(busybox, ""), **KEY).json()["id"] for each in asks]
    assert len(set(made)) == 3
    assert asks[2].post(ALL, spec(busybox, ""), **KEY).json()["id"] == made[2]


ENDS = [
    (EngineSilent("slow"), 504, False),
    (EngineDown("hung up"), 503, False),
    (EngineError("what?"), 502, False),
    (NotRecorded("done, and no room to say so"), 507, False),
    (running.NotStarted(EngineSilent("slow"), ""), 504, False),
    (running.NotStarted(Refused("no"), "ab" * 32), 422, False),
    (RuntimeError("a defect"), 500, False),
    (running.NotStarted(Refused("no"), ""), 422, True),
    (Denied("no"), 403, True),
    (Refused("no"), 422, True),
]


def test_a_key_is_free_again_only_where_nothing_was_made(
    runtime: Loop, busybox: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asks = program(superuser())
    for error, status, free in ENDS:
        RunKey.objects.all().delete()

        def fails(*args: Any, error: Exception = error) -> str:
            raise error

        monkeypatch.setattr(actions, "run", fails)
        is_problem(asks.post(ALL, spec(busybox, ""), **KEY), status)
        assert RunKey.objects.exists() is not free, error


def test_a_key_is_not_taken_where_the_engine_is_away(
    runtime: Loop, busybox: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asks, mirror = program(superuser()), engine_of("dock").mirror
    away = replace(mirror.snapshot, state=EngineState.DOWN, error="nobody listens")
    monkeypatch.setattr(runs.fetch, "sight", lambda *args: away)
    refused = asks.post(ALL, spec(busybox, ""), **KEY)
    assert "nobody listens" in is_problem(refused, 503)["detail"]
    assert int(refused["Retry-After"]) > 0
    assert not RunKey.objects.exists()


def test_a_key_that_is_given_back_at_this_moment(
    runtime: Loop, busybox: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its row was in the way when ours was written, and is gone when it is looked for."""

    def fails(**fields: Any) -> RunKey:
        raise IntegrityError

    monkeypatch.setattr(RunKey.objects, "create", fails)
    is_problem(program(superuser()).post(ALL, spec(busybox, ""), **KEY), 409)
