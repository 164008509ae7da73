"""The pages of one container in a real Chromium: they follow it to its end."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.container_pages import LIST, Login
from tests.browser.container_pages import make as make
from tests.conftest import DockerCli


def test_the_page_of_one_follows_it_to_its_end(
    page: Page, login: Login, make: Callable[..., str], docker_cli: DockerCli
) -> None:
    id = make("page", options=("-e", "API_KEY=hunter2hunter2"))
    login(page).goto(f"{LIST}clb-page/")
    expect(page).to_have_url(re.compile(f"{id}/$"))
    expect(page.get_by_text("API_KEY", exact=True)).to_be_visible()
    assert "hunter2" not in page.content()
    docker_cli("pause", id)
    expect(page.locator("#head").get_by_text("Paused")).to_be_visible(timeout=2000)
    docker_cli("unpause", id)
    docker_cli("stop", "-t", "0", id)
    expect(page.locator("#head").get_by_text("Exited (137)")).to_be_visible(timeout=2000)
    docker_cli("rm", id)
    expect(page.get_by_text("This container is gone.")).to_be_visible(timeout=2000)
    expect(page.locator(".toast.bad")).to_have_count(0)


def test_deleting_from_its_page_goes_on_to_the_list(
    page: Page, login: Login, make: Callable[..., str]
) -> None:
    id = make("deleted", "true", options=("-v", "/anonymous"))
    login(page).goto(f"{LIST}{id}/")
    page.locator("#head").get_by_role("link", name="Remove…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("anonymous volume, removed if ticked")
    dialog.get_by_label("Remove its anonymous volumes too").check()
    dialog.get_by_role("button", name="Remove").click()
    expect(page).to_have_url(re.compile(f"{LIST}$"))
    expect(page.get_by_text("clb-deleted was removed.")).to_be_visible()


def test_the_tree_is_searched_while_one_types(
    page: Page, login: Login, make: Callable[..., str]
) -> None:
    id = make("tree")
    login(page).goto(f"{LIST}{id}/inspect/")
    expect(page.locator("#tree").get_by_text("HostConfig", exact=True)).to_be_visible()
    page.get_by_role("searchbox", name="Search keys and values").fill("restartpolicy")
    expect(page.locator("#tree").get_by_text("MaximumRetryCount")).to_be_visible()
    expect(page.locator("#tree").get_by_text("NetworkSettings", exact=True)).to_have_count(0)
