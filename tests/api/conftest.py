"""The cast of the API's tests."""

from collections.abc import Callable, Iterator

import pytest

from access.models import OwnedContainer, Team
from hosts.live import engine_of
from tests.access.people import team
from tests.runtime import Loop, until
from web.allowance import allowance


@pytest.fixture(autouse=True)
def fresh_allowance() -> Iterator[None]:
    """Ids of tokens come again in the next test's database."""
    allowance._windows.clear()
    yield
    allowance._windows.clear()


@pytest.fixture
def box(runtime: Loop, container: Callable[..., str]) -> str:
    return known(container())


@pytest.fixture
def shop(box: str) -> Team:
    """The team that has the box."""
    own = team("shop")
    OwnedContainer.objects.create(host="dock", container_id=box, team=own, how="created")
    return own


def known(id: str) -> str:
    """The container, once the mirror has looked into it."""
    rows = lambda: engine_of("dock").mirror.snapshot.containers  # noqa: E731
    until(lambda: id in rows() and rows()[id].dangers is not None, 30)
    return id
