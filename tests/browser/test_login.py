"""The first page: from the login to the overview, and what it may not do."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests.site import Site

Login = Callable[..., Page]


def test_login_by_the_form_leads_where_one_wanted(page: Page, server: Site) -> None:
    page.goto("/audit/")
    expect(page).to_have_url(f"{server.url}/login/?next=%2Faudit%2F")
    page.fill("input[name=username]", server.username)
    page.fill("input[name=password]", server.password)
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(f"{server.url}/audit/")


def test_a_wrong_password_is_said(page: Page, server: Site) -> None:
    page.goto("/login/")
    page.fill("input[name=username]", server.username)
    page.fill("input[name=password]", "wrong")
    page.click("form[method=post] button[type=submit]")
    expect(page.get_by_text("correct username and password")).to_be_visible()


def test_the_overview(page: Page, login: Login) -> None:
    login(page).goto("/")
    expect(page.get_by_role("main")).to_be_visible()


def test_complaints_are_heard(page: Page, complaints: list[str], login: Login) -> None:
    """The watch itself: an inline script, another place and a script error are all noticed."""
    login(page).goto("/")
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {text: '1'}))"
    )
    page.evaluate("fetch('https://example.org/').catch(() => 0)")
    page.evaluate("setTimeout(() => { throw new Error('on purpose') })")
    page.wait_for_timeout(300)
    heard = "\n".join(complaints)
    complaints.clear()
    assert "policy violation: script-src" in heard
    assert "https://example.org/" in heard
    assert "on purpose" in heard


def test_static_files_come_hashed_and_packed(page: Page) -> None:
    seen: list[Any] = []
    page.on("response", lambda answer: seen.append(answer))
    page.goto("/login/")
    styles = [answer for answer in seen if answer.url.endswith(".css")]
    assert styles
    for answer in styles:
        assert "immutable" in answer.headers["cache-control"]
