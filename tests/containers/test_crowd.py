"""Many viewers at once: one upstream for each container, whole logs, and all given back."""

import asyncio
import statistics
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.bench.http import Person
from tests.containers.log_crowd import CHATTY, Use, watched
from tests.faults import FaultyEngine
from tests.runtime import until
from tests.site import running_site

MOST_MEMORY = 400
MOST_THREADS = 40
long = pytest.mark.long


@pytest.mark.parametrize(
    ("viewers", "containers", "seconds"),
    [(50, 1, 3), pytest.param(500, 1, 20, marks=long), pytest.param(500, 50, 20, marks=long)],
)
def test_every_viewer_sees_every_line_once(
    faulty_engine: FaultyEngine,
    container: Callable[..., str],
    tmp_path: Path,
    viewers: int,
    containers: int,
    seconds: int,
) -> None:
    ids = [container("sh", "-c", CHATTY) for _ in range(containers)]
    with running_site(faulty_engine.url, tmp_path, SOCKETS_PER_PERSON="1000") as site:
        person = Person(site)
        until(lambda: person.get("/hosts/local/containers/?format=ids"), 20)
        asyncio.run(watched(person, ids, 2, 1))
        until(lambda: faulty_engine.count("GET /events"), 20)
        base = Use.of(site.process.pid)
        crowd, use = asyncio.run(watched(person, ids, viewers, seconds))
        upstreams = faulty_engine.count(r"/logs\?.*follow=1")
        until(lambda: Use.of(site.process.pid).descriptors <= base.descriptors + 8, 60)
        person.close()
    lags = sorted(lag for onlooker in crowd for lag in onlooker.lags)
    p95 = statistics.quantiles(lags, n=20)[-1]
    print(f"{len(lags)} lines, p95 {p95 * 1000:.0f} ms, {upstreams} upstreams, {base} -> {use}")
    assert {other for onlooker in crowd for other in onlooker.others} == set()
    assert all(onlooker.whole for onlooker in crowd)
    assert 1 <= upstreams <= containers
    assert use.memory < MOST_MEMORY
    assert use.threads <= MOST_THREADS
