"""Search: Docker Hub's protocol through the engine, catalogues, tags and what they are."""

import json
import re
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from django.test import Client
from django.urls import reverse

from access.sealing import seal
from images import search
from images.models import Registry
from images.search import version_key
from tests.images.people import ended, job_at, signed_in
from tests.registry import Registry as Running
from tests.runtime import Loop

RESULTS = [
    {"name": "team/app", "description": "<b>Ours</b>", "star_count": 3, "is_official": False},
    {"name": "app", "description": "Official", "star_count": 1, "is_official": True},
]


class Index(BaseHTTPRequestHandler):
    """Docker Hub's search protocol, and no catalogue, as there."""

    terms: list[str] = []

    def do_GET(self) -> None:
        if self.path.startswith("/v1/search"):
            self.terms.append(self.path)
            return self.answer(200, {"results": RESULTS, "num_results": len(RESULTS)})
        if self.path.startswith("/v1/_ping") or self.path == "/v2/":
            return self.answer(200, {})
        self.answer(404, {"errors": [{"code": "UNSUPPORTED", "message": "no catalogue here"}]})

    def answer(self, status: int, value: object) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def index() -> Iterator[str]:
    """The address of a stand-in for Docker Hub's search."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Index)
    Index.terms.clear()
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def ada(runtime: Loop) -> Client:
    return signed_in("ada")


def known(address: str, user: str = "", password: str = "") -> Registry:
    sealed = seal(password) if password else ""
    return Registry.objects.create(
        address=address, username=user, sealed_password=sealed, plain_http=True
    )


def found(client: Client, **query: str) -> str:
    response = client.get(reverse("image-search", args=["dock"]), query)
    assert response.status_code == 200
    return response.content.decode()


def test_the_search_protocol_of_docker_hub_is_asked_through_the_engine(
    ada: Client, index: str
) -> None:
    known(index)
    page = found(ada, q="app", **{"in": index})
    assert "q=app" in Index.terms[0]
    assert "Official image" in page
    assert page.index("repository=app") < page.index("repository=team/app")
    assert "&lt;b&gt;Ours" in page
    assert ">3<" in page


def test_a_term_that_names_its_registry_goes_there(ada: Client, index: str) -> None:
    known(index)
    assert "Official image" in found(ada, q=f"{index}/app")


def test_an_address_that_is_no_registry_of_ours_is_never_called(ada: Client, index: str) -> None:
    for query in ({"q": f"{index}/app"}, {"q": "app", "in": index}):
        response = ada.get(reverse("image-search", args=["dock"]), query)
        assert response.status_code == 422
    assert Index.terms == []


def test_docker_hub_out_of_reach_is_a_sentence_and_the_box_stays(ada: Client) -> None:
    page = found(ada, q="postgres")
    assert 'role="alert"' in page
    assert 'value="postgres"' in page


def test_a_catalogue_is_searched_and_its_tags_are_pulled(
    ada: Client, registry: Running, publish: Callable[..., str]
) -> None:
    reference = publish(size=250_000, tag="9")
    known(registry.address)
    name, _, _ = reference.rpartition(":")
    repository = name.partition("/")[2]
    assert f"repository={repository}" in found(ada, q=repository[:14], **{"in": registry.address})
    assert "Nothing named" in found(ada, q="no-such-thing", **{"in": registry.address})
    tags = {"in": registry.address, "repository": repository}
    page = ada.get(reverse("repository-tags", args=["dock"]), tags).content.decode()
    assert f'value="{reference}"' in page
    facts = ada.get(reverse("tag-facts", args=["dock"]), tags | {"tag": "9"}).content.decode()
    assert "linux/amd64" in facts
    assert "244 KiB" in facts
    assert f"<title>{name}:9" in facts  # without a script it is a page, which the row leads to
    assert reverse("tag-facts", args=["dock"]) + "?in=" in page.partition("<noscript>")[2]
    job = ended(
        job_at(ada.post(reverse("image-pull", args=["dock"]), {"reference": reference}).url)
    )
    assert job.state == "done"


def test_a_whole_catalogue_is_paged(
    ada: Client,
    registry: Running,
    publish: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names = sorted(publish(size=100).partition("/")[2].rpartition(":")[0] for _ in range(3))
    known(registry.address)
    monkeypatch.setattr(search, "MOST_HITS", 2)
    pages, shown = 0, list[str]()
    while True:
        pages += 1
        page = found(ada, q="", page=str(pages), **{"in": registry.address})
        shown += re.findall(r"repository=([^\"]+)\" data-open", page)
        if f"page={pages + 1}" not in page:
            break
    assert set(names) <= set(shown)
    assert len(shown) == len(set(shown)) > 2
    assert shown == sorted(shown)
    assert pages == (len(shown) + 1) // 2


def test_a_catalogue_behind_a_login(ada: Client, auth_registry: Running) -> None:
    row = known(auth_registry.address)
    assert "authentication required" in found(ada, q="x", **{"in": auth_registry.address})
    row.username, row.sealed_password = auth_registry.user, seal(auth_registry.password)
    row.save()
    assert "Nothing named" in found(ada, q="no-such-thing", **{"in": auth_registry.address})


def test_a_repository_that_is_not_there_says_so(ada: Client, registry: Running) -> None:
    known(registry.address)
    tags = {"in": registry.address, "repository": "no/such"}
    page = ada.get(reverse("repository-tags", args=["dock"]), tags).content.decode()
    assert "repository name not known to registry" in page


@pytest.mark.parametrize("repository", ["", "../../_catalog", "a b", "a/b?x=1", "a/../b"])
def test_a_name_never_becomes_another_path(ada: Client, registry: Running, repository: str) -> None:
    known(registry.address)
    query = {"in": registry.address, "repository": repository, "tag": "../x"}
    for name in ("repository-tags", "tag-facts"):
        response = ada.get(reverse(name, args=["dock"]), query)
        assert response.status_code == 200
        assert "not a" in response.content.decode()


def test_versions_sort_as_people_count() -> None:
    tags = ["1.9", "latest", "1.10", "1.2-alpine", "1.2", "edge", "2"]
    ordered = sorted(tags, key=version_key, reverse=True)
    assert ordered == ["latest", "2", "1.10", "1.9", "1.2-alpine", "1.2", "edge"]
