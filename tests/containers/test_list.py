"""The list of containers: from the mirror alone, filtered, paged, patched and quick."""

import re
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client, RequestFactory

from access.actors import Actor
from access.models import Grant, Selector, Team, User
from access.roles import Role
from containers.views import rows as row_cache
from engine.types import ContainerRow
from hosts.live import engine_of
from tests.containers.rows import rows
from tests.faults import FaultyEngine
from tests.runtime import Loop, site_before, until

LIST = "/hosts/dock/containers/"
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
PROJECT = "com.docker.compose.project"


@pytest.fixture
def ada(runtime: Loop, client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ada"))
    client.defaults["HTTP_ACCEPT"] = "text/html"
    return client


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of rows whose HTML was made anew."""
    names: list[str] = []
    context = row_cache.Rows.context

    def noted(self: row_cache.Rows, row: ContainerRow, *more: Any) -> Any:
        names.append(row.name)
        return context(self, row, *more)

    monkeypatch.setattr(row_cache.Rows, "context", noted)
    return names


@pytest.fixture
def mirrored(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[list[ContainerRow]], None]]:
    """Show these rows in place of the engine's."""
    row_cache._kept.clear()

    def show(some: list[ContainerRow]) -> None:
        engine = engine_of("dock")
        held = MappingProxyType({row.id: row for row in some})
        snapshot = replace(engine.mirror.snapshot, containers=held)
        monkeypatch.setattr(engine, "mirror", SimpleNamespace(snapshot=snapshot))

    yield show
    row_cache._kept.clear()


def shown(html: bytes) -> list[str]:
    return re.findall(r'<tr id="c-([0-9a-f]{64})"', html.decode())


def test_the_list_shows_filters_and_names_what_it_does_not_know(
    ada: Client, container: Callable[..., str]
) -> None:
    up = container(options=("--name", "cl-list-up", "--label", f"{PROJECT}=cl-shop"))
    down = container("sh", "-c", "exit 3", options=("--name", "cl-list-down"))
    mirror = engine_of("dock").mirror
    until(lambda: mirror.snapshot.containers.get(down, None) is not None)
    until(lambda: mirror.snapshot.containers[down].exit_code == 3)
    page = ada.get(LIST, {"q": "cl-list"})
    assert shown(page.content) == [up, down]
    assert "cl-shop" in page.content.decode()
    assert "Exited (3)" in page.content.decode()
    assert shown(ada.get(LIST, {"q": "cl-list state:running"}).content) == [up]
    assert shown(ada.get(LIST, {"q": "cl-list state:attention"}).content) == [down]
    assert shown(ada.get(LIST, {"q": "cl-list", "sort": "-name", "group": "none"}).content) == [
        up,
        down,
    ]
    wrong = ada.get(LIST, {"q": "imge:x"}).content.decode()
    assert "There is no filter imge:" in wrong
    assert "image:" in wrong
    assert shown(wrong.encode()) == []


def test_columns_are_the_persons_own_and_the_address_wins(
    ada: Client, container: Callable[..., str]
) -> None:
    id = container(
        "sh",
        "-c",
        "sleep 600",
        "--password=hunter2",
        options=("--name", "cl-columns", "--label", "tier=front", "--label", "api_token=hunter2"),
    )
    until(lambda: id in engine_of("dock").mirror.snapshot.containers)
    columns = f"{LIST}columns/"
    assert 'value="networks"' in ada.get(columns, headers=HTMX).content.decode()
    kept = ada.post(
        "/account/appearance/",
        {
            "columns": ["name", "labels", "id", "command", "by", "size"],
            "next": f"{LIST}?q=cl-columns",
        },
    )
    assert kept["Location"] == f"{LIST}?q=cl-columns"
    page = ada.get(LIST, {"q": "cl-columns"}).content.decode()
    assert "tier=front" in page
    assert f">{id[:12]}</td>" in page
    assert 'data-label="Command"' in page
    assert 'td class="cpu' not in page
    assert "hunter2" not in page
    part = ada.get(LIST, {"q": "cl-columns", "ids": id, "new": ""}, headers=HTMX).content.decode()
    assert "tier=front" in part
    page = ada.get(LIST, {"q": "cl-columns", "columns": "cpu,nonsense"}).content.decode()
    assert 'class="cpu' in page
    assert "tier=front" not in page
    ada.post("/account/appearance/", {"columns": ["name", "labels", "usual"]})
    assert User.objects.get(username="ada").columns == ""


def test_ids_are_plain_text_one_a_line(ada: Client, container: Callable[..., str]) -> None:
    id = container(options=("--name", "cl-ids"))
    until(lambda: id in engine_of("dock").mirror.snapshot.containers)
    response = ada.get(LIST, {"q": "name:cl-ids", "format": "ids"})
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode() == f"{id}\n"
    assert ada.get(LIST, {"q": "imge:x", "format": "ids"}).status_code == 422


def test_the_list_is_hidden_from_who_has_no_right(runtime: Loop, client: Client) -> None:
    client.force_login(User.objects.create_user("mallory"))
    assert client.get(LIST).status_code == 404
    assert client.get(LIST, {"format": "ids"}).status_code == 404
    assert Client().get(LIST).status_code == 401


@pytest.fixture
def behind(
    transactional_db: None, faulty_engine: FaultyEngine, settings: LazySettings
) -> Iterator[FaultyEngine]:
    """The stand-in that the site has in place of the engine."""
    with site_before(faulty_engine.url, settings):
        yield faulty_engine
        faulty_engine.heal()


def quiet(behind: FaultyEngine, seconds: float = 1) -> bool:
    """Whether the mirror asks nothing more: events that were under way are still looked up."""
    before = len(behind.requests)
    time.sleep(seconds)
    return len(behind.requests) == before


def test_the_list_makes_no_call_to_the_engine_and_outlives_it(
    behind: FaultyEngine, client: Client, container: Callable[..., str]
) -> None:
    client.force_login(User.objects.create_superuser("ada"))
    client.defaults["HTTP_ACCEPT"] = "text/html"
    id = container()
    mirror = engine_of("dock").mirror
    until(lambda: id in mirror.snapshot.containers)
    until(lambda: all(row.inspected for row in mirror.snapshot.containers.values()))
    until(lambda: quiet(behind))
    so_far = len(behind.requests)
    for address in (LIST, f"{LIST}?q=state:running&sort=state", f"{LIST}?format=ids"):
        assert client.get(address).status_code == 200
    for page in ("", "head/", "menu/", "stop/", "inspect/"):
        assert client.get(f"{LIST}{id}/{page}").status_code == 200
    about_it = [line for line in behind.requests[so_far:] if re.search(f"{id}|/images/", line)]
    lists = [line for line in behind.requests[so_far:] if "/containers/json" in line]
    assert about_it == []
    assert len(lists) <= 1  # the mirror's own, once a minute
    behind.refuse()
    until(lambda: mirror.snapshot.state == "down")
    started = time.monotonic()
    page = client.get(LIST)
    assert time.monotonic() - started < 1
    assert "cannot be reached" in page.content.decode()
    assert id in shown(page.content)
    body = client.get(f"{LIST}{id}/overview/", headers=HTMX)
    assert body.status_code == 200
    assert "Try again" in body.content.decode()


def test_two_hundred_rows_a_page_and_the_next_when_it_comes_into_view(
    ada: Client, mirrored: Callable[[list[ContainerRow]], None]
) -> None:
    some = rows(450, labels={PROJECT: "big"})
    mirrored(some)
    first = ada.get(LIST)
    assert len(shown(first.content)) == 200
    assert 'hx-trigger="revealed"' in first.content.decode()
    second = ada.get(LIST, {"page": "2"}, headers=HTMX).content
    assert shown(second) == [row.id for row in some[200:400]]
    assert "450 containers" not in re.sub(r'(?s)<div class="pager".*?</div>', "", second.decode())
    assert len(shown(ada.get(LIST, {"page": "3"}, headers=HTMX).content)) == 50
    assert len(shown(ada.get(LIST, {"pages": "2"}, headers=HTMX).content)) == 400
    for odd in ("0", "-1", "x", "9" * 30, "²"):
        assert ada.get(LIST, {"page": odd}).status_code == 200


def test_a_long_list_is_patched_by_its_changed_rows(
    ada: Client, mirrored: Callable[[list[ContainerRow]], None]
) -> None:
    some = rows(400)
    mirrored(some[:10] + some[11:])
    known, gone, new = some[5].id, some[10].id, some[7].id
    query = {"ids": f"{known},{gone}", "new": new}
    text = ada.get(LIST, query, headers=HTMX).content.decode()
    assert f'hx-target="#c-{known}" hx-swap="outerMorph"' in text
    assert f'hx-target="#c-{gone}" hx-swap="delete"' in text
    assert f'hx-target="#c-{some[6].id}" hx-swap="afterend"' in text
    assert sorted(shown(text.encode())) == sorted([known, new])
    whole = ada.get(LIST, {**query, "sort": "state", "pages": "1"}, headers=HTMX)
    assert len(shown(whole.content)) == 200  # rows change places: the whole list


def test_a_row_is_rendered_anew_only_when_it_looks_different(
    ada: Client, mirrored: Callable[[list[ContainerRow]], None], rendered: list[str]
) -> None:
    some = rows(3, inspected=True)
    mirrored(some)
    ada.get(LIST)
    assert sorted(rendered) == [row.name for row in some]
    mirrored([replace(row, status="Up 4 days") for row in some])
    ada.get(LIST)
    assert len(rendered) == 3
    mirrored([replace(some[0], health="unhealthy"), *some[1:]])
    assert "Unhealthy" in ada.get(LIST).content.decode()
    assert rendered[3:] == [some[0].name]


def test_who_may_do_the_same_in_the_same_language_shares_rows_and_nobody_else(
    ada: Client,
    mirrored: Callable[[list[ContainerRow]], None],
    rendered: list[str],
) -> None:
    crew = Team.objects.create(slug="crew", name="Crew")
    crew.members.add(User.objects.create_user("bob"))
    Grant.objects.create(team=crew, host_id="dock", role=Role.VIEWER, selector=Selector.ALL)
    mirrored(rows(1))
    others = {name: Client(headers={"accept": "text/html"}) for name in ("bob", "eve", "lin")}
    for name, browser in others.items():
        found = User.objects.filter(username=name).first()
        browser.force_login(found or User.objects.create_superuser(name))
    others["lin"].defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-hans"
    full = {b'data-key="s"', b'data-key="t"', b'data-key="l"'}
    for browser, wanted, times in (
        (ada, full, 1),
        (others["bob"], {b'data-key="l"'}, 2),
        (others["eve"], full, 2),
        (others["lin"], full, 3),
        (ada, full, 3),
        (others["bob"], {b'data-key="l"'}, 3),
    ):
        row = re.search(rb'(?s)<tr id="c-.*?</tr>', browser.get(LIST).content)
        assert row
        assert {key for key in full if key in row[0]} == wanted
        assert len(rendered) == times


def test_the_head_of_a_group_follows_its_count(
    ada: Client, mirrored: Callable[[list[ContainerRow]], None]
) -> None:
    some = rows(3, labels={PROJECT: "shop"})
    for count in (3, 2, 3):
        mirrored(some[:count])
        head = re.search(r'(?s)<tr class="g".*?</tr>', ada.get(LIST).content.decode())
        assert head
        assert f"{count} containers" in head[0]


def test_a_thousand_rows_are_quick_once_warm(
    ada: Client,
    mirrored: Callable[[list[ContainerRow]], None],
    rf: RequestFactory,
) -> None:
    some = rows(1000, labels={PROJECT: "big"})
    mirrored(some)
    request = rf.get(LIST)
    request.actor = Actor(1, "ada", superuser=True)
    viewer = row_cache.Rows(request, "dock")
    viewer.html(some)
    times = []
    for _ in range(9):
        started = time.thread_time()
        html = row_cache.Rows(request, "dock").html(some)
        times.append(time.thread_time() - started)
    assert len(shown(html.encode())) == 1000
    assert statistics.median(times) < 0.06, times


def test_names_that_are_markup_stay_text(
    ada: Client, mirrored: Callable[[list[ContainerRow]], None]
) -> None:
    evil = '<script>alert("x")</script>'
    mirrored(rows(1, image=evil, labels={PROJECT: evil}))
    text = ada.get(LIST, {"q": f'"{evil}"'}).content.decode()
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text
