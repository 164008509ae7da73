"""Two-step login in a real browser, and the question who one is before a terminal as root."""

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pyotp
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import axe
from tests.browser.conftest import sign_in
from tests.browser.terminal_page import box as box
from tests.browser.terminal_page import shows
from tests.browser.terminal_page import term as term
from tests.site import Site

Login = Callable[..., Page]
NAME, PASSWORD = "quinn", "a long enough secret"


def test_set_up_and_log_in_with_a_code(
    page: Page, login: Login, server: Site, browser: Browser
) -> None:
    login(page).goto("/people/add/")
    page.fill("[name=username]", NAME)
    for field in ("password1", "password2"):
        page.fill(f"[name={field}]", PASSWORD)
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/people/*/")
    own = browser.new_context(base_url=server.url, locale="en-US").new_page()
    sign_in(own, NAME, PASSWORD)
    own.goto("/account/second-factor/")
    expect(own.get_by_role("img", name="QR code for the authenticator app")).to_be_visible()
    assert axe(own) == []
    own.get_by_text("Type it in instead").click()
    app = pyotp.TOTP(own.locator("details code").inner_text().replace(" ", ""))
    own.get_by_label("Code that the app shows now").fill(app.now())
    own.get_by_role("button", name="Turn on").click()
    expect(own.locator("#recovery")).to_be_visible()
    recovery = own.locator("#recovery").inner_text().split()
    assert len(set(recovery)) == 10
    own.context.clear_cookies()
    own.goto("/login/")
    own.fill("[name=username]", NAME)
    own.fill("[name=password]", PASSWORD)
    own.get_by_role("button", name="Log in").click()
    own.wait_for_url("**/login/code/**")
    assert axe(own) == []
    own.get_by_label("Code").fill(recovery[0])
    own.get_by_role("button", name="Log in").click()
    expect(own.get_by_role("navigation", name="Main")).to_be_visible()
    own.context.close()


def test_a_terminal_as_root_asks_who_one_is_and_goes_on(term: Page, server: Site) -> None:
    forget_proofs(server)
    term.get_by_role("button", name="Options").click()
    dialog = term.locator("#terminal-options")
    dialog.get_by_label("User").fill("0")
    dialog.get_by_role("button", name="Start").click()
    asked = term.locator("#step-up")
    expect(asked.get_by_role("heading", name="Confirm that it is you")).to_be_visible()
    assert axe(term) == []
    asked.get_by_label("Password").fill("not the one")
    asked.get_by_role("button", name="Confirm").click()
    expect(asked.get_by_text("This is not right")).to_be_visible()
    asked.get_by_label("Password").fill(server.password)
    asked.get_by_role("button", name="Confirm").click()
    expect(asked).to_be_hidden()
    shows(term, "# ")
    expect(term.get_by_role("status").filter(has_text="Connected")).to_be_visible()


def test_whoever_does_not_confirm_gets_no_terminal(term: Page, server: Site) -> None:
    forget_proofs(server)
    term.get_by_role("button", name="Options").click()
    dialog = term.locator("#terminal-options")
    dialog.get_by_label("User").fill("0")
    dialog.get_by_role("button", name="Start").click()
    term.locator("#step-up").get_by_role("link", name="Cancel").click()
    expect(term.locator(".tend").filter(has_text="Confirm that it is you")).to_be_visible()


def forget_proofs(server: Site) -> None:
    """As if all had logged in long ago."""
    with contextlib.closing(sqlite3.connect(database(server), timeout=20)) as db, db:
        db.execute("UPDATE access_login SET confirmed = NULL")


def database(server: Site) -> Path:
    return server.data_dir / "wharfinger.sqlite3"
