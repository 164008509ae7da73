"""The command palette in a real Chromium, by keyboard alone."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.axe import axe
from tests.browser.container_pages import LIST, LOOKS, Login, row
from tests.browser.container_pages import make as make


def test_a_container_is_found_stopped_and_started_by_keys(
    page: Page, login: Login, make: Callable[..., str]
) -> None:
    id = make("palette-one", options=("--stop-signal", "KILL"))  # not ten seconds later
    login(page).goto(f"{LIST}?q=name:clb-palette")
    expect(row(page, id).get_by_text("Running")).to_be_visible()
    expect(page.locator("html.scripted")).to_be_attached()
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox", name="Name or command")
    expect(box).to_be_focused()
    for theme, (width, height) in LOOKS:
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": height})
        assert axe(page, theme) == []
    page.keyboard.type("stop clbpalette")
    page.keyboard.press("Enter")  # it waits for the lines of all these letters
    expect(page.locator("#dialog")).to_contain_text("clb-palette-one")
    expect(page.locator("#palette")).not_to_be_visible()
    page.locator("#dialog").get_by_role("button", name="Stop").click()
    expect(row(page, id).get_by_text("Exited")).to_be_visible()
    page.keyboard.press("Control+k")
    page.keyboard.type("start clb-palette-one")
    page.keyboard.press("Enter")
    expect(row(page, id).get_by_text("Running")).to_be_visible()
    page.keyboard.press("Control+k")
    page.keyboard.type("clb-palette-one")
    expect(page.locator("#palette")).to_have_attribute("data-shown", "clb-palette-one")
    chosen = page.get_by_role("option", selected=True)
    expect(chosen).to_contain_text("clb-palette-one")
    page.keyboard.press("ArrowDown")
    expect(chosen).to_contain_text("Logs")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{LIST}{id}/")


def test_escape_leaves_it_and_nothing_found_says_so(page: Page, login: Login) -> None:
    login(page).goto("/")
    page.get_by_role("link", name="Search or run a command").click()
    page.keyboard.type("no such thing anywhere")
    expect(page.get_by_text("Nothing of that name, and no such command.")).to_be_visible()
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).not_to_be_visible()
    expect(page.get_by_role("link", name="Search or run a command")).to_be_focused()
