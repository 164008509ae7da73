"""The book of grants is kept in memory until something in it changes, and not a moment longer."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from access.book import book
from access.models import Team, User
from tests.access.gate_cast import bob as bob
from tests.access.people import team, user

pytestmark = pytest.mark.django_db(transaction=True)  # within a transaction nothing is kept


@pytest.fixture(autouse=True)
def for_good(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept does not grow old: only a change makes it anew."""
    monkeypatch.setattr("access.book.FRESH_SECONDS", 3600.0)


def teams_of(person: User) -> frozenset[int]:
    return book().teams_of.get(person.pk, frozenset())


def elsewhere(person: User) -> frozenset[int]:
    """The same by another request's thread, with a connection of its own."""

    def asked() -> frozenset[int]:
        try:
            return teams_of(person)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asked).result(30)


def test_who_joins_or_leaves_a_team_is_known_at_once(bob: User) -> None:
    shop, ann = team("shop"), user("ann")
    assert book() is book(), "it is kept"
    shop.members.add(bob)
    assert (teams_of(bob), teams_of(ann)) == ({shop.pk}, set())
    shop.members.set([ann])
    assert (teams_of(bob), teams_of(ann)) == (set(), {shop.pk})
    shop.members.clear()
    assert teams_of(ann) == set()


def test_what_is_read_before_a_commit_is_not_kept_after_it(bob: User) -> None:
    """Somebody asks between the change and its commit: what they read is the old book."""
    shop = Team.objects.create(slug="shop", name="Shop")
    with transaction.atomic():
        shop.members.add(bob)
        assert elsewhere(bob) == set()
        assert teams_of(bob) == {shop.pk}
    assert elsewhere(bob) == teams_of(bob) == {shop.pk}
