"""The live socket in a real tab: events from the engine, a lost connection, a final end."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.browser.axe import axe_in_both_themes
from tests.conftest import DockerCli

Login = Callable[..., Page]
HEAR = """() => {
  window.heard = [];
  document.body.addEventListener("containers-changed", (event) => heard.push(event.detail));
}"""


class Line:
    """The page's way to the real live socket, with a knife: ``cut(code)``."""

    def __init__(self) -> None:
        self.routes: list[WebSocketRoute] = []
        self.asked: list[str | bytes] = []
        self.dead = False

    def open(self, route: WebSocketRoute) -> None:
        if self.dead:
            return route.close(code=1012)
        server = route.connect_to_server()

        def passed(message: str | bytes) -> None:
            self.asked.append(message)
            server.send(message)

        route.on_message(passed)
        self.routes.append(route)

    def cut(self, code: int) -> None:
        self.routes[-1].close(code=code)


@pytest.fixture
def line(page: Page, login: Login) -> Line:
    """The container list, open and live."""
    way = Line()
    page.route_web_socket("**/ws/live/", way.open)
    login(page)
    page.goto("/hosts/local/containers/")
    page.wait_for_function("() => document.body.dataset.liveTopics")
    page.evaluate(HEAR)
    deadline = time.monotonic() + 15
    while not way.asked:  # before it is open nothing can be cut
        assert time.monotonic() < deadline
        page.wait_for_timeout(20)
    return way


def heard(page: Page) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = page.evaluate("window.heard")
    return events


def test_the_engines_change_reaches_the_page(
    page: Page, line: Line, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    made = container()
    told = "id => heard.some(event => event.ids.includes(id) || !event.ids.length)"
    page.wait_for_function(told, arg=made)
    assert {event["host"] for event in heard(page)} == {"local"}


def test_the_rails_count_follows(
    page: Page, line: Line, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    container()
    page.wait_for_function("() => heard.length > 0")
    expect(page.locator("#count-box")).to_have_text(
        str(len(docker_cli("ps", "--all", "--quiet").stdout.split()))
    )


def test_a_lost_connection_is_shown_and_mends(page: Page, line: Line) -> None:
    bar = page.locator("#livebar")
    expect(bar).to_be_hidden()
    fresh = page.locator(".fresh > :visible")
    expect(fresh).to_have_text("Updated just now · live")
    line.dead = True
    line.cut(1012)
    expect(bar).to_contain_text("Live updates paused")
    expect(fresh).to_have_text(re.compile(r"^Updated (now|\d+ seconds? ago) · paused$"))
    assert axe_in_both_themes(page) == []
    line.dead = False
    expect(bar).to_be_hidden(timeout=40_000)  # it waits longer each time
    expect(fresh).to_have_text("Updated just now · live")
    assert len(line.routes) == 2
    page.wait_for_function("() => heard.some(event => event.missed)")


def test_a_login_that_is_over_is_not_retried(page: Page, line: Line) -> None:
    line.cut(4001)
    expect(page.locator("#livebar")).to_have_text("Your login is over: log in again.")
    page.wait_for_timeout(2500)
    assert len(line.routes) == 1
