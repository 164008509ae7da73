"""Changed paths in a real Chromium: folders open when they are asked for, rows are found."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.axe import axe
from tests.browser.container_pages import LIST, LOOKS, Login
from tests.browser.container_pages import make as make
from tests.browser.waiting import heard_of

WRITES = (
    "mkdir -p /made/sub; cd /made; seq 1 600 | xargs touch; echo hello >sub/a-file;"
    " echo x >>/etc/passwd; rm /bin/yes; touch /tmp/a-rather-long-name-of-a-file-$(seq -s - 1 60);"
    " sleep 3600"
)


def test_folders_open_and_rows_are_found(
    page: Page, login: Login, make: Callable[..., str]
) -> None:
    id = make("changes", "sh", "-c", WRITES)
    login(page)
    heard_of(page, f"{LIST}{id}/changes/?whole=1", "A 602")
    page.goto(f"{LIST}{id}/")
    page.get_by_role("link", name="Changes", exact=True).click()
    tree = page.locator("#changes .written")
    made = tree.locator("summary", has_text="made/")
    expect(made).to_contain_text("A 602")
    expect(tree.locator(".leaf", has_text="600")).to_have_count(0)
    made.press("Enter")  # a folder comes when it is opened, and its rest when it is asked for
    expect(tree.get_by_role("link", name="101 more")).to_be_visible()
    tree.get_by_role("link", name="101 more").click()
    expect(tree.get_by_role("link", name="99", exact=True)).to_be_visible()
    expect(tree.get_by_role("link", name="101 more")).to_have_count(0)
    page.get_by_label("Only paths that hold this").fill("a-file")
    expect(tree.get_by_role("link", name="a-file", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Added 2")).to_be_visible()
    for theme, (width, height) in LOOKS:
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
        page.locator("h1").scroll_into_view_if_needed()  # nothing is half behind the bar above
        assert axe(page, theme) == [], (theme, width)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
    tree.get_by_role("link", name="a-file", exact=True).click()
    expect(page.locator(".log")).to_contain_text("hello")
