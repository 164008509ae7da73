"""A record that cannot be written: changes are refused in words, and reads go on."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from django.db import OperationalError, connection
from django.test import Client

from access import door
from access.actors import Actor
from access.errors import Hidden, NotRecorded
from access.models import Team, User
from access.targets import Target
from audit import chain
from audit.models import Entry, Result
from tests.access.people import user

pytestmark = pytest.mark.django_db(transaction=True)
ADMIN = Actor(user_id=1, username="ada", superuser=True)
TARGET = Target("container", "ab" * 32, "web", "dock")
HTML = {"HTTP_ACCEPT": "text/html"}
TEAM = {"slug": "shop", "name": "Shop"}


@contextmanager
def read_only() -> Iterator[None]:
    with pragma("query_only", "ON", "OFF"):
        yield


@contextmanager
def read_only_from_here() -> Iterator[Callable[[], object]]:
    """Gives what makes it so; afterwards it can be written again."""
    with connection.cursor() as cursor:
        yield lambda: cursor.execute("PRAGMA query_only = ON")
        cursor.execute("PRAGMA query_only = OFF")


@contextmanager
def full() -> Iterator[None]:
    """Not one page more for the database, and none free in it."""
    with pragma("max_page_count", "1", str(2**30)):
        for size in (5000, 500, 0):
            fill(size)
        yield


def fill(size: int) -> None:
    """Until a row of this size does not fit."""
    for _ in range(300):
        try:
            chain.append("container.stop", Result.OK, reason="x" * size)
        except OperationalError:
            return
    raise AssertionError("it never is full")


@contextmanager
def pragma(name: str, on: str, off: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {name} = {on}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA {name} = {off}")


@pytest.fixture
def root() -> Client:
    browser = Client(**HTML)
    browser.force_login(user("root", is_superuser=True))
    assert browser.get("/audit/").status_code == 200
    return browser


@pytest.mark.parametrize(("broken", "word"), [(read_only, "readonly"), (full, "full")])
def test_changes_are_refused_and_reads_go_on(
    root: Client, broken: Callable[[], AbstractContextManager[None]], word: str
) -> None:
    row = chain.append("container.stop", Result.OK).seq
    User.objects.create_user("bob", password="correct horse battery")
    bob = Client(**HTML)
    bob.force_login(User.objects.get(username="bob"))
    with broken():
        for address in ("/audit/", f"/audit/{row}/", "/teams/", "/jobs/", "/"):
            assert root.get(address).status_code == 200, address
        refused = root.post("/teams/add/", TEAM)
        assert (refused.status_code, word in refused.content.decode()) == (507, True)
        assert root.get("/audit/export/?format=csv").status_code == 507
        assert bob.post("/teams/add/", TEAM).status_code == 404
        form = {"username": "bob", "password": "correct horse battery"}
        assert Client(**HTML).post("/login/", form).status_code == 507
    assert not Team.objects.exists()
    assert not Entry.objects.filter(event="session.login").exists()
    root.post("/teams/add/", TEAM)
    assert Team.objects.get().name == "Shop"


def test_a_change_does_not_begin_without_its_intent() -> None:
    begun = False
    with read_only(), pytest.raises(NotRecorded), door.change(ADMIN, "container.stop", TARGET):
        begun = True
    assert not begun


def test_a_denial_is_a_denial_also_where_it_cannot_be_written() -> None:
    nobody = Actor(user_id=7, username="bob")
    with read_only(), pytest.raises(Hidden), door.change(nobody, "container.stop", TARGET):
        pass
    with read_only(), pytest.raises(Hidden), door.judged(nobody, "container.stop", TARGET):
        raise Hidden


def test_a_result_that_cannot_be_written_is_told_and_reads_unknown_later() -> None:
    with (
        read_only_from_here() as stop_writing,
        pytest.raises(NotRecorded, match="carried out"),
        door.change(ADMIN, "container.stop", TARGET),
    ):
        stop_writing()
    assert chain.close_open_intents() == 1
    assert list(Entry.objects.order_by("seq").values_list("result", flat=True)) == [
        "intent",
        "unknown",
    ]


def test_what_failed_says_so_though_its_result_is_lost() -> None:
    with (
        read_only_from_here() as stop_writing,
        pytest.raises(ValueError, match="no such signal"),
        door.change(ADMIN, "container.kill", TARGET),
    ):
        fails(stop_writing)


def fails(stop_writing: Callable[[], object]) -> None:
    stop_writing()
    raise ValueError("no such signal")
