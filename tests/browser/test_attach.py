"""Attached to a main process in a real tab: typed into, left, come back to."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import axe
from tests.browser.terminal_page import LOOKS, enter, shows
from tests.browser.waiting import heard_of
from tests.conftest import DockerCli

Login = Callable[..., Page]


def go(page: Page, box: str) -> None:
    may_attach = 'data-part="new">'
    page.goto(heard_of(page, f"/hosts/local/containers/{box}/attach/", may_attach))


def attached(page: Page) -> None:
    expect(page.get_by_role("status").filter(has_text="Attached")).to_be_visible()


def test_typed_into_left_and_come_back_to(
    page: Page, login: Login, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    login(page)
    box = container("sh", options=("-it",))
    go(page, box)
    attached(page)
    enter(page, "echo sum-$((40+2))")
    shows(page, "sum-42")
    page.reload()
    shows(page, "sum-42")
    attached(page)
    page.get_by_role("button", name="Leave").click()
    expect(page.get_by_text("You are not attached.")).to_be_visible()
    page.get_by_role("button", name="Attach", exact=True).click()
    attached(page)
    enter(page, "echo again-$((1+1))")
    shows(page, "again-2")
    assert "sum-42" in docker_cli("logs", box).stdout
    enter(page, "exit 3")
    expect(page.locator(".tend")).to_contain_text("The main process ended with code 3.")


@pytest.mark.parametrize(("theme", "size"), LOOKS[3:], ids=str)
def test_the_page_of_one_that_takes_input_once(
    page: Page,
    login: Login,
    container: Callable[..., str],
    docker_cli: DockerCli,
    theme: Any,
    size: tuple[int, int],
) -> None:
    login(page)
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    box = container("cat", options=("-i",), start=False)
    docker_cli("start", box)
    go(page, box)
    expect(page.get_by_text("Leaving closes the input")).to_be_visible()
    page.get_by_role("button", name="Attach", exact=True).click()
    attached(page)
    enter(page, "hello")
    shows(page, "hello")
    assert axe(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Leave").click()
    expect(page.get_by_text("You are not attached.")).to_be_visible()
