"""Networks and limits in a real Chromium: from a network's creation to its end."""

import json
import secrets
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Error, Page, Route, expect

from tests.browser.waiting import heard_of
from tests.conftest import DockerCli

Login = Callable[..., Page]
LIST = "/hosts/local/networks/"
PASSING = ("ERR_NETWORK_CHANGED", "ERR_ABORTED", "interrupted by another navigation")


@pytest.fixture
def mark(docker_cli: DockerCli) -> Iterator[str]:
    """The beginning of the names of networks, which are gone after the test."""
    made = f"nb-{secrets.token_hex(4)}"
    yield made
    left = docker_cli("network", "ls", "--quiet", "--filter", f"name={made}").stdout.split()
    if left:
        docker_cli("network", "rm", *left, check=False)


def fetched(route: Route) -> None:
    """What htmx asks goes past the browser's own network: it drops what it is loading when a
    bridge comes or goes."""
    if route.request.resource_type == "fetch":
        route.fulfill(response=route.fetch())
    else:
        route.fallback()


def opened(page: Page, address: str) -> None:
    """A page itself cannot go past it, and what the page itself leaves for may come between: then
    once more."""
    heard_of(page, address)
    for left in range(9, -1, -1):
        try:
            page.goto(address)
            return
        except Error as error:
            if not any(reason in str(error) for reason in PASSING) or not left:
                raise
            time.sleep(0.3)


def there(page: Page, ask: Callable[[], Any]) -> Any:
    """What is asked of the engine, once it says something; the page goes on meanwhile."""
    for _ in range(100):
        if found := ask():
            return found
        page.wait_for_timeout(200)
    raise AssertionError("it did not happen in time")


@pytest.fixture
def steady(page: Page, login: Login, complaints: list[str]) -> Iterator[Page]:
    page.route("**/hosts/**", fetched)
    yield login(page)
    complaints[:] = [each for each in complaints if "ERR_NETWORK_CHANGED" not in each]


def test_a_network_from_its_creation_to_its_end(
    steady: Page,
    mark: str,
    container: Callable[..., str],
    docker_cli: DockerCli,
) -> None:
    page, name = steady, f"{mark}-net"
    box = container("sleep", "600", options=("--network", "bridge", "--name", mark), start=False)
    opened(page, LIST)
    expect(page.locator("#list .t")).to_be_visible()
    page.get_by_role("link", name="Create network").click()
    page.get_by_label("Name").fill("bridge")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_text("is a network of the engine's own")).to_be_visible()
    page.get_by_label("Name").fill(name)
    page.get_by_label("Labels").fill("tier=back")
    page.get_by_role("button", name="Create").click(no_wait_after=True)
    known = ("network", "inspect", "-f", "{{.Id}} {{.Labels}}", name)
    id, labels = there(page, lambda: docker_cli(*known, check=False).stdout.split())
    assert labels == "map[tier:back]"
    opened(page, f"{LIST}{id}/")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    page.get_by_role("link", name="Connect…").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Container").select_option(label=mark)
    dialog.get_by_label("Further names there").fill("db")
    dialog.get_by_role("button", name="Connect").click()
    row = page.locator(f"#c-{box}")
    expect(row).to_contain_text(mark)
    told = json.loads(docker_cli("inspect", box).stdout)[0]["NetworkSettings"]["Networks"]
    assert "db" in told[name]["Aliases"]
    row.get_by_role("link", name=f"Disconnect {mark}").click()
    expect(dialog).to_contain_text("It goes on running")
    dialog.get_by_role("button", name="Disconnect").click()
    expect(page.get_by_text("No container is in it.")).to_be_visible()
    page.locator("#head").get_by_role("link", name="Remove…").click()
    dialog.get_by_role("button", name="Remove").click()
    there(page, lambda: docker_cli("network", "inspect", name, check=False).returncode)
    opened(page, f"{LIST}?q={mark}")
    expect(page.get_by_text("No network fits the filter")).to_be_visible()


def test_limits_are_changed_where_they_stand(
    steady: Page, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    page, box = steady, container(options=("-m", "64m"))
    opened(page, f"/hosts/local/containers/{box}/")
    card = page.locator("section", has=page.locator("#card-limits"))
    card.get_by_role("link", name="Change").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Memory limit").fill("1m")
    dialog.get_by_role("button", name="Change").click()
    expect(dialog).to_contain_text("The least memory")
    dialog.get_by_label("Memory limit").fill("96m")
    dialog.get_by_label("Restart", exact=True).select_option("on-failure")
    dialog.get_by_role("button", name="Change").click()
    expect(card).to_contain_text("96.0 MiB")
    expect(card).to_contain_text("on-failure")
    expect(page.get_by_text("docker update --memory=96m")).to_be_visible()
    form = "{{.HostConfig.Memory}} {{.HostConfig.RestartPolicy.Name}}"
    assert docker_cli("inspect", "-f", form, box).stdout.split() == [str(96 * 2**20), "on-failure"]
