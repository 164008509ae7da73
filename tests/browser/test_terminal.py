"""The terminal in a real tab: typed into, left, come back to, cut off, pasted into."""

import itertools
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import axe
from tests.browser.cable import cable_to
from tests.conftest import DockerCli
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
    while page.get_by_role("tab").count():
        page.get_by_role("button", name="End").click()


def go(page: Page, box: str) -> None:
    answer = page.goto(f"/hosts/local/containers/{box}/terminal/")
    for _ in range(20):  # until the mirror knows it
        if answer and answer.status == 200 and page.locator("[data-running=yes]").count():
            break
        page.wait_for_timeout(100)
        answer = page.reload()
    shows(page, "# ")


def shows(page: Page, text: str, seconds: float = 15) -> None:
    there = expect(page.locator(SCREEN))
    there.to_contain_text(text.replace(" ", "\u00a0"), timeout=1000 * seconds)


def screen(page: Page) -> str:
    rows: list[str] = page.locator(f"{SCREEN} > div").all_inner_texts()
    return "\n".join(row.replace("\u00a0", " ").rstrip() for row in rows)


def enter(page: Page, line: str) -> None:
    page.keyboard.type(line)
    page.keyboard.press("Enter")


@pytest.mark.parametrize(("theme", "size"), LOOKS, ids=str)
def test_the_page_keeps_nobody_out(term: Page, theme: Any, size: tuple[int, int]) -> None:
    term.emulate_media(color_scheme=theme)
    term.set_viewport_size({"width": size[0], "height": size[1]})
    assert axe(term) == []
    assert term.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_what_is_typed_runs_and_its_end_is_shown(term: Page) -> None:
    enter(term, "echo sum-$((40+2)); exit 3")
    shows(term, "sum-42")
    expect(term.locator(".tend")).to_contain_text("Exited with code 3.")
    again = term.get_by_role("button", name="Start again")
    expect(again).to_be_focused()
    again.press("Enter")
    expect(term.locator(".tend")).to_be_hidden()
    expect(term.get_by_role("status").filter(has_text="Connected")).to_be_visible()
    enter(term, "echo once-more-$((1+1))")
    shows(term, "once-more-2")


def test_the_window_gives_the_size(term: Page) -> None:
    term.set_viewport_size({"width": 900, "height": 700})
    for _ in range(20):
        enter(term, "clear; stty size")
        term.wait_for_timeout(150)
        if found := re.search(r"^(\d+) (\d+)$", screen(term), re.MULTILINE):
            rows, cols = map(int, found.groups())
            if rows < 35 and cols < 85:
                return
    raise AssertionError(screen(term))


def test_a_reload_comes_back_to_the_same_shell(term: Page) -> None:
    enter(term, "kept=yes; echo before-the-reload")
    shows(term, "before-the-reload")
    term.reload()
    shows(term, "before-the-reload")
    expect(term.get_by_role("tab")).to_have_count(1)
    enter(term, "echo still-$kept")
    shows(term, "still-yes")
    assert "[1;1R" not in screen(term)


def test_four_tabs_and_their_ends(term: Page, box: str, docker_cli: DockerCli) -> None:
    new = term.get_by_role("button", name="New", exact=True)
    for count in (2, 3, 4):
        new.click()
        expect(term.get_by_role("tab")).to_have_count(count)
        shows(term, "# ")
    enter(term, "sleep 9009")
    new.click()
    expect(term.locator("#toasts")).to_contain_text("Four terminals are open here")
    term.get_by_role("button", name="End").click()
    expect(term.get_by_role("tab")).to_have_count(3)
    for _ in range(100):
        if "sleep 9009" not in docker_cli("exec", box, "ps").stdout:
            return
        term.wait_for_timeout(100)
    raise AssertionError("the shell was not ended")


def test_user_and_directory_are_chosen(term: Page) -> None:
    term.get_by_role("button", name="New with options").click()
    term.get_by_label("User").fill("app")
    term.get_by_label("Directory").fill("/var/www")
    term.get_by_role("button", name="Start", exact=True).click()
    expect(term.get_by_role("tab")).to_have_count(2)
    shows(term, "$ ")
    enter(term, "id -un; pwd")
    shows(term, "/var/www")
    assert "\napp\n" in screen(term)


def test_what_cannot_start_says_why(term: Page) -> None:
    term.get_by_role("button", name="New with options").click()
    term.get_by_label("Command").fill("echo 'half")
    term.get_by_role("button", name="Start", exact=True).click()
    expect(term.locator(".tpanel:not([hidden]) .tend")).to_contain_text("check the quotes")


def paste(page: Page, text: str) -> None:
    page.evaluate(
        """text => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text/plain", text);
          document.activeElement.dispatchEvent(
            new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true}));
        }""",
        text,
    )


def test_several_lines_are_pasted_only_after_a_question(term: Page) -> None:
    dialog = term.locator("#terminal-paste")
    paste(term, "echo one-$((2+3))\necho two\n")
    expect(dialog).to_contain_text("This text has 3 lines.")
    term.keyboard.press("Enter")  # the focus is on Cancel
    expect(dialog).to_be_hidden()
    enter(term, "echo after-cancel")
    shows(term, "after-cancel")
    assert "one-5" not in screen(term)
    paste(term, "echo three-$((2+3))\n")
    dialog.get_by_role("button", name="Paste").click()
    shows(term, "three-5")


def test_a_paste_brings_no_keys_along(term: Page) -> None:
    paste(term, "echo plain\x1b[201~\x03\x1b]52;c;eA==\x07-text")
    term.keyboard.press("Enter")
    shows(term, "plain[201~]52;c;eA==-text")


def test_a_program_cannot_write_the_clipboard(term: Page) -> None:
    term.context.grant_permissions(["clipboard-read", "clipboard-write"])
    term.evaluate("navigator.clipboard.writeText('mine')")
    enter(term, r"printf '\033]52;c;c3RvbGVu\007'; echo done-$((1+1))")
    shows(term, "done-2")
    assert term.evaluate("navigator.clipboard.readText()") == "mine"


def test_escape_then_tab_leaves_the_terminal(term: Page) -> None:
    expect(term.locator(".tbar")).to_contain_text("Esc, then Tab leaves the terminal")
    term.keyboard.press("Tab")
    expect(term.locator(".tpanel textarea")).to_be_focused()
    term.keyboard.press("Escape")
    term.keyboard.press("Tab")
    expect(term.get_by_role("button", name="End")).to_be_focused()


def test_interrupt_under_a_flood(term: Page) -> None:
    enter(term, "yes flood-flood-flood")
    shows(term, "flood-flood-flood")
    term.wait_for_timeout(1000)
    term.keyboard.press("Control+C")
    began = time.monotonic()
    enter(term, "clear; echo calm-$((1+1))")
    shows(term, "calm-2")
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("seconds", [4, pytest.param(20, marks=pytest.mark.long)])
def test_a_network_cut_loses_nothing(
    browser: Browser, server: Site, admin_cookies: Any, box: str, seconds: int
) -> None:
    with cable_to(server.url) as cable:
        context = browser.new_context(base_url=cable.url, viewport={"width": 1280, "height": 800})
        context.add_cookies(admin_cookies)
        page = context.new_page()
        go(page, box)
        last = 10 * seconds + 100
        step = 'n=$((n+1)); printf "$n "; [ $((n % 10)) = 0 ] && echo; sleep 0.1'
        enter(page, f"n=0; clear; while [ $n -lt {last} ]; do {step}; done")
        shows(page, "8 9 10")
        cable.cut()
        expect(page.locator("[data-part=state]")).to_contain_text("Connection lost")
        page.wait_for_timeout(seconds * 1000)
        cable.mend()
        expect(page.locator("[data-part=state]")).to_contain_text("Connected", timeout=40_000)
        shows(page, f"{last - 1} {last}", 60)
        numbers = re.findall(r"\d+", screen(page))
        assert [int(n) for n in numbers] == list(range(1, last + 1))
        page.get_by_role("button", name="End").click()
        context.close()
