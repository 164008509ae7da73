"""Containers in a real Chromium: the list follows the engine, keeps what one does, and says why."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import axe, axe_in_both_themes
from tests.browser.container_pages import LIST, Login, opened, row, tick
from tests.browser.container_pages import make as make
from tests.conftest import DockerCli


def test_a_ticked_row_keeps_nobody_out(page: Page, login: Login, make: Callable[..., str]) -> None:
    id = make("ticked")
    opened(page, login)
    tick(page, id).check()
    expect(page.get_by_role("toolbar", name="Selected containers")).to_be_visible()
    assert axe_in_both_themes(page) == []


def test_the_list_follows_the_command_line(
    page: Page, login: Login, make: Callable[..., str], docker_cli: DockerCli
) -> None:
    first = make("follow-1")
    opened(page, login)
    expect(row(page, first).get_by_text("Running")).to_be_visible()
    tick(page, first).check()
    row(page, first).get_by_role("link", name="clb-follow-1", exact=True).focus()
    second = make("follow-2")
    expect(row(page, second)).to_be_visible(timeout=2000)
    docker_cli("stop", "-t", "0", second)
    expect(row(page, second).get_by_text("Exited (137)")).to_be_visible(timeout=2000)
    docker_cli("rename", second, "clb-renamed")
    expect(row(page, second).get_by_text("clb-renamed")).to_be_visible(timeout=2000)
    docker_cli("rm", second)
    expect(row(page, second)).to_have_count(0, timeout=2000)
    expect(tick(page, first)).to_be_checked()
    assert page.evaluate("document.activeElement.textContent") == "clb-follow-1"


def test_rows_on_the_screen_show_what_they_use_through_every_refresh(
    page: Page, login: Login, make: Callable[..., str], docker_cli: DockerCli
) -> None:
    id = make(
        "use", "sh", "-c", "while :; do :; done", options=("--memory", "64m", "--cpus", "0.1")
    )
    opened(page, login, "?q=name:clb-use")
    cpu, memory = row(page, id).locator("td.cpu"), row(page, id).locator("td.mem")
    expect(cpu).to_have_text(re.compile(r"^\d+\.\d%$"))
    expect(cpu.locator("path")).to_have_attribute("d", re.compile(r"^M\d"))
    expect(memory).to_have_text(re.compile(r"^[\d.]+ [KM]iB$"))
    expect(memory.locator("meter")).to_have_attribute("max", str(64 * 2**20))
    page.evaluate("document.querySelector('td.cpu').firstChild.dataset.kept = 'yes'")
    docker_cli("rename", id, "clb-use-2")
    expect(row(page, id).get_by_text("clb-use-2")).to_be_visible()
    assert cpu.locator("[data-kept]").count() == 1
    together_on_the_overview(page.context.new_page(), id, docker_cli)
    page.evaluate(LATE)
    docker_cli("kill", id)
    expect(row(page, id).get_by_text("Exited (137)")).to_be_visible()
    assert page.evaluate("late") == []
    expect(cpu).to_be_empty()
    expect(memory).to_be_empty()


# What a row that does not run any more says of its use, at any moment.
LATE = """() => {
  window.late = [];
  const row = document.querySelector("tr[data-row]");
  new MutationObserver(() => {
    const used = [...row.querySelectorAll("td.cpu, td.mem")].map((cell) => cell.textContent);
    if (row.textContent.includes("Exited") && used.join("")) late.push(used);
  }).observe(row, {subtree: true, childList: true, characterData: true});
}"""


def together_on_the_overview(page: Page, id: str, docker_cli: DockerCli) -> None:
    page.goto("/")
    cpu, memory = page.locator("#sum-cpu-local"), page.locator("#sum-memory-local")
    expect(cpu).to_have_text(re.compile(r"^running containers use \d+\.\d+"))
    expect(cpu.locator("path")).to_have_attribute("d", re.compile(r"^M\d"))
    expect(memory).to_have_text(re.compile(r"^running containers use [\d.]+ [KM]iB"))
    page.evaluate("document.querySelector('#sum-cpu-local').firstChild.dataset.kept = 'yes'")
    with page.expect_response(lambda answer: answer.url.endswith("/")):
        docker_cli("rename", id, "clb-use-3")
    expect(cpu.locator("[data-kept]")).to_be_attached()
    page.close()


def test_a_filter_by_what_is_used_measures_while_the_list_is_open(
    page: Page, login: Login, make: Callable[..., str]
) -> None:
    small, large = make("swept-small"), make("swept-large", "sh", "-c", "sleep 3600 & wait")
    opened(page, login, "?q=name:clb-swept+mem:>1k+sort:-mem")
    expect(row(page, small)).to_be_visible()
    expect(row(page, large)).to_be_visible()
    page.get_by_role("link", name="Name").click()
    expect(page.locator("#q")).to_have_value("name:clb-swept mem:>1k")
    page.locator("#q").fill("name:clb-swept mem:>1t")
    expect(page.get_by_text("No container matches")).to_be_visible()


# Kept so, for an answer that is still under way brings the true number back.
PRETEND_LONG = """() => {
  const pretend = () => {
    const { dataset } = document.getElementById("rows");
    if (dataset.total !== "999") dataset.total = "999";
  };
  new MutationObserver(pretend).observe(document.getElementById("list"), {
    subtree: true, childList: true, attributes: true, attributeFilter: ["data-total"] });
  pretend();
}"""


def test_a_long_list_follows_by_its_changed_rows_alone(
    page: Page, login: Login, make: Callable[..., str], docker_cli: DockerCli
) -> None:
    one, three = make("long-1"), make("long-3")
    opened(page, login, "?q=name:clb-long&group=none")
    expect(row(page, three).get_by_text("Running")).to_be_visible()
    tick(page, one).check()
    asked: list[str] = []
    page.evaluate(PRETEND_LONG)
    page.on("request", lambda request: asked.append(request.url))
    docker_cli("pause", one)
    expect(row(page, one).get_by_text("Paused")).to_be_visible(timeout=2000)
    expect(tick(page, one)).to_be_checked()
    two = make("long-2", start=False)
    expect(row(page, two)).to_be_visible(timeout=2000)
    order = page.eval_on_selector_all("[data-row]", "rows => rows.map(row => row.id.slice(2))")
    assert order == [one, two, three]
    docker_cli("rm", "-f", three)
    expect(row(page, three)).to_have_count(0, timeout=2000)
    lists = [url for url in asked if f"{LIST}?" in url]
    assert lists
    assert all("ids=" in url for url in lists)


def test_a_row_stops_and_starts_with_its_name_in_the_question(
    page: Page, login: Login, make: Callable[..., str]
) -> None:
    id = make("verbs", "sh", "-c", "trap 'sleep 2; exit 0' TERM; while :; do sleep 0.1; done")
    opened(page, login)
    row(page, id).get_by_role("link", name="Stop clb-verbs").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Stop clb-verbs?")).to_be_visible()
    expect(dialog.get_by_role("link", name="Cancel")).to_be_focused()
    assert axe(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(row(page, id).get_by_role("link", name="Stop clb-verbs")).to_be_focused()
    page.keyboard.press("Enter")
    dialog.get_by_role("button", name="Stop").click()
    expect(row(page, id).get_by_text("Stopping…")).to_be_visible(timeout=900)
    expect(row(page, id).get_by_text("Exited (0)")).to_be_visible()
    expect(page.locator(".toast")).to_contain_text("clb-verbs was stopped.")
    expect(page.locator(".toast code")).to_contain_text("docker stop --time=")
    expect(page.locator(".toast [data-copy]")).to_be_visible()
    expect(dialog).to_be_hidden()
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator(".toast")).to_contain_text("clb-verbs was started.")  # and only that
    expect(row(page, id).get_by_text("Running")).to_be_visible()
    row(page, id).get_by_role("button", name="Restart clb-verbs").click()
    expect(page.get_by_text("clb-verbs was restarted.")).to_be_visible()
    for width in (1440, 1341, 1181, 1081, 941, 721):  # where a column more has just come
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") == width


def test_what_is_under_way_is_said_through_every_refresh_until_there_is_news(
    page: Page, login: Login, make: Callable[..., str], docker_cli: DockerCli
) -> None:
    id, other = make("way", "sh", "-c", "trap '' TERM; while :; do sleep 0.1; done"), make("way-2")
    quick = make("way-3", "sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.1; done")
    opened(page, login, "?q=name:clb-way&group=none")
    for each in (id, quick):
        tick(page, each).check()
    bar = page.get_by_role("toolbar", name="Selected containers")
    bar.get_by_role("button", name="Stop").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Seconds to wait").fill("6")
    dialog.get_by_role("button", name="Stop").click()
    expect(row(page, id).get_by_text("Stopping…")).to_be_visible()
    expect(row(page, quick).get_by_text("Exited (0)")).to_be_visible()
    docker_cli("rename", other, "clb-way-4")
    expect(row(page, other).get_by_text("clb-way-4")).to_be_visible()
    expect(row(page, id).get_by_text("Running")).to_have_count(0)
    expect(row(page, id).get_by_text("Exited (137)")).to_be_visible()


def test_the_menu_renames_and_pauses(page: Page, login: Login, make: Callable[..., str]) -> None:
    id = make("menu")
    opened(page, login)
    menu = page.locator("#row-menu")
    row(page, id).get_by_role("link", name="More clb-menu").click()
    menu.get_by_role("button", name="Pause").click()
    expect(row(page, id).get_by_text("Paused")).to_be_visible()
    expect(menu).to_be_hidden()
    row(page, id).get_by_role("link", name="More clb-menu").click()
    menu.get_by_role("button", name="Unpause").click()
    expect(row(page, id).get_by_text("Running")).to_be_visible()
    row(page, id).get_by_role("link", name="More clb-menu").click()
    menu.get_by_role("link", name="Rename…").click()
    name = page.get_by_role("dialog").get_by_label("New name")
    name.fill("no good")
    page.get_by_role("dialog").get_by_role("button", name="Rename").click()
    expect(page.get_by_text("begins with a letter or digit")).to_be_visible()
    name.fill("clb-better")
    page.get_by_role("dialog").get_by_role("button", name="Rename").click()
    expect(row(page, id).get_by_text("clb-better")).to_be_visible()


def test_it_all_works_without_javascript(
    browser: Browser, server: Any, admin_cookies: Any, make: Callable[..., str]
) -> None:
    id = make("plain")
    context = browser.new_context(base_url=server.url, java_script_enabled=False)
    context.add_cookies(admin_cookies)
    page = context.new_page()
    page.goto(f"{LIST}?q=name:clb-plain")
    page.get_by_role("link", name="Filter", exact=True).click()
    page.get_by_role("button", name="Running").click()
    expect(page).to_have_url(re.compile("state%3Arunning"))
    page.goto(f"{LIST}?q=name:clb-plain")
    row(page, id).get_by_role("link", name="Stop clb-plain").click()
    page.get_by_label("Seconds to wait").fill("0")
    page.get_by_role("button", name="Stop").click()
    expect(page).to_have_url(re.compile(r"\?q=name:clb-plain$"))
    expect(page.get_by_text("clb-plain was stopped.")).to_be_visible()
    row(page, id).get_by_role("button", name="Start clb-plain").click()
    expect(page.get_by_text("clb-plain was started.")).to_be_visible()
    row(page, id).get_by_role("link", name="clb-plain", exact=True).click()
    page.get_by_role("link", name="Show it").click()
    expect(page.get_by_text("The equal docker run line")).to_be_visible()
    page.get_by_role("link", name="More").click()
    page.get_by_role("link", name="Rename…").last.click()  # the head has one, too
    page.get_by_label("New name").fill("clb-plain-2")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_role("heading", name="clb-plain-2")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name="clb-plain", exact=True)).to_be_visible()
    page.goto(f"{LIST}?q=name:clb-plain")
    tick(page, id).check()
    page.get_by_role("button", name="Remove…").click()
    page.get_by_label("Kill those that run first").check()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("All done")).to_be_visible()
    context.close()


def test_keys_walk_tick_and_ask(page: Page, login: Login, make: Callable[..., str]) -> None:
    one, two = make("keys-1"), make("keys-2")
    opened(page, login, "?q=name:clb-keys")
    expect(row(page, two)).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(tick(page, two)).to_be_checked()
    expect(tick(page, one)).not_to_be_checked()
    page.keyboard.press("s")
    expect(page.get_by_role("heading", name="Stop clb-keys-2?")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"{two}/$"))
