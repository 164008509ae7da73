"""One host of five hangs: the home page, the login and the other hosts do not notice."""

import socket
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client

from access.models import User
from hosts.live import engine_of
from hosts.models import Host
from tests.faults import FaultyEngine
from tests.runtime import Loop, site_before, until

ROUNDS = 30


@pytest.fixture
def black_hole(tmp_path: Path) -> Iterator[str]:
    """An address whose listener takes nobody in: to connect is to wait."""
    path = tmp_path / "hole.sock"
    with socket.socket(socket.AF_UNIX) as hole, socket.socket(socket.AF_UNIX) as first:
        hole.bind(str(path))
        hole.listen(0)
        first.connect(str(path))
        yield f"unix://{path}"


@pytest.fixture
def five_hosts(
    transactional_db: None,
    engine_url: str,
    faulty_engine: FaultyEngine,
    black_hole: str,
    settings: LazySettings,
    request: pytest.FixtureRequest,
) -> Iterator[Loop]:
    """``dock`` and three more on the real engine, ``hung`` on one that answers nothing."""
    hung = black_hole if request.param == "black hole" else faulty_engine.url
    faulty_engine.freeze()
    for slug, address in {"b": engine_url, "c": engine_url, "d": engine_url, "hung": hung}.items():
        Host.objects.create(slug=slug, name=slug, address=address)
    with site_before(engine_url, settings) as loop:
        yield loop
    faulty_engine.heal()


@pytest.mark.parametrize("five_hosts", ["black hole", "accepts and never answers"], indirect=True)
def test_one_hung_host_of_five_slows_nothing(
    five_hosts: Loop, client: Client, container: Callable[..., str]
) -> None:
    client.force_login(User.objects.create_superuser("ada"))
    client.defaults["HTTP_ACCEPT"] = "text/html"
    until(lambda: all(engine_of(slug).mirror.snapshot.state == "up" for slug in "bcd"), 20)
    samples = []
    for _ in range(ROUNDS):
        began = time.monotonic()
        assert client.get("/").status_code == 200
        assert Client().get("/login/").status_code == 200
        samples.append(time.monotonic() - began)
    print(f"home and login, p95: {statistics.quantiles(samples, n=20)[-1] * 1000:.0f} ms")
    assert statistics.quantiles(samples, n=20)[-1] < 1
    made = container(start=False)
    until(lambda: all(made in engine_of(slug).mirror.snapshot.containers for slug in "bcd"), 20)
    assert engine_of("hung").mirror.snapshot.state != "up"
    assert client.get("/hosts/hung/").status_code == 200
