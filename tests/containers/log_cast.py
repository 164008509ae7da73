"""What tests of the log socket share: a person and open sockets."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from access.models import User
from hosts.live import engine_of
from tests.containers.log_client import LogBrowser
from tests.runtime import Loop, until

Open = Callable[..., LogBrowser]


@pytest.fixture
def ada(runtime: Loop, client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ada"))
    return client


@pytest.fixture
def log(runtime: Loop, ada: Client) -> Iterator[Open]:
    """``log(id, …, **ticket)``: a socket to one or several containers, opened."""
    opened: list[LogBrowser] = []

    def make(*ids: str, acks: bool = True, **fields: Any) -> LogBrowser:
        for id in ids:
            until(lambda id=id: id in engine_of("dock").mirror.snapshot.containers)
        made = LogBrowser(runtime, ada, list(ids), acks).open(**fields)
        opened.append(made)
        return made

    yield make
    for made in opened:
        if made.code is None:
            made.leave()
