"""Waiting for what comes by itself: the site hears of something, a job ends."""

from playwright.sync_api import Page, expect

from tests.runtime import until

DONE = "Done"


def heard_of(page: Page, address: str, word: str = "") -> str:
    """The address, once a page is there with this word in its text: of what was made or started a
    moment ago the site has not heard yet."""

    def there() -> bool:
        answer = page.request.get(address)
        return answer.ok and word in answer.text()

    until(there)
    return address


def done_without_scripts(tab: Page) -> None:
    """A job's page says that it is done, reloaded by hand."""
    heard_of(tab, tab.url, f"</span>{DONE}")
    tab.reload()
    expect(tab.locator("[data-state]")).to_have_text(DONE)
