"""The stats page and its topic: numbers for who may see the container, as long as they may."""

from collections.abc import Callable

import pytest
from django.test import Client

from access.models import Grant, OwnedContainer, Team
from access.roles import Role
from containers.processes import MOST, processes
from hosts.live import engine_of
from tests.access.people import grant, team, user
from tests.access.test_revocation import Socket
from tests.conftest import DockerCli
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime

PATIENCE = 30


@pytest.fixture
def box(runtime: Loop, container: Callable[..., str]) -> str:
    id = container("sh", "-c", "sleep 600; :", "DB_PASSWORD=hunter2")
    until(lambda: id in engine_of("dock").mirror.snapshot.containers)
    until(lambda: engine_of("dock").mirror.snapshot.containers[id].running)
    return id


@pytest.fixture
def shop(box: str) -> Team:
    made = team("shop", user("bob"))
    OwnedContainer.objects.create(host="dock", container_id=box, team=made, how="created")
    grant(made, Role.VIEWER)
    return made


def browser_of(name: str) -> Client:
    made = Client()
    made.force_login(user(name))
    return made


def watching(loop: Loop, browser: Client, id: str) -> Socket:
    live = Socket(loop, browser, id).at("/ws/live/")
    live.say(sub=[f"stats:dock:{id}"])
    return live


def test_the_topic_tells_who_may_see_it_and_ends_with_the_right(
    runtime: Loop, shop: Team, box: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    feeds = engine_of("dock").stats.hub
    monkeypatch.setattr(feeds, "_linger", 0.1)
    stranger = watching(runtime, browser_of("eve"), box)
    nowhere = watching(runtime, browser_of("bob"), "f" * 64)
    live = watching(runtime, browser_of("bob"), box)
    until(lambda: [each for each in live.news if each["points"]], PATIENCE)
    assert live.news[0]["whole"]
    assert not live.news[-1]["whole"] or len(live.news) == 1
    assert {(each["event"], each["id"]) for each in live.news} == {("stats", box)}
    assert len(next(each for each in live.news if each["points"])["points"][0]) == 9
    assert (stranger.news, nowhere.news, len(feeds)) == ([], [], 1)
    Grant.objects.all().delete()
    until(lambda: len(feeds) == 0, PATIENCE)  # a right that ends lets go of the engine, too
    assert live.code is None
    for each in (stranger, nowhere, live):
        each.drop()


def test_pages_without_javascript_and_what_they_hide(
    runtime: Loop, shop: Team, box: str, docker_cli: DockerCli
) -> None:
    base = f"/hosts/dock/containers/{box}/"
    bob, eve = browser_of("bob"), browser_of("eve")
    for path in ("stats/", "top/"):
        assert eve.get(base + path).status_code == 404
    page = bob.get(f"{base}stats/?whole=1").content.decode()
    assert "KiB / " in page or "MiB / " in page
    assert "DB_PASSWORD=" in page
    assert "hunter2" not in page
    top = bob.get(f"{base}top/?sort=-pid").content.decode()
    assert 'aria-sort="descending"' in top
    assert bob.get(f"{base}top/?sort=nonsense").status_code == 200
    docker_cli("kill", box)
    until(lambda: not engine_of("dock").mirror.snapshot.containers[box].running)
    stopped = bob.get(f"{base}stats/?whole=1").content.decode()
    assert "not running" in stopped
    assert "there are no processes" in stopped


def test_processes_are_sorted_by_value_and_bounded() -> None:
    rows = [[str(number), f"sleep {number}"] for number in range(MOST + 7)]
    told = {"Titles": ["PID", "CMD"], "Processes": rows[::-1]}
    rising, falling = processes(told, "pid"), processes(told, "-pid")
    assert [row[0] for row in rising.rows[:3]] == ["0", "1", "2"]
    assert falling.rows[0][0] == str(MOST + 6)
    assert (len(rising.rows), rising.left_out) == (MOST, 7)
    assert [(title.sort, title.order) for title in rising.titles] == [
        ("-pid", "ascending"),
        ("cmd", ""),
    ]
    assert processes({}, "pid").rows == ()
