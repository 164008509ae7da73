"""A terminal whose network is cut comes back, with what ran in it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.cable import Cable, cable_to
from tests.browser.terminal_page import box as box
from tests.browser.terminal_page import enter, go, screen, shows
from tests.conftest import DockerCli
from tests.runtime import until
from tests.site import Site


@pytest.fixture
def far(
    browser: Browser, server: Site, admin_cookies: Any, box: str
) -> Iterator[tuple[Page, Cable]]:
    """The terminal page of ``box`` at the far end of a cable."""
    with cable_to(server.url) as cable:
        context = browser.new_context(base_url=cable.url, viewport={"width": 1280, "height": 800})
        context.add_cookies(admin_cookies)
        page = context.new_page()
        go(page, box)
        yield page, cable
        page.get_by_role("button", name="End").click()
        context.close()


def lose(page: Page, cable: Cable, seconds: int) -> None:
    """The network is gone for so long; then the terminal is back."""
    state = page.locator("[data-part=state]")
    cable.cut()
    expect(state).to_contain_text("Connection lost")
    page.wait_for_timeout(seconds * 1000)
    cable.mend()
    expect(state).to_contain_text("Connected", timeout=60_000)


@pytest.mark.parametrize("seconds", [3, pytest.param(20, marks=pytest.mark.long)])
def test_top_survives_a_network_cut(
    far: tuple[Page, Cable], box: str, docker_cli: DockerCli, seconds: int
) -> None:
    page, cable = far
    enter(page, "top -d 1")
    shows(page, "PID PPID")
    process = docker_cli("exec", box, "pidof", "top").stdout
    lose(page, cable, seconds)
    before = screen(page)
    until(lambda: screen(page) != before)  # its numbers go on
    page.wait_for_timeout(300)
    rows = screen(page).splitlines()
    assert len([row for row in rows if "PID  PPID" in row]) == 1
    assert len([row for row in rows if "top -d 1" in row]) == 1
    assert docker_cli("exec", box, "pidof", "top").stdout == process


@pytest.mark.long
def test_a_network_cut_loses_nothing(far: tuple[Page, Cable]) -> None:
    page, cable = far
    step = 'n=$((n+1)); printf "$n "; [ $((n % 20)) = 0 ] && echo; sleep 0.1'
    enter(page, f"n=0; clear; while [ $n -lt 300 ]; do {step}; done")
    shows(page, "8 9 10")
    lose(page, cable, 20)
    shows(page, "299 300", 60)
    assert [int(n) for n in re.findall(r"\d+", screen(page))] == list(range(1, 301))
