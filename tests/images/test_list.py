"""The list of images: from the mirror alone, filtered, sorted, paged; and what its rows say."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from access.models import User
from engine.snapshot import Snapshot
from engine.types import ContainerRow, ImageRow
from hosts.live import engine_of
from images.listing import listing, shown
from images.query import grammar
from tests.conftest import DockerCli
from tests.containers.rows import row as container_row
from tests.faults import FaultyEngine
from tests.runtime import Loop, site_before, until

Image = Callable[..., tuple[str, str]]
LIST = "/hosts/dock/images/"
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
NOW = datetime(2026, 11, 24, tzinfo=UTC)


def row(number: int, **fields: Any) -> ImageRow:
    base = ImageRow(f"{number:08x}" * 8, (f"team/app-{number:05}:1",), (), NOW, 1000 + number)
    return replace(base, **{"inspected": True, "platform": "linux/amd64", **fields})


def snapshot(images: list[ImageRow], containers: list[ContainerRow] | None = None) -> Snapshot:
    return Snapshot(
        images=MappingProxyType({row.id: row for row in images}),
        containers=MappingProxyType({row.id: row for row in containers or []}),
    )


@pytest.fixture
def show(superuser: Client, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Show these rows in place of the engine's."""

    def shows(images: list[ImageRow], containers: list[ContainerRow] | None = None) -> None:
        engine = engine_of("dock")
        made = snapshot(images, containers)
        held = replace(engine.mirror.snapshot, images=made.images, containers=made.containers)
        monkeypatch.setattr(engine, "mirror", SimpleNamespace(snapshot=held))

    return shows


def ids_in(html: bytes) -> list[str]:
    return re.findall(r'<tr role="row" data-row id="i-([0-9a-f]{64})"', html.decode())


def found(query: str, images: list[ImageRow], containers: list[ContainerRow]) -> list[str]:
    held = snapshot(images, containers)
    parsed = grammar(held.containers_of_image).parse(query)
    return [row.id for row in listing(images, parsed, "name", held).rows]


WEB = row(
    1,
    tags=("team/web:2", "team/web:latest"),
    digests=("ghcr.io/team/web@sha256:" + "a" * 64, "team/web@sha256:" + "b" * 64),
    labels={"team": "harbour"},
)
BARE = row(2, tags=(), platform="linux/arm64")
USER = container_row(name="shop-web", image_id=WEB.id)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "web",
        "tag:latest",
        "tag:2,9",
        f"id:{WEB.id[:12]}",
        f"id:sha256:{WEB.id}",
        "label:team=harbour",
        "registry:ghcr.io",
        "registry:docker.io",
        "platform:amd64",
        "container:shop",
        "state:used",
        "-state:unused",
        "-state:dangling",
        "team/web@sha256:",
    ],
)
def test_the_filter_finds(query: str) -> None:
    assert WEB.id in found(query, [WEB, BARE], [USER])
    if query:
        assert BARE.id not in found(query, [WEB, BARE], [USER])


@pytest.mark.parametrize("query", ["tag:lat", "state:unused", "container:db", "registry:quay.io"])
def test_the_filter_leaves_out(query: str) -> None:
    assert WEB.id not in found(query, [WEB, BARE], [USER])


def test_counts_follow_the_filter_but_for_its_state() -> None:
    images, held = [WEB, BARE, row(3)], snapshot([WEB, BARE, row(3)], [USER])
    read = grammar(held.containers_of_image).parse
    assert listing(images, read(""), "name", held).counts == {
        "": 3,
        "unused": 2,
        "dangling": 1,
        "newer": 0,
    }
    counts = listing(images, read("platform:amd64 state:unused"), "name", held).counts
    assert counts == {"": 2, "unused": 1, "dangling": 0, "newer": 0}


def test_the_order() -> None:
    old = row(4, created=datetime(2025, 1, 1, tzinfo=UTC), size=9_000_000)
    images, held = [BARE, old, WEB], snapshot([BARE, old, WEB], [USER])

    def order(sort: str) -> list[ImageRow]:
        query = grammar(held.containers_of_image).parse("")
        return list(listing(images, query, sort, held).rows)

    assert order("name") == [old, WEB, BARE]  # without a tag: last
    assert order("-name") == [BARE, WEB, old]
    assert order("size")[-1] == old
    assert order("created")[-1] == old
    assert order("-used")[0] == WEB
    assert order("nonsense") == order("name")


def test_a_row_says_what_it_shares_and_means_exactly_its_image() -> None:
    one = row(1, layer_digests=("a", "b", "c"))
    pulled = "team/web@sha256:" + "b" * 64
    two = row(2, tags=(), digests=(pulled,), layer_digests=("a",))
    held = snapshot([one, two])
    assert (shown(one, held).layers_shared, shown(one, held).layers) == (1, 3)
    assert shown(two, held).name == "team/web"
    assert shown(two, held).reference == pulled  # not team/web, which would be another image
    assert shown(two, held).registries == ("docker.io",)
    assert shown(BARE, held).reference == BARE.id


def test_the_list_follows_filters_and_names_what_it_does_not_know(
    superuser: Client, image: Image, container: Callable[..., str]
) -> None:
    (name, used), (_other, idle) = image("--change", "LABEL team=harbour"), image()
    container("sleep", "99", image=name)
    until(lambda: engine_of("dock").mirror.snapshot.containers_of_image(used))
    page = superuser.get(LIST, {"q": name}).content
    assert ids_in(page) == [used]
    assert f"?q=image:{used[:12]}" in page.decode()
    text = superuser.get(LIST, {"q": "state:unused", "format": "ids"}).content.decode().split()
    assert (used in text, idle in text) == (False, True)
    wrong = superuser.get(LIST, {"q": "stat:used"}).content.decode()
    assert "Did you mean state:?" in wrong
    assert ids_in(wrong.encode()) == []
    assert superuser.get(LIST, {"q": "stat:used", "format": "ids"}).status_code == 422


def test_the_list_is_hidden_from_who_has_no_right(runtime: Loop, client: Client) -> None:
    client.force_login(User.objects.create_user("mallory"))
    assert client.get(LIST).status_code == 404
    assert client.get(LIST, {"format": "ids"}).status_code == 404
    assert client.put(LIST).status_code == 405
    assert Client().get(LIST).status_code == 401


def test_tags_fold_and_markup_stays_text(superuser: Client, show: Callable[..., None]) -> None:
    show([row(1, tags=("a/b:1", "a/b:2", "a/b:3")), row(2, labels={"<b>": "x"}), BARE])
    page = superuser.get(LIST).content.decode()
    assert "and 2 more tags" in page
    assert "a/b:3" in page
    assert "dangling" in page


def test_two_hundred_rows_a_page(superuser: Client, show: Callable[..., None]) -> None:
    some = [row(number) for number in range(450)]
    show(some)
    first = superuser.get(LIST)
    assert len(ids_in(first.content)) == 200
    assert 'hx-trigger="revealed"' in first.content.decode()
    second = superuser.get(LIST, {"page": "2"}, headers=HTMX).content
    assert ids_in(second) == [row.id for row in some[200:400]]
    assert len(ids_in(superuser.get(LIST, {"pages": "2"}, headers=HTMX).content)) == 400


def test_nothing_at_all_says_how_to_begin(superuser: Client, show: Callable[..., None]) -> None:
    show([])
    page = superuser.get(LIST).content.decode()
    assert "No images yet" in page
    assert "docker pull" in page
    show([WEB])
    assert "No image fits" in superuser.get(LIST, {"q": "nothing"}).content.decode()


@pytest.fixture
def behind(
    transactional_db: None, faulty_engine: FaultyEngine, settings: LazySettings
) -> Iterator[FaultyEngine]:
    """The stand-in that the site has in place of the engine."""
    with site_before(faulty_engine.url, settings):
        yield faulty_engine
        faulty_engine.heal()


def test_pages_ask_the_engine_nothing_and_outlive_it(
    behind: FaultyEngine, client: Client, busybox: str, docker_cli: DockerCli
) -> None:
    client.force_login(User.objects.create_superuser("ada"))
    client.defaults["HTTP_ACCEPT"] = "text/html"
    id = docker_cli("inspect", "--format", "{{.Id}}", busybox).stdout.strip()[7:]
    mirror = engine_of("dock").mirror
    until(lambda: mirror.snapshot.images and mirror.snapshot.containers is not None)
    until(lambda: all(row.inspected for row in mirror.snapshot.images.values()))
    so_far = len(behind.requests)
    for address in ("", "?q=state:unused&sort=-size", "?format=ids", f"{id}/", f"{id}/head/"):
        assert client.get(LIST + address).status_code == 200
    assert client.get(f"{LIST}{id}/remove/").status_code == 200
    assert [line for line in behind.requests[so_far:] if id in line] == []
    assert len([line for line in behind.requests[so_far:] if "/images/json" in line]) <= 1
    behind.refuse()
    until(lambda: mirror.snapshot.state == "down")
    started = time.monotonic()
    page = client.get(LIST)
    assert time.monotonic() - started < 1
    assert "cannot be reached" in page.content.decode()
    assert id in ids_in(page.content)
    body = client.get(f"{LIST}{id}/inspect/tree/", headers=HTMX)
    assert "Try again" in body.content.decode()
