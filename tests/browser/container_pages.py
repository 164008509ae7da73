"""The pages of containers in a browser: containers made for them, rows found in them."""

import itertools
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page

Login = Callable[..., Page]
LIST = "/hosts/local/containers/"
SIZES = [(1440, 900), (390, 844)]
LOOKS = list(itertools.product(["light", "dark"], SIZES))


@pytest.fixture
def make(container: Callable[..., str]) -> Callable[..., str]:
    """``make(name, *command, options=…)``: a container whose name begins with ``clb-``.

    It has no network unless it is asked for: Chromium drops what it loads when one appears.
    """

    def made(name: str, *command: str, options: tuple[str, ...] = (), start: bool = True) -> str:
        network = () if "-p" in options else ("--network", "none")
        named = ("--name", f"clb-{name}", *network, *options)
        return container(*(command or ("sleep", "3600")), options=named, start=start)

    return made


def row(page: Page, id: str) -> Locator:
    return page.locator(f"#c-{id}")


def tick(page: Page, id: str) -> Locator:
    return row(page, id).locator("[data-pick]")


def opened(page: Page, login: Login, query: str = "?q=name:clb-") -> Page:
    login(page).goto(LIST + query)
    return page
