"""What a screen reader is given to say: a storm of events is no flood of words."""

import secrets
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.container_pages import LIST, Login, row
from tests.browser.test_events import EVENTS, FILL
from tests.browser.test_live import Line
from tests.browser.test_live import line as line
from tests.browser.waiting import heard_of
from tests.conftest import DockerCli

# Whatever changes in a live region, or comes as one: what is said in one breath counts once.
LISTEN = """() => {
  const quiet = ":not([aria-live=off])";
  const live = ["[aria-live=polite]", "[aria-live=assertive]", "output" + quiet,
    ...["status", "alert", "log"].map(role => `[role=${role}]` + quiet)].join();
  window.spoken = [];
  const say = region => {
    const words = region.textContent.trim();
    const last = spoken.at(-1);
    if (!words) return;
    if (last?.words === words && performance.now() - last.at < 100) return;
    spoken.push({ words, at: performance.now() });
  };
  new MutationObserver(records => {
    for (const { target, addedNodes } of records) {
      const around = (target.closest ? target : target.parentElement)?.closest(live);
      if (around) say(around);
      else for (const node of addedNodes)
        if (node.matches)
          [node, ...node.querySelectorAll(live)].filter(at => at.matches(live)).forEach(say);
    }
  }).observe(document, { subtree: true, childList: true, characterData: true });
}"""
FLOOD = "while :; do echo line; sleep 0.02; done"


def words(page: Page) -> list[str]:
    said: list[str] = page.evaluate("() => spoken.map(each => each.words)")
    return said


def opened(page: Page, address: str, there: str) -> Page:
    """A tab that listens, once that is in it."""
    tab = page.context.new_page()
    tab.goto(heard_of(page, address))
    expect(tab.locator(there).first).to_be_visible()
    expect(tab.locator("html.scripted")).to_be_attached()
    tab.evaluate(LISTEN)
    return tab


def test_a_storm_of_events_is_not_read_out(
    page: Page, login: Login, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    name = f"spoken-{secrets.token_hex(3)}"
    boxes = [
        container("sh", "-c", FLOOD, options=("--name", f"{name}-{n}", "--stop-timeout", "0"))
        for n in range(5)
    ]
    login(page)
    events = opened(page, f"{EVENTS}?q={name}", "#entries tr")
    events.evaluate(FILL)
    tabs = {
        "list": opened(page, f"{LIST}?q=name:{name}", f"#c-{boxes[4]}"),
        "logs": opened(page, f"{LIST}{boxes[0]}/logs/", ".l"),
        "stats": opened(page, f"{LIST}{boxes[0]}/stats/", "#stat-pids"),
        "jobs": opened(page, "/jobs/", "h1"),
        "events": events,
    }
    begun = time.monotonic()
    for shares in range(600, 610):
        docker_cli("update", "--cpu-shares", str(shares), *boxes)
    docker_cli("rename", boxes[4], f"{name}-end")
    expect(row(tabs["list"], boxes[4])).to_contain_text(f"{name}-end")
    expect(events.locator("#entries tr").first).to_contain_text("rename")
    expect(events.locator("#dropped")).to_be_visible()
    most = 1 + (time.monotonic() - begun) / 4
    for of, tab in tabs.items():
        assert len(words(tab)) <= most, (of, words(tab))


def test_a_lost_connection_is_told_once_and_its_end_once(page: Page, line: Line) -> None:
    page.evaluate(LISTEN)
    line.cut(1012)
    expect(page.locator("#livebar")).to_contain_text("Live updates paused")
    expect(page.locator("#live-news")).to_have_text("Live updates go on.")
    assert words(page) == ["Live updates are paused.", "Live updates go on."]


def test_what_a_page_asks_by_itself_fails_aloud_once(page: Page, line: Line) -> None:
    page.route(
        lambda address: LIST in address,
        lambda route: route.fulfill(status=503, body="no engine"),
    )
    again = "new CustomEvent('containers-changed', { bubbles: true, detail: {} })"
    page.evaluate(LISTEN)
    for _ in range(3):
        with page.expect_response(lambda answer: LIST in answer.url):
            page.evaluate(f"document.body.dispatchEvent({again})")
        expect(page.locator(".toast.bad")).to_have_count(1)
    assert len(words(page)) == 1


def test_many_files_are_told_of_with_pauses(
    page: Page, login: Login, container: Callable[..., str], tmp_path: Path
) -> None:
    id = container()
    login(page)
    tab = opened(page, f"{LIST}{id}/files/?path=/tmp", "[data-drop]")
    paths = [tmp_path / f"{n}.txt" for n in range(6)]
    for path in paths:
        path.write_text("x")
    begun = time.monotonic()
    tab.click("button[popovertarget=upload-form]")
    tab.set_input_files("[name=file]", [str(path) for path in paths])
    tab.click("#upload-form button.p")
    expect(tab.locator("#listing")).to_contain_text("5.txt", timeout=40_000)
    assert 1 <= len(words(tab)) <= 1 + (time.monotonic() - begun) / 4, words(tab)
