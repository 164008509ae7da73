"""Rows of the list as HTML: kept while they look the same, shared by whom they suit, and quick."""

import re
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client, RequestFactory

from access.actors import Actor
from access.models import Grant, Selector, Team, User
from access.roles import Role
from containers.views import rows as row_cache
from engine.types import ContainerRow
from tests.containers.list_cast import LIST, PROJECT, shown
from tests.containers.list_cast import mirrored as mirrored
from tests.containers.rows import rows
from tests.containers.view_cast import ada as ada


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
