"""The switch of the language in a browser: before a login, and by the person in their menu."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.site import Site


def test_the_language_is_chosen_at_the_door(page: Page) -> None:
    page.goto("/login/")
    page.get_by_role("button", name="简体中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Log in")).to_be_visible()


@pytest.fixture
def english_again(server: Site, page: Page) -> Callable[[], None]:
    def choose() -> None:
        page.get_by_role("button", name="外观").click()
        page.locator("#looks-menu").get_by_text("English").click()
        expect(page.locator("html")).to_have_attribute("lang", "en")

    return choose


def test_a_person_switches_and_times_follow(
    page: Page, login: Callable[..., Page], english_again: Callable[[], None]
) -> None:
    login(page).goto("/account/sessions/")
    page.get_by_role("button", name="Appearance").click()
    page.locator("#looks-menu").get_by_text("简体中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    try:
        expect(page.get_by_role("heading", name="登录与会话")).to_be_visible()
        expect(page.locator("time[data-time=ago]").first).to_have_text(re.compile("前|现在"))
    finally:
        english_again()
