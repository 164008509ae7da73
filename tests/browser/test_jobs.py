"""A pull in real tabs: numbers that move, two watchers, a cancel, the tray, no script at all."""

import re
from collections.abc import Callable

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.browser.axe import axe_in_both_themes
from tests.browser.waiting import done_without_scripts
from tests.images.conftest import local_image as local_image
from tests.images.conftest import publish as publish
from tests.images.conftest import slow as slow
from tests.images.slow import SlowRegistry
from tests.site import Site

Login = Callable[..., Page]
Publish = Callable[..., str]


def start_pull(page: Page, reference: str) -> str:
    page.goto("/hosts/local/images/pull/")
    page.get_by_label("Image").fill(reference)
    page.locator("main").get_by_role("button", name="Pull").click()
    page.wait_for_url("**/jobs/*/")
    return page.url


def behind(slow: SlowRegistry, reference: str) -> str:
    return f"{slow.address}/{reference.partition('/')[2]}"


def bar(page: Page) -> Locator:
    return page.locator("progress[data-bar]")


def on_the_overview(page: Page) -> Locator:
    return page.locator("section", has=page.get_by_role("heading", name="Running jobs"))


def watched_elsewhere(tabs: BrowserContext) -> Page:
    """The overview shows it with its numbers, and the tray leads to it."""
    page = tabs.new_page()
    page.goto("/")
    job = on_the_overview(page)
    expect(job.locator("progress")).to_have_attribute("max", re.compile(r"\d{7}"))
    expect(job.locator("[data-totals]")).to_contain_text("MiB")
    expect(page.locator("html.scripted")).to_be_attached()
    page.locator("#jobs-tray").click()
    expect(page.locator("#row-menu").get_by_role("link", name="Pull")).to_be_focused()
    return page


def test_a_pull_watched_in_two_browsers_and_cancelled_in_one(
    page: Page, login: Login, browser: Browser, server: Site, publish: Publish, slow: SlowRegistry
) -> None:
    slow.rate = 50_000  # three tabs look at it on the way, for a minute at most
    address = start_pull(login(page), behind(slow, publish(size=3_000_000, layers=3)))
    other: BrowserContext = browser.new_context(base_url=server.url)
    other.add_cookies(page.context.cookies())  # type: ignore[arg-type]
    watcher = other.new_page()
    watcher.goto(address)
    for tab in (page, watcher):
        expect(bar(tab)).to_have_attribute("max", re.compile(r"\d{7}"))
        expect(tab.locator("[data-part]")).to_have_count(3)
        expect(tab.locator("[data-totals]")).to_contain_text("MiB ·")
        expect(tab.locator("#jobs-tray")).to_contain_text("1")
    overview = watched_elsewhere(other)
    before = bar(watcher).evaluate("bar => bar.value")
    expect(bar(watcher)).not_to_have_js_property("value", before)
    page.get_by_role("button", name="Cancel").click()
    for tab in (page, watcher):
        expect(tab.locator("[data-state]")).to_have_text("Cancelled", timeout=3000)
        expect(tab.get_by_text("Cancelled by admin.")).to_be_visible()
        expect(tab.locator("#jobs-tray")).not_to_contain_text("1")
    expect(on_the_overview(overview)).to_have_count(0)
    expect(overview.locator("[data-disk]").get_by_text("Measured")).to_be_visible()
    assert axe_in_both_themes(page) == []
    other.close()


def test_the_list_moves_and_its_row_ends_in_place(
    page: Page, login: Login, publish: Publish, slow: SlowRegistry
) -> None:
    start_pull(login(page), behind(slow, publish(size=2_000_000)))
    page.goto("/jobs/")
    row = page.locator("tbody tr").first
    expect(row.locator("[data-totals]")).to_contain_text("MiB")
    slow.rate = 0
    expect(row.locator("[data-state]")).to_have_text("Done")


def test_without_a_script_it_is_a_form_and_a_page(
    browser: Browser, server: Site, page: Page, login: Login, publish: Publish
) -> None:
    reference = publish()
    login(page)
    bare = browser.new_context(base_url=server.url, java_script_enabled=False)
    bare.add_cookies(page.context.cookies())  # type: ignore[arg-type]
    tab = bare.new_page()
    start_pull(tab, reference)
    done_without_scripts(tab)
    bare.close()
