"""Finding and filtering in the log page, and links to what was found."""

import time
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.logs import TALK, Login, open_log
from tests.browser.waiting import heard_of
from tests.conftest import DockerCli
from tests.runtime import until

HITS = "[data-part=hits]"
FIND = "[data-part=find]"
TWICE = (
    "if [ -e /again ]; then seq 3001 5000; exec sleep 3600; fi; "
    "touch /again; seq 1 2000; echo 'fatal: no shop.conf'; exit 3"
)


def test_find_counts_marks_and_steps(
    page: Page, login: Login, container: Callable[..., str]
) -> None:
    open_log(page, login, container("sh", "-c", TALK))
    page.fill(FIND, "OUT 3")
    expect(page.locator(HITS)).to_have_text("11 matches")
    expect(page.locator(".l mark")).to_have_count(11)
    page.press(FIND, "Shift+Enter")
    page.locator("[data-part=box]").press("g")
    page.press(FIND, "Escape")
    page.fill(FIND, "OUT 3")
    page.press(FIND, "Enter")
    expect(page.locator(HITS)).to_have_text("1 of 11")
    expect(page.locator(".l.now .m")).to_have_text("out 3")
    expect(page.locator("[data-part=state]")).to_have_text("Paused")
    page.locator("[data-part=box]").press("n")
    expect(page.locator(HITS)).to_have_text("2 of 11")
    page.locator("[data-part=box]").press("N")
    page.locator("[data-part=box]").press("N")
    expect(page.locator(HITS)).to_have_text("11 of 11")
    page.click("[data-part=case]")
    expect(page.locator(HITS)).to_have_text("0 matches")
    page.fill(FIND, "/^out [12]$/")
    expect(page.locator(HITS)).to_have_text("2 matches")
    page.fill(FIND, "/(/")
    expect(page.locator("[data-part=problem]")).to_contain_text("no regular expression")


def test_filters_hide_the_rest_and_follow(
    page: Page, login: Login, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    id = container("sh", "-c", TALK)
    open_log(page, login, id)
    page.fill(FIND, "level:error")
    page.click("[data-part=filter]")
    expect(page.locator(".l .m")).to_have_text(["ERROR broken"])
    page.fill(FIND, "-out")
    expect(page.locator(".l .m")).to_have_text(["ERROR broken"])
    page.fill(FIND, "stream:stdout /out \\d$/ -5")
    expect(page.locator(".l")).to_have_count(8)
    docker_cli("exec", id, "sh", "-c", "echo out 0 > /proc/1/fd/1; echo other > /proc/1/fd/1")
    expect(page.locator(".l")).to_have_count(9)
    expect(page.locator(".l .m").last).to_have_text("out 0")
    page.click("[data-part=filter]")
    expect(page.locator(".l")).to_have_count(43)


def test_an_expression_that_never_ends_is_stopped_and_the_page_answers(
    page: Page, login: Login, container: Callable[..., str]
) -> None:
    open_log(page, login, container("sh", "-c", f"echo {'a' * 60}; sleep 3600"))
    page.fill(FIND, "/(a+)+b/")
    page.locator("[data-part=wrap]").click()  # answers while the worker is at it
    expect(page.locator("[data-part=wrap]")).to_have_attribute("aria-pressed", "false")
    problem = page.locator("[data-part=problem]")
    expect(problem).to_contain_text("takes too long")
    page.fill(FIND, "/a+$/")
    expect(page.locator(HITS)).to_have_text("1 match")
    expect(problem).to_be_empty()


def test_a_link_opens_a_long_log_at_its_lines(
    page: Page, login: Login, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    id = container("seq", "1", "30000")
    docker_cli("wait", id)
    open_log(page, login, id, "?tail=all", "Ended")
    page.fill(FIND, "/^12345$/")
    expect(page.locator(HITS)).to_have_text("1 match")
    page.press(FIND, "Enter")
    row = page.locator(".l.now")
    expect(row.locator(".m")).to_have_text("12345")
    page.locator(".l", has=page.get_by_text("12347", exact=True)).locator(".ln").click(
        modifiers=["Shift"]
    )
    expect(page.locator("[data-part=marked-text]")).to_have_text("Lines 12345 to 12347")
    page.click("[data-part=copy-lines]")
    assert page.evaluate("navigator.clipboard.readText()") == "12345\n12346\n12347"
    page.click("[data-part=copy-link]")
    link = page.evaluate("navigator.clipboard.readText()")
    page.goto("about:blank")
    page.goto(link.replace("tail=all", "tail=100"))
    expect(page.locator(".l.hit .m")).to_have_text(["12345", "12346", "12347"])
    expect(page.locator(".l.hit").first).to_be_in_viewport()


def test_what_needs_attention_leads_to_its_log_at_that_moment(
    page: Page, login: Login, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    """Though the container runs again since, and has logged 2,000 lines more."""
    id = container("sh", "-c", TWICE)
    docker_cli("wait", id)
    login(page)
    heard_of(page, "/", f"{id}/logs/#")
    page.goto("/")
    link = page.locator(f"#attention-list a[href*='{id}/logs/#']")
    here = str(link.get_attribute("href"))
    page.goto(heard_of(page, f"/hosts/local/containers/{id}/overview/", f"{id}/logs/#"))
    until(lambda: time.time_ns() > int(here.partition("#")[2]))  # what comes now is behind it
    docker_cli("start", id)
    page.goto(here)
    marked = page.locator(".l.hit .m")
    expect(marked).to_have_text("fatal: no shop.conf")
    expect(marked).to_be_in_viewport()
    expect(page.locator("[data-part=count]")).to_contain_text("2,500 lines")
    expect(marked).to_be_in_viewport()
    expect(page.locator(".l .m").first).to_have_text("1502")
