"""The ten commonest tasks in a real Chromium, without a mouse."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.container_pages import LIST, Login, row
from tests.browser.container_pages import make as make


@pytest.fixture
def listed(page: Page, login: Login, make: Callable[..., str]) -> tuple[Page, str]:
    """A list that has one container, found by the filter: the first task."""
    quick = ("--stop-signal", "KILL")  # ``sleep`` as the first process hears no other
    id = make("keys-one", "sh", "-c", "echo hello keys; exec sleep 3600", options=quick)
    login(page).goto(LIST)
    expect(page.locator("[data-row]").first).to_be_visible()
    expect(page.locator("html.scripted")).to_be_attached()
    page.keyboard.press("/")
    page.keyboard.type("name:clb-keys")
    expect(page.locator("[data-row]")).to_have_count(1)
    page.keyboard.press("Tab")
    return page, id


def back(page: Page, id: str) -> None:
    """To the list, with the row chosen; keys count once the page is at rest."""
    page.goto(f"{LIST}?q=name:clb-keys")
    page.wait_for_load_state("networkidle")
    choose(page, id)


def choose(page: Page, id: str) -> None:
    """The row by its key; the keys' file comes with the first of them, and Enter waits for none."""
    page.keyboard.press("j")
    expect(row(page, id).locator("[data-open]")).to_be_focused()


def confirm(page: Page, question: str) -> None:
    """Its focus is on Cancel; the verb is beside it."""
    expect(page.locator(question)).to_be_visible()
    expect(page.locator(f"{question} :focus")).to_have_text("Cancel")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(question)).not_to_be_visible()


def test_stopped_started_restarted_and_deleted(listed: tuple[Page, str]) -> None:
    page, id = listed
    choose(page, id)
    page.keyboard.press("s")
    confirm(page, "#row-menu")
    expect(row(page, id).get_by_text("Exited")).to_be_visible()
    choose(page, id)
    page.keyboard.press("s")
    expect(row(page, id).get_by_text("Running")).to_be_visible()
    choose(page, id)
    page.keyboard.press("d")
    confirm(page, "#dialog")
    expect(row(page, id)).to_have_count(0)


def test_looked_into(listed: tuple[Page, str]) -> None:
    page, id = listed
    choose(page, id)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(f"{LIST}{id}/$"))
    back(page, id)
    page.keyboard.press("l")
    page.wait_for_url(re.compile(f"{id}/logs/"))
    expect(page.get_by_text("hello keys")).to_be_visible()
    back(page, id)
    page.keyboard.press("t")
    page.wait_for_url(re.compile(f"{id}/terminal/"))
    expect(page.locator(".xterm-rows")).to_contain_text("#")
    page.keyboard.type("echo $((40 + 2))\n")
    expect(page.locator(".xterm-rows")).to_contain_text("42")
    page.keyboard.press("Escape")
    page.keyboard.press("Tab")
    expect(page.locator(".xterm-helper-textarea")).not_to_be_focused()


def test_gone_elsewhere_and_back(listed: tuple[Page, str]) -> None:
    page, _id = listed
    page.keyboard.press("g")
    page.keyboard.press("i")
    page.wait_for_url(re.compile("/images/"))
    expect(page.locator("html.scripted")).to_be_attached()
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url(re.compile(f"{LIST}$"))
    expect(page.locator("html.scripted")).to_be_attached()
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="Keyboard shortcuts")).not_to_be_visible()
