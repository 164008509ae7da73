"""Containers in a real Chromium: some of many, by the filter and its chips, and by ticks."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import axe_in_both_themes
from tests.browser.container_pages import Login, opened, row, tick
from tests.browser.container_pages import make as make


def test_the_filter_is_in_the_address_and_names_mistakes(
    page: Page, login: Login, make: Callable[..., str]
) -> None:
    up, down = make("filter-up"), make("filter-down", "sh", "-c", "exit 3")
    opened(page, login)
    expect(row(page, down).get_by_text("Exited (3)")).to_be_visible()
    page.keyboard.press("/")
    box = page.get_by_role("searchbox", name="Filter containers")
    expect(box).to_be_focused()
    box.fill("name:clb-filter state:attention")
    expect(row(page, up)).to_have_count(0)
    expect(row(page, down)).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?q=name%3Aclb-filter\+state%3Aattention$"))
    page.reload()
    expect(row(page, down)).to_be_visible()
    page.get_by_role("navigation", name="State").get_by_text("Running").click()
    expect(row(page, up)).to_be_visible()
    expect(row(page, down)).to_have_count(0)
    expect(box).to_have_value("name:clb-filter state:running")
    chips_write_the_text(page, box)
    expect(row(page, up)).to_have_count(0)
    expect(row(page, down)).to_be_visible()
    box.fill("imge:x")
    expect(page.get_by_role("alert")).to_contain_text("There is no filter imge:")
    box.fill("name:clb-filter")
    page.get_by_role("link", name="State", exact=True).click()
    expect(page).to_have_url(re.compile("sort=state"))
    expect(page.get_by_role("columnheader", name="State")).to_have_attribute(
        "aria-sort", "ascending"
    )
    assert page.locator("[data-row]").first.get_attribute("id") == f"c-{up}"


def chips_write_the_text(page: Page, box: Locator) -> None:
    opener = page.get_by_role("link", name="Filter", exact=True)
    opener.focus()
    page.keyboard.press("Enter")
    menu = page.get_by_role("form", name="Filter")
    running, exited = (menu.get_by_role("button", name=name) for name in ("Running", "Exited"))
    expect(running).to_have_attribute("aria-pressed", "true")
    assert axe_in_both_themes(page) == []
    exited.press("Enter")
    expect(box).to_have_value("name:clb-filter state:running,exited")
    expect(exited).to_have_attribute("aria-pressed", "true")
    expect(exited).to_be_focused()
    running.press("Enter")
    expect(box).to_have_value("name:clb-filter state:exited")
    expect(running).to_have_attribute("aria-pressed", "false")
    expect(page).to_have_url(re.compile(r"state%3Aexited$"))
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(opener).to_be_focused()


def test_many_are_deleted_at_once_and_a_refusal_is_told(
    page: Page, login: Login, make: Callable[..., str]
) -> None:
    running, ended = make("many-1"), make("many-2", "true")
    opened(page, login)
    expect(row(page, ended).get_by_text("Exited (0)")).to_be_visible()
    for id in (running, ended):
        tick(page, id).check()
    bar = page.get_by_role("toolbar", name="Selected containers")
    expect(bar).to_contain_text("2 selected")
    bar.get_by_role("button", name="Remove…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("clb-many-1")
    dialog.get_by_role("button", name="Remove").click()
    expect(dialog).to_contain_text("1 did not work")
    expect(dialog).to_contain_text("cannot remove a running container")
    expect(row(page, ended)).to_have_count(0)
    expect(row(page, running).get_by_text("Running")).to_be_visible()
    dialog.get_by_role("link", name="Close").click()
    bar.get_by_role("button", name="Remove…").click()
    dialog.get_by_label("Kill those that run first").check()
    dialog.get_by_role("button", name="Remove").click()
    expect(row(page, running)).to_have_count(0)
    expect(bar).to_be_hidden()
    page.locator(".toast").get_by_role("link", name="Create again…").click()
    expect(page.get_by_role("heading", name="Removed containers")).to_be_visible()
    assert axe_in_both_themes(page) == []
    page.get_by_role("link", name="clb-many-1", exact=True).first.click()
    expect(page.locator("#run-name")).to_have_value("clb-many-1")
