"""A terminal that is recorded, played back with its search; one that is watched and ended."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.axe import axe
from tests.browser.terminal_page import LOOKS, Login, enter, go, shows
from tests.browser.terminal_page import box as box

ROWS = "[data-part=screen] .xterm-rows"
# A clipboard, a title, questions to the terminal, a link: none of it may do anything.
HOSTILE = r"printf '\033]52;c;aGFjaw==\007\033]0;taken\007\033[6n\033[c\033]8;;http://e.org\007l\033]8;;\007'"


@pytest.fixture
def recorded(page: Page, login: Login) -> Iterator[Page]:
    """A tab on a site whose host records terminals."""
    login(page)
    choose(page, "on")
    yield page
    choose(page, "off")


def choose(page: Page, mode: str) -> None:
    page.goto("/hosts/local/settings/")
    page.get_by_label("Terminal recordings").select_option(mode)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("body")).to_contain_text("Saved: the settings")


@pytest.fixture
def played(recorded: Page, box: str) -> Page:
    """The page of a recording of three commands, some seconds apart."""
    page = recorded
    go(page, box)
    expect(page.get_by_text("Recorded", exact=True)).to_be_visible()
    enter(page, "echo first-$((1+1))")
    shows(page, "first-2")
    enter(page, "sleep 2; echo needle-$((40+2))")
    shows(page, "needle-42")
    enter(page, f"clear; {HOSTILE}; exit")
    expect(page.locator(".tend")).to_contain_text("Exited")
    page.goto("/recordings/")
    page.locator("[data-open]").first.click()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_enabled()
    return page


def test_a_recording_is_played_and_searched(played: Page) -> None:
    page, screen = played, played.locator(ROWS)
    before = page.title()
    page.get_by_label("Speed").select_option("8")
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.get_by_role("button", name="Play again")).to_be_visible()
    expect(screen).not_to_contain_text("first-2")  # it was cleared
    find = page.get_by_role("searchbox", name="Search the output")
    find.fill("NEEDLE-42")
    find.press("Enter")
    expect(page.get_by_text("1 of 1")).to_be_visible()
    expect(screen).to_contain_text("needle-42")
    expect(screen).to_contain_text("first-2")
    at = float(page.get_by_label("Position").input_value())
    assert at >= 2
    find.fill("never there")
    expect(page.get_by_text("Not found")).to_be_visible()
    find.blur()
    page.keyboard.press("Home")
    expect(page.get_by_label("Position")).to_have_value("0")
    expect(screen).not_to_contain_text("needle-42")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_label("Position")).not_to_have_value("0")
    page.get_by_label("Speed").select_option("0.5")  # so that there is time to see it play
    page.get_by_label("Speed").blur()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    assert page.title() == before
    keeps_nobody_out(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename.endswith(".cast")


def keeps_nobody_out(page: Page) -> None:
    """In each look."""
    for theme, (width, height) in LOOKS:
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size({"width": width, "height": height})
        assert axe(page, theme) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_one_is_watched_and_ended(
    page: Page, login: Login, box: str, context: BrowserContext
) -> None:
    login(page)
    go(page, box)
    other = context.new_page()
    other.goto("/hosts/local/terminals/")
    other.locator("[data-open]").first.click()
    expect(other.get_by_text("Watching", exact=True)).to_be_visible()
    expect(page.get_by_text("Watched by admin")).to_be_visible()
    enter(page, "echo seen-$((1+1))")
    expect(other.locator(ROWS)).to_contain_text("seen-2")
    other.get_by_label("Reason").fill("The host is serviced.")
    other.get_by_role("button", name="End this terminal").click()
    expect(page.locator(".tend")).to_contain_text("ended by admin: The host is serviced.")
    shows(page, "seen-2")
