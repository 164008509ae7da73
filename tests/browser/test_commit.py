"""A commit in a real Chromium: from the tab of changes to the image that was made."""

import secrets
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.axe import axe
from tests.browser.container_pages import LIST, LOOKS, Login
from tests.browser.container_pages import make as make
from tests.browser.waiting import heard_of
from tests.conftest import DockerCli


def test_from_the_changes_to_the_image(
    page: Page, login: Login, make: Callable[..., str], docker_cli: DockerCli
) -> None:
    name = f"clb-commit-{secrets.token_hex(4)}/app:1"
    id = make("commit", options=("-e", "DB_PASSWORD=hunter2"))
    login(page)
    page.goto(heard_of(page, f"{LIST}{id}/changes/"))
    page.get_by_role("link", name="Commit as image…").click()
    expect(page.get_by_text("secrets too: DB_PASSWORD.")).to_be_visible()
    expect(page.locator("#commit-preview[data-htmx-powered]")).to_be_attached()  # it listens
    line = page.locator("#commit-preview code")
    page.get_by_label("Variables").fill("MODE=x y")
    page.get_by_label("Ports").fill("99999")
    expect(page.locator("#commit-preview")).to_contain_text("99999")
    page.get_by_role("button", name="Commit as image").click()
    expect(page.get_by_label("Ports")).to_have_attribute("aria-invalid", "true")
    for theme, (width, height) in LOOKS:
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        assert axe(page, theme) == [], (theme, width)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
    page.get_by_label("Ports").fill("8080")
    page.get_by_label("Name").fill(name)
    expect(line).to_contain_text(name)
    page.get_by_role("button", name="Commit as image").click()
    page.get_by_role("link", name="Open the image").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    said = docker_cli("inspect", "-f", "{{.Config.Env}} {{.Config.ExposedPorts}}", name).stdout
    assert "MODE=x y" in said
    assert "8080/tcp" in said
    docker_cli("rmi", name)
