"""The terminal page in a browser: opened, typed into, read."""

import itertools
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.waiting import heard_of
from tests.site import Site

Login = Callable[..., Page]
LOOKS = list(itertools.product(["light", "dark"], [(1440, 900), (390, 844)]))
SCREEN = ".tpanel:not([hidden]) .xterm-rows"


@pytest.fixture
def box(container: Callable[..., str]) -> str:
    return container()


@pytest.fixture
def term(page: Page, login: Login, box: str) -> Iterator[Page]:
    """The terminal page of ``box`` with one shell that shows its prompt. All is ended after."""
    login(page)
    go(page, box)
    yield page
    end_all(page)


@pytest.fixture
def proved_term(page: Page, login: Login, server: Site, box: str) -> Iterator[Page]:
    """As ``term``, by somebody who has just given the password: not asked for it again."""
    login(page, server.username, server.password)
    go(page, box)
    yield page
    end_all(page)


def end_all(page: Page) -> None:
    while page.get_by_role("tab").count():
        page.get_by_role("button", name="End").click()


def go(page: Page, box: str) -> None:
    address = f"/hosts/local/containers/{box}/terminal/"
    page.goto(heard_of(page, address, 'data-running="yes"'))
    shows(page, "# ")


def shows(page: Page, text: str, seconds: float = 30) -> None:
    there = expect(page.locator(SCREEN))
    there.to_contain_text(text.replace(" ", "\u00a0"), timeout=1000 * seconds)


def screen(page: Page) -> str:
    rows: list[str] = page.locator(f"{SCREEN} > div").all_inner_texts()
    return "\n".join(row.replace("\u00a0", " ").rstrip() for row in rows)


def enter(page: Page, line: str) -> None:
    page.keyboard.type(line)
    page.keyboard.press("Enter")
