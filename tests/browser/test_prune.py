"""Prune in a real tab: options, the preview, the word that is typed, the result; without scripts,
too. Everything has a label of the test's own: the engine is shared."""

import re
from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

from tests.browser.waiting import done_without_scripts
from tests.conftest import DockerCli
from tests.pruning.conftest import Rubbish
from tests.pruning.conftest import rubbish as rubbish
from tests.site import Site

Login = Callable[..., Page]


def test_preview_confirm_result(
    page: Page, login: Login, rubbish: Rubbish, docker_cli: DockerCli
) -> None:
    rubbish.volume("prune-shown")
    rubbish.filled("prune-shown", 5000)
    login(page).goto("/hosts/local/prune/volumes/")
    page.get_by_label("Labels").fill(rubbish.mark)
    page.get_by_label("Named ones, too").check()
    page.get_by_role("button", name="Look").click()
    expect(page.locator("[data-preview] tbody tr")).to_have_count(1)
    expect(page.locator("[data-preview]")).to_contain_text("prune-shown")
    size = page.locator("[data-bytes]").get_attribute("data-bytes")
    rubbish.volume("prune-later")
    remove = page.get_by_role("button", name="Remove 1 object")
    page.get_by_label("Type local to confirm").fill("locale")
    expect(remove).to_be_disabled()
    page.get_by_label("Type local to confirm").fill("local")
    remove.click()
    page.wait_for_url("**/jobs/*/")
    expect(page.locator("[data-state]")).to_have_text("Done")
    expect(page.locator("[data-reclaimed]")).to_have_attribute("data-reclaimed", str(size))
    expect(page.locator(".went")).to_have_text(re.compile("prune-shown"))
    left = docker_cli("volume", "ls", "-q", "--filter", f"label={rubbish.mark}").stdout.split()
    assert left == ["prune-later"]


def test_without_a_script_it_is_a_page_and_two_forms(
    browser: Browser, server: Site, page: Page, login: Login, rubbish: Rubbish
) -> None:
    rubbish.stopped("prune-bare")
    login(page)
    bare = browser.new_context(base_url=server.url, java_script_enabled=False)
    bare.add_cookies(page.context.cookies())  # type: ignore[arg-type]
    tab = bare.new_page()
    tab.goto("/hosts/local/prune/containers/")
    tab.get_by_label("Labels").fill(rubbish.mark)
    tab.get_by_role("button", name="Look").click()
    expect(tab.locator("[data-preview]")).to_contain_text("prune-bare")
    tab.get_by_role("button", name="Remove 1 object").click()
    tab.wait_for_url("**/jobs/*/")
    done_without_scripts(tab)
    expect(tab.locator(".went")).to_contain_text("prune-bare")
    bare.close()
