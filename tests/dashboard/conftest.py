"""Servers for the contract tests. Who fills memory, counts, or ends it takes a fresh one."""

from collections.abc import Iterator

import pytest

from tests.dashboard.servers import Running, running

KINDS = ["daphne", "uvicorn"]


@pytest.fixture(scope="module")
def ours() -> Iterator[Running]:
    """Our server, shared by a module's tests."""
    with running("daphne") as found:
        yield found


@pytest.fixture(scope="module")
def uvicorns() -> Iterator[Running]:
    with running("uvicorn") as found:
        yield found


@pytest.fixture(params=KINDS)
def server(request: pytest.FixtureRequest) -> Running:
    """Both servers in turn, shared by a module's tests."""
    names = {"daphne": "ours", "uvicorn": "uvicorns"}
    found: Running = request.getfixturevalue(names[request.param])
    return found


@pytest.fixture(params=KINDS)
def fresh_server(request: pytest.FixtureRequest) -> Iterator[Running]:
    with running(request.param) as found:
        yield found


@pytest.fixture
def fresh_ours() -> Iterator[Running]:
    with running("daphne") as found:
        yield found
