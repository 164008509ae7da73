"""The audit log in a browser: rows open by keyboard, and new ones come while it is live."""

import re
from collections.abc import Callable

from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.axe import axe
from tests.browser.conftest import sign_in
from tests.site import Site


def somebody_logs_in(browser: Browser, server: Site) -> None:
    other = browser.new_context(base_url=server.url)
    sign_in(other.new_page(), server.username, server.password)
    other.close()


def test_a_row_opens_in_place_and_new_rows_come_to_the_top(
    page: Page, login: Callable[..., Page], browser: Browser, server: Site
) -> None:
    login(page).goto("/audit/?q=event:session.login")
    first = page.locator("#entries tr").first
    opener = first.locator("[data-expands]")
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.locator("tr.more")).to_contain_text("Hash before")
    expect(opener).to_have_attribute("aria-expanded", "true")
    assert axe(page) == []
    page.keyboard.press("Enter")
    expect(page.locator("tr.more")).to_have_count(0)
    top = page.locator("#entries tr").first
    before = top.get_attribute("id")
    live = page.get_by_role("button", name="Live")
    expect(live).to_have_attribute("aria-pressed", "true")
    somebody_logs_in(browser, server)
    expect(top).not_to_have_attribute("id", str(before))
    held = top.get_attribute("id")
    live.click()
    somebody_logs_in(browser, server)
    paused = page.get_by_role("button", name="Paused: there is news")
    expect(paused).to_be_visible()
    expect(top).to_have_attribute("id", str(held))
    paused.click()
    expect(top).not_to_have_attribute("id", str(held))


def test_the_fields_write_the_filter_box(page: Page, login: Callable[..., Page]) -> None:
    login(page).goto("/audit/")
    page.get_by_text("Filter by field").click()
    page.fill("input[name=user]", "admin")
    page.select_option("select[name=result]", "ok")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#q")).to_have_value("user:admin result:ok")
    expect(page.locator("#entries tr").first).to_contain_text("admin")
    page.fill("#q", "user:nobody-at-all")
    expect(page.get_by_text("No row fits")).to_be_visible()
    expect(page).to_have_url(re.compile("nobody-at-all"))
    page.fill("#q", "usr:ada")
    expect(page.get_by_role("alert")).to_contain_text("Did you mean user:?")


def test_words_typed_before_the_scripts_came_filter_too(
    page: Page, login: Callable[..., Page]
) -> None:
    login(page)
    held: list[Route] = []
    page.route("**/htmx.min*.js", lambda route: held.append(route))
    page.goto("/audit/", wait_until="commit")
    page.fill("#q", "user:nobody-at-all")
    assert held
    for route in held:
        route.continue_()
    expect(page.get_by_text("No row fits")).to_be_visible()
