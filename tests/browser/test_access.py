"""People, teams and grants in a real Chromium: a team and its grant are made, and read back."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

Login = Callable[..., Page]
WORDS = "correct horse battery"


@pytest.fixture(scope="session")
def made(browser: Browser, server: Any, admin_cookies: Any) -> str:
    """A person in a team with a grant, made once by the pages; the person's address."""
    context = browser.new_context(base_url=server.url)
    context.add_cookies(admin_cookies)
    page = context.new_page()
    page.goto("/people/add/")
    page.fill("input[name=username]", "kim")
    page.fill("input[name=password1]", WORDS)
    page.fill("input[name=password2]", WORDS)
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/people/*/")
    person = page.url
    page.goto("/teams/add/")
    page.fill("input[name=name]", "Shop")
    page.fill("input[name=slug]", "shop")
    page.get_by_label("kim").check()
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Add grant").click()
    page.select_option("select[name=host]", "local")
    page.select_option("select[name=role]", "developer")
    page.check("input[value='container.exec']")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/teams/shop/")
    context.close()
    return person


def test_a_team_its_grant_and_what_comes_of_it(page: Page, login: Login, made: str) -> None:
    login(page).goto("/teams/shop/")
    expect(page.get_by_role("table", name="Grants")).to_contain_text("container.exec")
    page.goto(made)
    expect(page.get_by_role("table", name="On local")).to_contain_text("team shop, grant")
    page.context.clear_cookies()
    login(page, "kim", WORDS)
    page.goto("/hosts/local/containers/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("tr[data-row]")).to_have_count(0)
    assert page.goto("/teams/").status == 403
