"""What a row of the log page makes of a line: fields, links, colours, stack traces; text only."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.logs import Login, open_log

HOSTILE = (
    """<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>"""
    """ javascript:alert(1) http://a.example/"onmouseover=alert(1) https://b.example/<b>."""
)
RECORD = (
    r'{"level":"error","msg":"<b>settle</b>","id":9007199254740993,'
    r'"user":{"tags":["<img src=x onerror=alert(1)>"]}}'
)
TRACE = (
    "before\njava.lang.IllegalStateException: boom\n\tat com.acme.Foo.bar(Foo.java:12)\n"
    "\tat com.acme.Main.main(Main.java:5)\nCaused by: java.io.IOException: x\n\t... 2 more\nafter\n"
)


def printed(text: str) -> tuple[str, ...]:
    return ("sh", "-c", 'printf %s "$0"; sleep 3600', text)


def test_a_hostile_line_is_text_and_nothing_else(
    page: Page, login: Login, container: Callable[..., str]
) -> None:
    open_log(page, login, container(*printed(f"{HOSTILE}\n{RECORD}\n")))
    line = page.locator(".l .m").first
    expect(line).to_have_text(HOSTILE)
    links = line.locator("a").evaluate_all("all => all.map(one => [one.href, one.rel])")
    rel = "noopener noreferrer"
    assert links == [["http://a.example/", rel], ["https://b.example/", rel]]
    page.locator(".l .m").last.click(position={"x": 200, "y": 8})
    expect(page.locator(".js dt")).to_have_text(["level", "msg", "id", "user.tags[0]"])
    expect(page.locator(".js dd").nth(1)).to_have_text("<b>settle</b>")
    expect(page.locator(".js dd").nth(2)).to_have_text("9007199254740993")
    page.fill("[data-part=find]", "img")
    expect(page.locator(".l mark")).to_have_count(2)
    made = "[data-part=list] :is(img, script, b, [onerror], [onmouseover])"
    assert page.locator(made).count() == 0
    assert "owned" not in page.title()


def test_the_keyboard_walks_lines_and_unfolds_them(
    page: Page, login: Login, container: Callable[..., str]
) -> None:
    open_log(page, login, container(*printed(f"one\n{RECORD}\nthree\n")))
    expect(page.locator(".l")).to_have_count(3)  # a key of before would walk nowhere
    box = page.locator("[data-part=box]")
    box.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator(".js")).to_have_count(1)
    expect(page.locator(".l.now .ln")).to_have_text("2")
    page.keyboard.press("J")
    expect(page.locator("[data-part=marked-text]")).to_have_text("Lines 2 to 3")
    assert "-" in page.url.split("#")[1]
    page.keyboard.press("Escape")
    expect(page.locator(".l.hit")).to_have_count(0)
    assert "#" not in page.url


def test_a_stack_trace_hangs_together_and_folds(
    page: Page, login: Login, container: Callable[..., str]
) -> None:
    open_log(page, login, container(*printed(TRACE)))
    expect(page.locator(".l.cont")).to_have_count(4)
    page.get_by_label("Stack trace").click()
    expect(page.locator(".l:visible")).to_have_count(3)
    expect(page.locator(".l .more")).to_have_text("4 more lines")
    page.get_by_label("Stack trace").click()
    expect(page.locator(".l:visible")).to_have_count(7)


def test_keys_are_coloured_and_times_say_more(
    page: Page, login: Login, container: Callable[..., str]
) -> None:
    text = "level=warn path=/a?b=c dur=18ms\nx = 1\n"
    open_log(page, login, container(*printed(text)))
    expect(page.locator(".l").first.locator(".k")).to_have_text(["level", "path", "dur"])
    expect(page.locator(".l").last.locator(".k")).to_have_count(0)
    page.locator(".l time").first.hover()
    title = page.locator(".l time").first.get_attribute("title") or ""
    assert re.fullmatch(r"[^\n]+\n\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z", title)
