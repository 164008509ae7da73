"""The face in a real Chromium: accessible in both themes and sizes, and its small scripts."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import axe, axe_in_both_themes
from tests.site import Site

Login = Callable[..., Page]


@pytest.fixture
def guide(page: Page, login: Login) -> Page:
    """The styleguide, logged in, 1440 by 900."""
    login(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto("/styleguide/")
    return page


def test_a_refused_login_keeps_nobody_out(page: Page) -> None:
    page.goto("/login/")
    page.get_by_label("Username").fill("nobody")
    page.get_by_label("Password").fill("nothing at all")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert axe_in_both_themes(page) == []


def test_axe_sees_a_control_without_words(guide: Page) -> None:
    guide.evaluate("document.querySelector('main button.ib').removeAttribute('aria-label')")
    guide.evaluate("document.querySelector('main button.ib').removeAttribute('title')")
    assert "button-name" in [violation["rule"] for violation in axe(guide)]


def test_open_menu_dialog_and_messages_keep_nobody_out(guide: Page) -> None:
    guide.get_by_role("button", name="Dialog").click()
    show_toast(guide, "bad", "The engine cannot be reached.")
    assert axe(guide) == []
    guide.locator("#sg-dialog").get_by_role("button", name="Cancel").click()
    guide.locator("[popovertarget=sg-menu]").click()
    assert axe(guide) == []


def show_toast(page: Page, level: str, message: str) -> None:
    page.evaluate(
        "detail => document.body.dispatchEvent(new CustomEvent('toast', {bubbles: true, detail}))",
        {"level": level, "message": message},
    )


def test_theme_is_kept_on_the_server(guide: Page) -> None:
    guide.get_by_role("button", name="Appearance").click()
    with guide.expect_response("**/account/appearance/"):
        guide.locator("#looks-menu").get_by_text("Dark").click()
    assert guide.locator("html").get_attribute("data-theme") == "dark"
    guide.reload()
    assert guide.locator("html").get_attribute("data-theme") == "dark"
    guide.get_by_role("button", name="Appearance").click()
    with guide.expect_response("**/account/appearance/"):
        guide.locator("#looks-menu").get_by_text("System").click()


def test_rows_by_key(guide: Page) -> None:
    guide.keyboard.press("j")
    guide.keyboard.press("j")
    guide.keyboard.press("x")
    expect(guide.locator(".bulk")).to_be_visible()
    expect(guide.locator("[data-pick-count]")).to_have_text("1 selected")
    assert guide.get_by_label("Tick shop-worker-1").is_checked()
    guide.keyboard.press("k")
    expect(guide.get_by_role("link", name="shop-web", exact=True).last).to_be_focused()


def test_keys_rest_in_a_field_and_when_switched_off(guide: Page) -> None:
    guide.keyboard.press("/")
    expect(guide.get_by_label("Filter containers")).to_be_focused()
    guide.keyboard.type("jx?")
    expect(guide.get_by_label("Filter containers")).to_have_value("jx?")
    expect(guide.locator("#dialog")).to_be_hidden()
    guide.get_by_label("Filter containers").blur()
    guide.evaluate("document.body.dataset.shortcuts = 'off'")
    guide.keyboard.press("?")
    expect(guide.locator("#dialog")).to_be_hidden()


def test_dialog_gives_focus_back(guide: Page) -> None:
    opener = guide.get_by_role("button", name="Dialog")
    opener.click()
    expect(guide.locator("#sg-dialog").get_by_role("button", name="Cancel")).to_be_focused()
    guide.keyboard.press("Escape")
    expect(opener).to_be_focused()


def test_arrow_keys_walk_a_menu(guide: Page) -> None:
    guide.locator("[popovertarget=sg-menu]").click()
    guide.keyboard.press("ArrowDown")
    guide.keyboard.press("End")
    expect(guide.locator("#sg-menu button.d")).to_be_focused()
    guide.keyboard.press("Escape")
    expect(guide.locator("#sg-menu")).to_be_hidden()


def test_bad_message_stays_and_is_kept_in_the_list(guide: Page) -> None:
    guide.clock.install()
    show_toast(guide, "ok", "Stopped shop-web.")
    show_toast(guide, "bad", "Port is already allocated.")
    guide.clock.run_for(7000)
    expect(guide.locator("#toasts .toast")).to_have_count(1)
    expect(guide.locator("#toasts")).to_contain_text("Port is already allocated.")
    guide.get_by_role("button", name="Messages").click()
    expect(guide.locator("#bell-list p")).to_have_count(2)


def test_times_read_in_the_persons_language(guide: Page) -> None:
    guide.evaluate(
        """() => {
          const time = document.createElement("time");
          time.id = "probe";
          time.dataset.time = "for";
          time.dateTime = new Date(Date.now() - 3 * 86400e3 - 5000).toISOString();
          document.querySelector("main").append(time);
          time.parentElement.dispatchEvent(new CustomEvent("times-added", {bubbles: true}));
        }"""
    )
    expect(guide.locator("#probe")).to_have_text("3 days")


def test_without_javascript_the_appearance_form_works(
    browser: Browser, server: Site, admin_cookies: Any
) -> None:
    context = browser.new_context(base_url=server.url, java_script_enabled=False)
    context.add_cookies(admin_cookies)
    page = context.new_page()
    page.goto("/styleguide/")
    for density in ("Compact", "Comfortable"):
        page.get_by_role("button", name="Appearance").click()
        page.locator("#looks-menu").get_by_text(density).click()
        page.get_by_role("button", name="Apply").click()
        assert page.locator("html").get_attribute("data-density") == density.lower()
    context.close()
