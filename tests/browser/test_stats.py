"""Stats in a real Chromium: numbers come, graphs are drawn, and they go on after a stop."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.axe import axe
from tests.browser.container_pages import LIST, Login
from tests.browser.container_pages import make as make
from tests.browser.waiting import heard_of
from tests.conftest import DockerCli

DRAWN = """id => { const made = document.querySelector(`#${id} canvas`);
  const seen = made.getContext("2d").getImageData(0, 0, made.width, made.height);
  return seen.data.some(Boolean); }"""
BUSY = "while :; do :; done"


def test_numbers_come_and_go_on_after_a_stop(
    page: Page, login: Login, make: Callable[..., str], docker_cli: DockerCli
) -> None:
    id = make("stats", "sh", "-c", BUSY, options=("--memory", "64m", "--cpus", "0.1"))
    login(page)
    page.goto(heard_of(page, f"{LIST}{id}/"))
    page.get_by_role("link", name="Stats", exact=True).click()
    expect(page.locator("#stat-cpu")).to_have_text(re.compile(r"^\d+\.\d %$"))
    expect(page.locator("#stat-memory")).to_have_text(re.compile(r"iB of 64\.0 MiB$"))
    expect(page.locator("#stat-pids")).to_have_text("1")
    for name in ("cpu", "memory", "network", "blocks"):
        assert page.evaluate(DRAWN, f"plot-{name}")
    page.get_by_role("link", name="PID", exact=True).click()
    expect(page.locator('[aria-sort="ascending"]')).to_have_text("PID")
    expect(page).to_have_url(re.compile(r"\?sort=pid$"))
    assert axe(page) == []
    docker_cli("kill", id)
    expect(page.locator("#stats-state")).to_contain_text("It does not run")
    expect(page.locator("#top")).to_contain_text("there are no processes")
    docker_cli("start", id)
    expect(page.locator("#stats-state")).to_have_text("")
    expect(page.locator("#top")).to_contain_text("while :")
