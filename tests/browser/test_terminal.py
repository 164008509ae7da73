"""The terminal in a real tab: typed into, left, come back to, pasted into."""

import re
import time

from playwright.sync_api import Page, Route, expect

from tests.browser.terminal_page import SCREEN, enter, screen, shows
from tests.browser.terminal_page import box as box
from tests.browser.terminal_page import proved_term as proved_term
from tests.browser.terminal_page import term as term
from tests.conftest import DockerCli
from tests.runtime import until


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


def test_user_and_directory_are_chosen(proved_term: Page) -> None:
    term = proved_term
    term.get_by_role("button", name="New with options").click()
    term.get_by_label("User").fill("app")
    term.get_by_label("Directory").fill("/var/www")
    term.get_by_role("button", name="Start", exact=True).click()
    expect(term.get_by_role("tab")).to_have_count(2)
    shows(term, "$ ")
    enter(term, "id -un; echo in-$PWD")
    shows(term, "in-/var/www")
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
    moved = term.evaluate(MOVED, SCREEN)
    print(f"the screen stood still {moved:.0f} ms after ^C")
    assert moved < 8000  # the goal is 500 ms
    enter(term, "clear; echo calm-$((1+1))")
    shows(term, "calm-2")


# How long it went on changing, until it did not for half a second (or for ten in all).
MOVED = """async (place) => {
  const began = performance.now();
  let shown = "", changed = began;
  while (performance.now() - changed < 500 && performance.now() - began < 10000) {
    const now = document.querySelector(place).innerText;
    if (now !== shown) [shown, changed] = [now, performance.now()];
    await new Promise((done) => setTimeout(done, 20));
  }
  return changed - began;
}"""


def test_only_web_links_open_and_only_after_a_question(term: Page) -> None:
    asked: list[str] = []
    term.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    link = r"\033]8;;%s\033\\%s\033]8;;\033\\\n"
    enter(term, f"clear; printf '{link}' 'javascript:alert(1)' script-$((1+1)) https://a.test web")
    shows(term, "script-2")
    shows(term, "web")
    for words in ("script-2", "web"):
        row = term.locator(f"{SCREEN} > div", has_text=re.compile(f"^{words}"))
        place = until(row.bounding_box)
        term.mouse.move(place["x"] + 4, place["y"] + 4)
        term.wait_for_timeout(200)
        term.mouse.click(place["x"] + 8, place["y"] + 4)
    until(lambda: (term.wait_for_timeout(50), asked)[1])
    assert asked == ["A program made this link. Open it? https://a.test"]
    assert len(term.context.pages) == 1


def test_every_colour_is_shown(term: Page) -> None:
    """Also those that xterm.js gives by style attribute: reverse text, 24 bits, poor contrast."""
    kinds = (r"\033[7m", r"\033[38;2;0;90;10m", r"\033[48;5;19m\033[38;5;17m")
    words = "".join(rf"{kind}word{n}\033[0m\n" for n, kind in enumerate(kinds))
    enter(term, f"clear; printf '{words}'; echo done-$((1+1))")
    shows(term, "done-2")
    shown = term.locator(f"{SCREEN} > div > span", has_text=re.compile(r"^word\d$"))
    expect(shown).to_have_count(3)
    pairs = shown.evaluate_all(COLOURS)
    assert pairs[1][0] == "rgb(0, 90, 10)"
    assert all(text != ground for text, ground in pairs)


COLOURS = """(spans) => spans.map(getComputedStyle).map((s) => [s.color, s.backgroundColor])"""


def test_the_first_wide_character_is_wide_and_fetches_its_tables(term: Page) -> None:
    tables = "performance.getEntriesByType('resource').filter(e => /unicode11/.test(e.name)).length"
    term.route("**/addon-unicode11*", late)
    assert term.evaluate(tables) == 0
    # Two faces, and where the cursor is after them: the answer is waited for, and shown.
    faces = r"clear; printf '\360\237\231\202\360\237\231\202\033[6n'; "
    enter(term, faces + "read -r -n 6 at; echo; echo ${at#?} d''one")
    shows(term, "done")
    assert "[1;5R" in screen(term)
    assert term.evaluate(tables) == 1


def late(route: Route) -> None:
    time.sleep(0.5)
    route.fallback()


def test_size_and_screen_reader_are_kept(term: Page) -> None:
    term.get_by_role("button", name="Larger text").click()
    reader = term.get_by_role("button", name="Screen reader")
    reader.click()
    term.reload()
    shows(term, "# ")
    expect(reader).to_have_attribute("aria-pressed", "true")
    expect(term.locator(".xterm-accessibility")).to_contain_text("#")
    assert term.locator(SCREEN).evaluate("rows => getComputedStyle(rows).fontSize") == "15px"


def test_ones_own_terminals_are_listed(term: Page) -> None:
    term.get_by_role("button", name="New", exact=True).click()
    expect(term.get_by_role("tab")).to_have_count(2)
    enter(term, "echo second-$((1+1))")  # typed before the shell is there
    shows(term, "second-2")
    term.get_by_role("link", name="My terminals").click()
    rows = term.locator("tbody tr")
    expect(rows).to_have_count(2)
    rows.first.get_by_role("button", name="End the terminal").click()
    expect(rows).to_have_count(1)
    rows.get_by_role("link", name="Come back").click()
    shows(term, "second-2")
