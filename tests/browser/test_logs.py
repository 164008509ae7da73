"""The log page in a real Chromium: lines as they come, found, filtered, linked, kept in bounds."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.axe import axe_in_both_themes
from tests.browser.logs import TALK, Login, open_log
from tests.conftest import DockerCli

WILD = (
    r"printf '\033[31mred\033[0m \033]52;c;aGFjaw==\007 <script>alert(1)</script>\n';"
    r" printf 'bad \377\376 bytes\r\n'; head -c 40000 /dev/zero | tr '\0' x; echo; echo after;"
    " sleep 3600"
)


def test_lines_are_followed_and_streams_told_apart(
    page: Page, login: Login, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    id = container("sh", "-c", TALK)
    open_log(page, login, id)
    expect(page.locator(".l")).to_have_count(41)
    expect(page.locator(".l.e .m")).to_have_text("ERROR broken")
    docker_cli("exec", id, "sh", "-c", "echo later > /proc/1/fd/1")
    expect(page.locator(".l .m").last).to_have_text("later")
    page.get_by_text("stderr", exact=True).first.click()
    expect(page.locator(".l")).to_have_count(1)
    assert "stream=stderr" in page.url


def test_wild_bytes_do_no_harm(page: Page, login: Login, container: Callable[..., str]) -> None:
    open_log(page, login, container("sh", "-c", WILD))
    expect(page.locator(".ansi.c1")).to_have_text("red")
    expect(page.locator(".l .m").first).to_contain_text("<script>alert(1)</script>")
    expect(page.locator(".l .m").nth(1)).to_contain_text("bad")
    expect(page.locator(".l .m").last).to_have_text("after")
    assert len(page.locator(".l .m").nth(2).inner_text()) >= 40_000


def test_a_restart_goes_on_in_the_same_page(
    page: Page, login: Login, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    id = container("sh", "-c", "echo begun; sleep 3600")
    open_log(page, login, id)
    docker_cli("restart", "--time", "0", id)
    expect(page.locator(".l .m", has_text="begun")).to_have_count(2)
    expect(page.locator(".l-divider").first).to_be_visible()


def test_leaving_the_bottom_pauses_and_the_pill_resumes(
    page: Page, login: Login, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    id = container("sh", "-c", TALK)
    open_log(page, login, id)
    expect(page.locator("[data-part=count]")).to_contain_text("41 lines")  # it has said all
    page.locator("[data-part=box]").press("g")
    expect(page.locator("[data-part=state]")).to_have_text("Paused")
    docker_cli("exec", id, "sh", "-c", "echo later > /proc/1/fd/1; echo last > /proc/1/fd/1")
    expect(page.locator("[data-part=pill]")).to_have_text("2 new lines")
    expect(page.locator(".l .m").first).to_be_in_viewport()
    page.click("[data-part=pill]")
    expect(page.locator("[data-part=state]")).to_have_text("Following")
    expect(page.locator("[data-part=pill]")).to_be_hidden()
    expect(page.locator(".l .m", has_text="last")).to_be_in_viewport()


def test_what_is_selected_stays_in_the_dom(
    page: Page, login: Login, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    id = container("seq", "1", "20000")
    docker_cli("wait", id)
    open_log(page, login, id, "?tail=all", "Ended")
    expect(page.locator("[data-part=count]")).to_contain_text("20,000 lines")
    box = page.locator("[data-part=box]")
    box.press("g")  # a script's own jump would race with what keeps the end in view
    box.evaluate("box => { box.scrollTop = box.scrollHeight / 2; }")
    middle = page.locator(".l .m", has_text=re.compile("^10000$"))
    middle.evaluate("one => document.getSelection().selectAllChildren(one)")
    box.press("G")
    expect(page.locator(".l .m", has_text=re.compile("^20000$"))).to_be_in_viewport()
    assert page.evaluate("document.getSelection().toString()") == "10000"
    page.evaluate("document.getSelection().empty()")


def test_a_chosen_range_stands_in_the_address(
    page: Page, login: Login, container: Callable[..., str]
) -> None:
    id = container("sh", "-c", TALK)
    open_log(page, login, id)
    page.click("[popovertarget=log-range]")
    page.get_by_text("Last 100 lines").click()
    expect(page.locator("[data-part=range-text]")).to_have_text("Last 100 lines")
    assert "tail=100" in page.url
    page.click("[popovertarget=log-range]")
    page.fill("[data-part=from]", "2020-01-01T00:00:00")
    page.fill("[data-part=to]", "2020-01-02T00:00:00")
    page.click("[data-part=apply]")
    expect(page.locator(".l-divider")).to_have_text("This is all that was asked for.")
    expect(page.locator(".l")).to_have_count(0)
    page.reload()
    expect(page.locator("[data-part=state]")).to_have_text("Ended")
    assert "until=2020-01-02T00" in page.url


def test_a_hundred_thousand_lines_are_shown_and_few_are_in_the_dom(
    page: Page, login: Login, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    id = container("seq", "1", "100000")
    docker_cli("wait", id)
    open_log(page, login, id, "?tail=all", "Ended")
    expect(page.locator("[data-part=count]")).to_contain_text("100,000 lines")
    expect(page.locator(".l .m").last).to_have_text("100000")
    assert page.locator(".l").count() < 12_000
    page.locator("[data-part=box]").evaluate("box => { box.scrollTop = box.scrollHeight / 2; }")
    expect(page.locator("[data-part=pill]")).to_be_hidden()


def test_the_whole_log_and_what_is_shown_are_saved(
    page: Page, login: Login, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    id = container("sh", "-c", TALK)
    open_log(page, login, id)
    logs = docker_cli("logs", id)
    whole = saved(page, "Whole log (.log)")
    assert sorted(whole.splitlines()) == sorted((logs.stdout + logs.stderr).splitlines())
    page.fill("[data-part=find]", "out 4")
    page.click("[data-part=filter]")
    expect(page.locator(".l")).to_have_count(2)
    assert saved(page, "What is shown (.log)") == "out 4\nout 40\n"


def saved(page: Page, words: str) -> str:
    page.click("[popovertarget=log-download]")
    with page.expect_download() as download:
        page.get_by_text(words, exact=True).click()
    page.keyboard.press("Escape")
    return download.value.path().read_text()


def test_the_log_page_is_accessible(
    page: Page, login: Login, container: Callable[..., str]
) -> None:
    open_log(page, login, container("sh", "-c", TALK))
    page.locator(".l .ln").first.click()
    page.click("[data-part=search-open]")
    page.fill("[data-part=search-text]", "out 7")
    page.press("[data-part=search-text]", "Enter")
    expect(page.locator("[data-part=search-found] .l")).to_have_count(7)
    assert axe_in_both_themes(page) == []
