"""The list of containers: from the mirror alone, filtered, paged and patched."""

import re
import time
from collections.abc import Callable, Iterator

import pytest
from django.conf import LazySettings
from django.test import Client

from access.models import User
from engine.types import ContainerRow
from hosts.live import engine_of
from tests.containers.list_cast import LIST, PROJECT, shown
from tests.containers.list_cast import mirrored as mirrored
from tests.containers.rows import rows
from tests.containers.view_cast import HTMX
from tests.containers.view_cast import ada as ada
from tests.faults import FaultyEngine
from tests.runtime import Loop, site_before, until


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


def test_names_that_are_markup_stay_text(
    ada: Client, mirrored: Callable[[list[ContainerRow]], None]
) -> None:
    evil = '<script>alert("x")</script>'
    mirrored(rows(1, image=evil, labels={PROJECT: evil}))
    text = ada.get(LIST, {"q": f'"{evil}"'}).content.decode()
    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text
