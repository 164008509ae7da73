"""A long upload in a real Chromium: the network drops, the page is left, and it goes on."""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.cable import Cable, cable_to
from tests.browser.test_files import send
from tests.conftest import DockerCli
from tests.site import Site

MIB = 2**20


@contextmanager
def cabled(browser: Browser, cable: Cable, cookies: Any) -> Iterator[Page]:
    context = browser.new_context(base_url=cable.url)
    context.add_cookies(cookies)
    yield context.new_page()
    context.unroute_all(behavior="ignoreErrors")
    context.close()


def open_files(page: Page, id: str) -> None:
    page.goto(f"/hosts/local/containers/{id}/files/?path=/tmp")
    expect(page.locator("[data-drop]")).to_be_visible()


def file_of(path: Path, mib: int) -> str:
    sha256 = hashlib.sha256()
    with path.open("wb") as file:
        for _ in range(mib):
            piece = os.urandom(MIB)
            sha256.update(piece)
            file.write(piece)
    return sha256.hexdigest()


def test_an_upload_outlives_a_cut_network_and_a_closed_page(
    browser: Browser,
    server: Site,
    admin_cookies: Any,
    container: Callable[..., str],
    docker_cli: DockerCli,
    tmp_path: Path,
) -> None:
    id, path = container(), tmp_path / "long ü.bin"
    sha256 = file_of(path, 18)  # three slices
    slices: list[Route] = []

    def on_slice(route: Route) -> None:
        """The second slice meets a dead network; the fourth and later never leave the page."""
        if route.request.method == "PATCH":
            slices.append(route)
            if len(slices) == 2:
                cable.cut()
            if len(slices) >= 4:
                route.abort()
                return
        route.continue_()

    with cable_to(server.url) as cable, cabled(browser, cable, admin_cookies) as page:
        page.route("**/uploads/*/", on_slice)
        open_files(page, id)
        send(page, path)
        expect(page.locator("#uploads")).to_contain_text("connection lost")
        cable.mend()
        for _ in range(400):
            if len(slices) >= 4:
                break
            page.wait_for_timeout(50)
        second = page.context.new_page()
        page.close()
        page = second  # as when the browser comes back: what the page kept is there
        open_files(page, id)
        expect(page.locator("#unfinished")).to_contain_text("16.0 MiB of 18.0 MiB came")
        send(page, path)
        expect(page.locator("#uploads")).to_contain_text("goes on where it was")
        expect(page.locator("#uploads")).to_contain_text("is there.", timeout=60_000)
        expect(page.locator("#unfinished li")).to_have_count(0)
    assert len(slices) >= 4
    assert docker_cli("exec", id, "sha256sum", f"/tmp/{path.name}").stdout.startswith(sha256)


def test_an_unfinished_upload_is_discarded(
    page: Page,
    login: Callable[..., Page],
    complaints: list[str],
    container: Callable[..., str],
    tmp_path: Path,
) -> None:
    id, path = container(), tmp_path / "left.bin"
    file_of(path, 1)
    login(page)
    page.route("**/uploads/*/", lambda route: route.abort())
    open_files(page, id)
    send(page, path)
    expect(page.locator("#uploads")).to_contain_text("left.bin: connection lost")
    page.unroute("**/uploads/*/")
    complaints.clear()
    open_files(page, id)
    page.get_by_role("button", name="Discard").click()
    expect(page.locator("#unfinished li")).to_have_count(0)
    open_files(page, id)
    expect(page.locator("#unfinished")).to_have_count(0)
