"""A host's events in a real tab: live at the top, paused, filtered, linked; without scripts."""

import secrets
from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

from tests.conftest import DockerCli
from tests.site import Site

Login = Callable[..., Page]
# 600 more rows below the two that are there: the page holds 500.
FILL = """() => {
  const place = document.getElementById("entries");
  for (let n = 0; n < 600; n++) {
    const row = place.lastElementChild.cloneNode(true);
    row.id = `filled-${n}`;
    place.append(row);
  }
}"""
EVENTS = "/hosts/local/events/"


def test_events_come_in_while_one_looks(
    page: Page, login: Login, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    name = f"ev-{secrets.token_hex(4)}"
    id = container(options=("--name", name))
    login(page).goto(f"{EVENTS}?q={name}")
    rows, live = page.locator("#entries tr"), page.locator("#live")
    expect(rows.filter(has_text="container start")).to_have_count(1)
    expect(live).to_have_text("Live")
    docker_cli("pause", id)
    expect(rows.first).to_contain_text("container pause")
    live.click()
    expect(live).to_have_text("Paused")
    docker_cli("unpause", id)
    expect(live).to_have_text("Paused: there is news")
    expect(rows.first).to_contain_text("container pause")
    live.click()
    expect(rows.first).to_contain_text("container unpause")
    page.locator("#q").fill(f"{name} action:pause")
    expect(rows).to_have_count(1)
    docker_cli("pause", id)
    expect(rows).to_have_count(2)
    page.evaluate(FILL)
    docker_cli("unpause", id)
    docker_cli("pause", id)
    expect(page.locator("#dropped")).to_have_text("103 older rows are not shown any more.")
    rows.first.get_by_role("link", name=name).click()
    page.wait_for_url(f"**/containers/{id}/")


def test_a_list_without_scripts(
    browser: Browser, server: Site, page: Page, login: Login, container: Callable[..., str]
) -> None:
    name = f"ev-{secrets.token_hex(4)}"
    container(options=("--name", name))
    login(page)
    bare = browser.new_context(base_url=server.url, java_script_enabled=False)
    bare.add_cookies(page.context.cookies())  # type: ignore[arg-type]
    tab = bare.new_page()
    tab.goto(EVENTS)
    tab.locator("#q").fill(f"{name} type:container")
    tab.get_by_role("button", name="Filter").click()
    expect(tab.locator("#entries tr").first).to_contain_text(name)
    bare.close()
