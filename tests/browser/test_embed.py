"""A portal on another port shows lists and logs in a frame; one that is not listed cannot."""

import json
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.browser.axe import axe
from tests.browser.conftest import cookies_of_login
from tests.site import Site, running_site


class Portal(BaseHTTPRequestHandler):
    """Any address is a page with one frame, of the address in its query."""

    def do_GET(self) -> None:
        frame = f'<iframe src="{self.path[2:]}" width="1200" height="760"></iframe>'
        body = f"<!doctype html><title>Portal</title>{frame}"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@contextmanager
def portal() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Portal)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="portal")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def listed() -> Iterator[str]:
    with portal() as origin:
        yield origin


@pytest.fixture(scope="module")
def site(engine_url: str, listed: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(
        engine_url,
        tmp_path_factory.mktemp("embedded"),
        EMBED_ORIGINS=listed,
        TRUSTED_PROXIES="127.0.0.1",
        PROXY_USER_HEADER="Remote-User",
    ) as running:
        yield running


@pytest.fixture(scope="module")
def cookies(browser: Browser, site: Site) -> Any:
    return cookies_of_login(browser, site)


@pytest.fixture
def visitor(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    yield context
    context.close()


def test_the_portal_shows_the_list_a_container_and_its_logs(
    site: Site, listed: str, visitor: BrowserContext, cookies: Any, container: Callable[..., str]
) -> None:
    container("sh", "-c", "echo heard-in-the-frame", options=("--name", "em-shown"))
    visitor.add_cookies(cookies)
    page = visitor.new_page()
    page.goto(f"{listed}/?{site.url}/hosts/local/containers/")
    frame = page.frame_locator("iframe")
    frame.get_by_role("link", name="em-shown").first.click()
    expect(frame.get_by_role("heading", name="em-shown")).to_be_visible()
    expect(frame.locator("#rail")).to_have_count(0)
    frame.locator(".tabs").get_by_role("link", name="Logs").click()
    expect(frame.get_by_role("log").get_by_text("heard-in-the-frame")).to_be_visible()
    assert page.frames[1].url.endswith("/logs/?embed=1")
    for link in (".tabs >> text=Files", "#head >> text=Remove…"):
        with visitor.expect_page() as opened:
            frame.locator(link).click()
        assert "embed" not in opened.value.url
        opened.value.close()
    page.goto(f"{site.url}/hosts/local/containers/?embed=1")  # the frame's page alone
    assert axe(page) == []


def test_a_portal_that_is_not_listed_shows_nothing(
    site: Site, visitor: BrowserContext, cookies: Any
) -> None:
    visitor.add_cookies(cookies)
    page = visitor.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    with portal() as stranger:
        page.goto(f"{stranger}/?{site.url}/hosts/local/containers/?embed=1")
        page.wait_for_url(f"{stranger}/**")
        page.wait_for_function("document.querySelector('iframe')")
        frame = page.frames[1]
        frame.wait_for_load_state()
        assert frame.url.startswith("chrome-error:")
    assert any("frame-ancestors" in text for text in said)


def test_in_a_frame_the_login_leads_to_a_page_of_its_own(
    site: Site, listed: str, visitor: BrowserContext
) -> None:
    page = visitor.new_page()
    page.goto(f"{listed}/?{site.url}/hosts/local/containers/?embed=1")
    frame = page.frame_locator("iframe")
    expect(frame.get_by_role("heading", name="Log in first")).to_be_visible()
    expect(frame.locator("input[type=password]")).to_have_count(0)
    with visitor.expect_page() as opened:
        frame.get_by_role("link", name="Log in in a new tab").click()
    tab = opened.value
    tab.fill("input[name=username]", site.username)
    tab.fill("input[name=password]", site.password)
    tab.click("form[method=post] button[type=submit]")
    tab.wait_for_url("**/hosts/local/containers/")
    frame.get_by_role("link", name="Reload").click()
    expect(frame.get_by_role("heading", name="Containers", exact=True)).to_be_visible()


def test_a_trusted_proxys_word_opens_pages_and_sockets_of_the_running_server(site: Site) -> None:
    """Through the real server: headers by their names on the wire."""
    request = urllib.request.Request(
        f"{site.url}/account/password/", headers={"Remote-User": "carol", "Accept": "text/html"}
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        assert answer.url.endswith("/account/password/")
        given_cookies = answer.headers.get_all("Set-Cookie")
    assert all("SameSite=Lax" in each for each in given_cookies)
    (cookie,) = [each.split(";")[0] for each in given_cookies if each.startswith("wharfinger=")]
    socket = site.url.replace("http", "ws") + "/ws/live/"
    given = {"Cookie": cookie, "Remote-User": "carol"}
    with connect(socket, origin=site.url, additional_headers=given) as live:
        live.send(json.dumps({"sub": ["jobs"]}))
    for other in ({"Cookie": cookie}, {"Cookie": cookie, "Remote-User": "dave"}):
        with pytest.raises(InvalidStatus, match="403"):
            connect(socket, origin=site.url, additional_headers=other)
