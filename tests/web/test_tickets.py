"""Tickets are issued in many threads while the loop redeems them."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from access.actors import Actor
from web import tickets

KIM = Actor(user_id=7, username="kim", session="s")


@pytest.fixture
def hurried() -> Iterator[None]:
    """Threads take turns as often as they can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)
    tickets._tickets.clear()


def many(number: int) -> int:
    """How many of a hundred tickets opened what they were made for."""
    values = [tickets.issue(KIM, "look", "dock", str(number)) for _ in range(100)]
    found = [tickets.redeem(value, "s", "look", "dock", str(number)) for value in values]
    return sum(each is not None for each in found)


def test_tickets_of_many_threads_are_each_good_once(hurried: None) -> None:
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(many, range(40))) == [100] * 40
    assert not tickets._tickets
