"""A running site that the tests of this folder share, and somebody who is logged in to it."""

from collections.abc import Iterator

import pytest

from tests.site import Site, running_site
from tests.transfers.person import Person


@pytest.fixture(scope="session")
def transfer_site(engine_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(engine_url, tmp_path_factory.mktemp("transfers")) as site:
        yield site


@pytest.fixture(scope="session")
def ada(transfer_site: Site) -> Person:
    return Person(transfer_site)
