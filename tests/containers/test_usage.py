"""The topic of a list's numbers: for who may see the rows, and while they look."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from access.models import Grant, OwnedContainer, Team, User
from access.roles import Role
from containers import usage, usage_sum
from containers.usage_sum import Sums
from engine import meter
from engine.meter import Reading
from hosts.live import engine_of
from tests.access.people import grant, team, user
from tests.access.test_revocation import Socket
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime

LIST = "/hosts/dock/containers/"
PATIENCE = 30


@pytest.fixture
def boxes(
    runtime: Loop, container: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> tuple[str, str]:
    monkeypatch.setattr(meter, "EVERY", 1.0)
    monkeypatch.setattr(meter, "SOON", 0.3)
    ids = container(), container()
    mirror = engine_of("dock").mirror
    until(lambda: all(id in mirror.snapshot.containers for id in ids))
    until(lambda: all(mirror.snapshot.containers[id].running for id in ids))
    return ids


@pytest.fixture
def shop(boxes: tuple[str, str]) -> Team:
    made = team("shop", user("bob"))
    OwnedContainer.objects.create(host="dock", container_id=boxes[0], team=made, how="created")
    grant(made, Role.VIEWER)
    return made


def browser_of(name: str) -> Client:
    made = Client()
    made.force_login(user(name))
    return made


def watching(loop: Loop, name: str, asked: str) -> Socket:
    live = Socket(loop, browser_of(name), asked).at("/ws/live/")
    live.say(sub=[f"usage:dock:{asked}"])
    return live


def test_it_tells_of_those_asked_for_that_one_may_see(
    runtime: Loop, shop: Team, boxes: tuple[str, str]
) -> None:
    own, other = (id[:12] for id in boxes)
    asked = f"{own},{other},ffffffffffff"
    stranger, live = watching(runtime, "eve", asked), watching(runtime, "bob", asked)
    until(lambda: [each for each in live.news if len(each["rows"][own]) > 3], PATIENCE)
    assert {id for each in live.news for id in each["rows"]} == {own}
    assert live.news[0]["rows"][own][2] == 1
    assert live.news[-1]["rows"][own][2] == 0
    assert stranger.news == []
    sweep = engine_of("dock").meter._sweep
    assert sweep is not None
    assert set(sweep.readings) == {boxes[0]}
    Grant.objects.all().delete()
    until(lambda: not sweep.looks, PATIENCE)
    for each in (stranger, live):
        each.drop()


def test_a_list_by_what_is_used_sweeps_all_while_it_is_open(
    runtime: Loop, shop: Team, boxes: tuple[str, str]
) -> None:
    page = browser_of("bob").get(LIST, {"q": "mem:>1k sort:-mem"}).content.decode()
    assert "data-measured" in page
    assert f"c-{boxes[0]}" not in page  # nothing is known before it is measured
    live = watching(runtime, "bob", "all")
    until(lambda: boxes[0] in engine_of("dock").meter.readings, PATIENCE)
    until(lambda: live.news, PATIENCE)
    assert {each["event"] for each in live.news} == {"usage-swept"}
    assert boxes[1] not in engine_of("dock").meter.readings  # bob does not see it
    page = browser_of("bob").get(LIST, {"q": "mem:>1k sort:-mem"}).content.decode()
    assert f"c-{boxes[0]}" in page
    ids = browser_of("bob").get(LIST, {"q": "mem:>1k", "format": "ids"})
    assert ids.status_code == 422
    live.drop()
    until(lambda: not engine_of("dock").meter._sweep.looks, PATIENCE)  # type: ignore[union-attr]


def test_a_hosts_sum_is_of_what_one_sees_of_it(
    runtime: Loop, shop: Team, boxes: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage_sum, "PACE", 0.2)
    monkeypatch.setattr(usage_sum, "PATIENCE", 60.0)  # a busy engine answers in time for bob
    grant(team("all", user("ann")), Role.OPERATOR, selector="all")
    lives = {name: watching(runtime, name, "sum") for name in ("eve", "bob", "ann")}
    until(lambda: len(lives["bob"].news) > 1 and lives["ann"].news, PATIENCE)
    of_part, of_all = lives["bob"].news[-1], lives["ann"].news[-1]
    assert {each["running"] for each in lives["bob"].news} == {1}
    assert of_part["part"]
    assert of_part["measured"] == 1
    assert not of_all["part"]
    assert of_all["measured"] == of_all["running"] >= 2
    assert 0 < of_part["memory"] < of_all["memory"]
    assert len(of_part["cpu"]) > 1
    assert lives["eve"].news == []
    Grant.objects.all().delete()
    until(lambda: not engine_of("dock").meter._sweep.looks, PATIENCE)  # type: ignore[union-attr]
    for each in lives.values():
        each.drop()


def test_a_sum_is_told_once_all_are_measured_or_says_of_how_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def reading(cpu: float | None, *trail: float, old: int = 0) -> Reading:
        at = datetime.now(UTC) - timedelta(seconds=old)
        return Reading(at, cpu, 100, 0, trail, len(trail))

    ids, readings = frozenset("ab"), {"a": reading(30, 10, 20, 30), "x": reading(99, 99)}
    sums = Sums()
    assert sums.due(readings, ids) is None
    assert sums.due(readings | {"b": reading(None)}, ids) is None
    told = sums.due(readings | {"b": reading(2, 1, 2)}, ids)
    assert told == {"cpu": [21, 32], "memory": 200, "measured": 2, "running": 2}
    assert sums.due(readings, ids) is None  # too soon
    monkeypatch.setattr(usage_sum, "PACE", 0)
    assert sums.due(readings | {"b": reading(2, 2, old=60)}, ids) is None
    monkeypatch.setattr(usage_sum, "PATIENCE", 0)
    told = sums.due(readings | {"b": reading(2, 2, old=60)}, ids)
    assert told == {"cpu": [21, 32, 30], "memory": 100, "measured": 1, "running": 2}
    assert Sums().due({}, frozenset()) == {"cpu": [0], "memory": 0, "measured": 0, "running": 0}


def test_one_person_has_so_many_looks_and_no_more(
    runtime: Loop, shop: Team, boxes: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage, "MOST_LOOKS", 1)
    first = watching(runtime, "bob", boxes[0][:12])
    until(lambda: first.news, PATIENCE)
    second = watching(runtime, "bob", "all")
    first.drop()
    until(lambda: not usage._looks[User.objects.get(username="bob").pk], PATIENCE)
    third = watching(runtime, "bob", "all")
    until(lambda: third.news, PATIENCE)
    assert second.news == []
    for each in (second, third):
        each.drop()
