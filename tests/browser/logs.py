"""What the tests of the log page share."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.waiting import heard_of

Login = Callable[..., Page]
TALK = 'for i in $(seq 1 40); do echo "out $i"; done; echo "ERROR broken" >&2; sleep 3600'


def open_log(page: Page, login: Login, id: str, query: str = "", state: str = "Following") -> None:
    """Open the log of a container that may be too young for the list."""
    login(page)
    page.goto(heard_of(page, f"/hosts/local/containers/{id}/logs/{query}"))
    expect(page.locator("[data-part=state]")).to_have_text(state)


def lines(page: Page) -> int:
    """How many lines the page holds, as it says."""
    words = page.locator("[data-part=count]").inner_text()
    return int(words.split()[0].replace(",", ""))
