"""Overview, host page and lists: no call to the engine, and an answer while it is down or hung."""

import time
from collections.abc import Callable, Iterator

import pytest
from django.conf import LazySettings
from django.test import Client

from access.models import User
from hosts.live import engine_of
from tests.faults import FaultyEngine
from tests.runtime import Loop, site_before, until

CONTAINER = "/hosts/dock/containers/{id}/"
FROM_MEMORY = [
    "/",
    "/hosts/dock/",
    "/hosts/dock/containers/",
    "/hosts/dock/containers/?q=state:running",
    "/hosts/dock/containers/?format=ids",
    "/hosts/dock/images/",
    "/registries/",
    "/jobs/",
    "/audit/",
    CONTAINER,
    CONTAINER + "logs/",
    CONTAINER + "terminal/",
    CONTAINER + "files/",
    CONTAINER + "inspect/",
]
BACKGROUND = r"_ping|/events|/version|/info"


@pytest.fixture
def site(
    transactional_db: None, faulty_engine: FaultyEngine, settings: LazySettings
) -> Iterator[Loop]:
    """The site behind the stand-in."""
    with site_before(faulty_engine.url, settings) as loop:
        yield loop


@pytest.fixture
def ada(site: Loop, client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ada"))
    client.defaults["HTTP_ACCEPT"] = "text/html"
    return client


@pytest.fixture
def box(site: Loop, container: Callable[..., str]) -> str:
    id = container(options=("--name", "wharf-pages"))
    until(lambda: id in engine_of("dock").mirror.snapshot.containers)
    until(lambda: engine_of("dock").mirror.snapshot.containers[id].inspected)
    return id


def quiet(engine: FaultyEngine) -> int:
    """Wait until the mirror has nothing more to ask; how many requests there were."""
    until(lambda: settled(engine), 30)
    return asked(engine)


def asked(engine: FaultyEngine) -> int:
    return len(engine.requests) - engine.count(BACKGROUND)


def settled(engine: FaultyEngine) -> bool:
    before = asked(engine)
    time.sleep(0.6)
    return asked(engine) == before


def test_pages_from_memory_make_no_engine_call(
    ada: Client, box: str, faulty_engine: FaultyEngine
) -> None:
    before = quiet(faulty_engine)
    for page in FROM_MEMORY:
        assert ada.get(page.format(id=box)).status_code == 200, page
    assert asked(faulty_engine) == before, faulty_engine.requests[-5:]


@pytest.mark.parametrize("state", ["down", "silent"])
def test_pages_answer_within_a_second_while_the_engine_does_not(
    ada: Client, box: str, faulty_engine: FaultyEngine, state: str
) -> None:
    faulty_engine.refuse() if state == "down" else faulty_engine.freeze()
    until(lambda: engine_of("dock").mirror.snapshot.state == state, 20)
    for page in FROM_MEMORY:
        started = time.monotonic()
        response = ada.get(page.format(id=box))
        assert response.status_code == 200, page
        assert time.monotonic() - started < 1, page
    listing = ada.get("/hosts/dock/containers/").content.decode()
    words = "cannot be reached" if state == "down" else "is silent"
    assert "wharf-pages" in listing
    assert words in listing
    assert "<time" in listing
    faulty_engine.heal()
    until(lambda: engine_of("dock").mirror.snapshot.state == "up", 10)


def test_a_body_that_needs_the_engine_says_so_in_words(
    ada: Client, box: str, faulty_engine: FaultyEngine
) -> None:
    faulty_engine.refuse()
    until(lambda: engine_of("dock").mirror.snapshot.state == "down", 20)
    page = ada.get(f"/hosts/dock/containers/{box}/overview/", headers={"HX-Request": "true"})
    assert "cannot be reached" in page.content.decode()
    stop = ada.post(f"/hosts/dock/containers/{box}/stop/")
    assert stop.status_code == 503
    assert "cannot be reached" in stop.content.decode()
    faulty_engine.heal()


def test_the_overview_names_what_needs_attention(
    ada: Client, container: Callable[..., str]
) -> None:
    failed = container("sh", "-c", "exit 3", options=("--name", "wharf-failed"))

    def seen() -> bool:
        row = engine_of("dock").mirror.snapshot.containers.get(failed)
        return row is not None and row.exit_code == 3

    until(seen)
    page = ada.get("/").content.decode()
    assert "wharf-failed" in page
    assert "ended with an error" in page


def test_the_host_page_says_what_the_engine_is_made_of(ada: Client) -> None:
    page = ada.get("/hosts/dock/").content.decode()
    facts = engine_of("dock").mirror.snapshot.facts
    assert facts is not None
    for fact in (facts.version, facts.api_version, facts.storage_driver, "127.0.0.0/8"):
        assert fact in page
    disk = ada.get("/hosts/dock/disk/").content.decode()
    assert "Build cache" in disk


def test_healthz_needs_no_login_and_no_database(client: Client) -> None:
    assert client.get("/healthz").content == b"ok\n"


@pytest.mark.django_db
def test_an_unknown_address_is_a_page_with_a_sentence(client: Client) -> None:
    response = client.get("/nowhere/", headers={"accept": "text/html"})
    assert response.status_code == 404
    assert "There is nothing at this address." in response.content.decode()
