"""A masked value shown: only with its own tick, after proving who one is, and recorded by name."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from access.models import Grant, Login, OwnedContainer
from access.roles import Role
from audit.models import Entry, Result
from hosts.live import engine_of
from tests.access.people import grant, team, user
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime

SECRET = "shown-to-few-4711"


@pytest.fixture
def box(runtime: Loop, container: Callable[..., str]) -> str:
    options = ("-e", f"DB_PASSWORD={SECRET}", "-e", "PLAIN=yes")
    id = container("true", options=options, start=False)
    until(lambda: id in engine_of("dock").mirror.snapshot.containers)
    until(lambda: engine_of("dock").mirror.snapshot.containers[id].dangers is not None, 30)
    shop = team("shop", user("bob"))
    OwnedContainer.objects.create(host="dock", container_id=id, team=shop, how="created")
    grant(shop, Role.DEVELOPER)
    return id


@pytest.fixture
def bob(box: str) -> Client:
    made = Client(HTTP_ACCEPT="text/html")
    made.force_login(user("bob"))
    return made


def reveal(bob: Client, box: str, name: str = "DB_PASSWORD") -> tuple[int, str]:
    answer = bob.post(f"/hosts/dock/containers/{box}/reveal/?name={name}")
    return answer.status_code, answer.content.decode()


def test_without_the_tick_it_is_denied_and_the_page_offers_nothing(bob: Client, box: str) -> None:
    status, page = reveal(bob, box)
    assert (status, SECRET in page) == (403, False)
    assert Entry.objects.get(event="container.reveal_env").result == Result.DENIED
    overview = bob.get(f"/hosts/dock/containers/{box}/overview/").content.decode()
    assert SECRET not in overview
    assert "/reveal/" not in overview


def test_with_the_tick_it_asks_again_shows_it_and_records_the_name(bob: Client, box: str) -> None:
    Grant.objects.update(extras=["container.reveal_env"])
    Grant.objects.get().save()  # tells the book
    overview = bob.get(f"/hosts/dock/containers/{box}/overview/").content.decode()
    assert "/reveal/?name=DB_PASSWORD" in overview
    assert "/reveal/?name=PLAIN" not in overview
    Login.objects.update(confirmed=timezone.now() - timedelta(minutes=6))
    status, page = reveal(bob, box)
    assert (status, SECRET in page) == (403, False)
    Login.objects.update(confirmed=timezone.now())
    answer = bob.post(f"/hosts/dock/containers/{box}/reveal/?name=DB_PASSWORD")
    assert (answer.status_code, SECRET in answer.content.decode()) == (200, True)
    assert answer["Cache-Control"] == "no-store"
    rows = Entry.objects.filter(event="container.reveal_env", user="bob").order_by("seq")
    assert [row.result for row in rows] == [Result.INTENT, Result.OK]
    assert rows[0].parameters == {"variable": "DB_PASSWORD"}
    assert not [row for row in Entry.objects.all() if SECRET in str(vars(row))]
    status, page = reveal(bob, box, "NO_SUCH")
    assert (status, "NO_SUCH" in page) == (404, True)
