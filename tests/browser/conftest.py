"""A real Chromium on the real site. Every test also fails on what the page complains about:
script errors, console errors, policy violations, requests to other places, tracebacks on the
server. ``complaints`` holds them; a test that provokes one clears it.
"""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    APIResponse,
    Browser,
    BrowserContext,
    Page,
    Playwright,
    Route,
    expect,
    sync_playwright,
)

from tests.site import Site, running_site

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) => console.error(
  `policy violation: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
"""
# Chromium reports every refusal as an error; a refusal in words is no fault of the page.
REFUSAL = re.compile(r"the server responded with a status of (401|403|404|409|413|422|429|50[347])")
RESULTS = Path("test-results")
# As Playwright waits for all else: nothing of the product is bounded by it. A test of how soon
# says its own.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    executable = shutil.which("chromium")
    running = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
    yield running
    running.close()


@pytest.fixture(scope="session")
def server(engine_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site that all browser tests share: ``.url``, ``.log``, ``.username``, ``.password``."""
    with running_site(engine_url, tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture
def complaints() -> list[str]:
    return []


@pytest.fixture
def context(server: Site, watched: Callable[..., BrowserContext]) -> BrowserContext:
    """A fresh browser profile: English, UTC, 1280 x 800, no way to the outside."""
    return watched(server.url)


@pytest.fixture
def watched(
    browser: Browser, complaints: list[str], past_the_network: Callable[[Route], None]
) -> Iterator[Callable[..., BrowserContext]]:
    """``watched(url, locale)``: a profile for that site alone; what its pages complain about is
    noted, and it is closed after the test."""
    made: list[BrowserContext] = []

    def make(url: str, locale: str = "en-US") -> BrowserContext:
        fresh = browser.new_context(
            base_url=url,
            locale=locale,
            timezone_id="UTC",
            viewport={"width": 1280, "height": 800},
            accept_downloads=True,
        )
        made.append(fresh)
        fresh.add_init_script(TELL_VIOLATIONS)
        fresh.route(re.compile(f"^(?!{re.escape(url)}/)"), outside(complaints))
        fresh.route("**/static/**", past_the_network)
        fresh.on("console", lambda message: hear(complaints, message))
        fresh.on("weberror", lambda error: complaints.append(f"script error: {error.error}"))
        return fresh

    yield make
    for fresh in made:
        for routed in (*fresh.pages, fresh):  # a test's own routes may be under way, too
            routed.unroute_all(behavior="ignoreErrors")
        fresh.close()


@pytest.fixture(scope="session")
def past_the_network(playwright: Playwright) -> Iterator[Callable[[Route], None]]:
    """Fetch static files for Chromium: it drops whatever it is loading (ERR_NETWORK_CHANGED) when
    a container's network device comes or goes on this machine, and a page has twenty of them.
    Each is fetched once: it may be kept forever, but what is routed passes Chromium's cache."""
    client, kept = playwright.request.new_context(), dict[str, APIResponse]()

    def answer(route: Route) -> None:
        address = route.request.url
        if address not in kept:
            kept[address] = client.get(address)
        route.fulfill(response=kept[address])

    yield answer
    client.dispose()


def outside(complaints: list[str]) -> Callable[[Route], None]:
    def refuse(route: Route) -> None:
        complaints.append(f"asked for another place: {route.request.url}")
        route.abort()

    return refuse


def hear(complaints: list[str], message: Any) -> None:
    static = "/static/" in message.location.get("url", "")
    if message.type == "error" and (static or not REFUSAL.search(message.text)):
        complaints.append(f"console: {message.text} ({message.location.get('url')})")


@pytest.fixture
def page(
    context: BrowserContext, server: Site, complaints: list[str], request: pytest.FixtureRequest
) -> Iterator[Page]:
    """One tab, not logged in; see ``login``."""
    said_before = len(server.log)
    tab = context.new_page()
    yield tab
    if request.node.stash.get(FAILED, False):
        RESULTS.mkdir(exist_ok=True)
        name = re.sub(r"[^\w-]+", "_", request.node.name)
        tab.screenshot(path=RESULTS / f"{name}.png", full_page=True)
    said = server.log[said_before:]
    if "Traceback" in said:
        complaints.append(f"the server failed:\n{said}")
    if complaints:
        pytest.fail("\n".join(complaints))  # whole: an assert would show the first line alone


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    report = yield
    item.stash[FAILED] = item.stash.get(FAILED, False) or report.failed
    return report


@pytest.fixture(scope="session")
def admin_cookies(browser: Browser, server: Site) -> Any:
    """The cookies of one login that all tests may share (hashing a password is slow on purpose)."""
    return cookies_of_login(browser, server)


def cookies_of_login(browser: Browser, site: Site) -> Any:
    """Of the superuser, by the form."""
    context = browser.new_context(base_url=site.url)
    sign_in(context.new_page(), site.username, site.password)
    cookies = context.cookies()
    context.close()
    return cookies


@pytest.fixture
def login(admin_cookies: Any, server: Site) -> Callable[..., Page]:
    """``login(page)``: as the superuser. ``login(page, user, password)``: by the form."""

    def log_in(page: Page, username: str = "", password: str = "") -> Page:
        if username:
            sign_in(page, username, password)
        else:
            page.context.add_cookies(admin_cookies)
        return page

    return log_in


def sign_in(page: Page, username: str, password: str) -> None:
    page.goto("/login/")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", password)
    page.click("form[method=post] button[type=submit]")
    page.wait_for_url(lambda address: "/login/" not in address)
