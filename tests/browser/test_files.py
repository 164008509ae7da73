"""Files in a real Chromium: browse, send, fetch and compare; conflicts are asked about."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.axe import axe
from tests.browser.waiting import heard_of
from tests.conftest import DockerCli
from tests.runtime import until

Login = Callable[..., Page]


def open_files(page: Page, login: Login, id: str, path: str = "/tmp") -> None:
    login(page)
    address = f"/hosts/local/containers/{id}/files/?path={path}"
    page.goto(heard_of(page, address))
    expect(page.locator("[data-drop]")).to_be_visible()


def send(page: Page, *paths: Path) -> None:
    page.click("button[popovertarget=upload-form]")
    page.set_input_files("[name=file]", [str(path) for path in paths])
    page.click("#upload-form button.p")


def test_a_file_goes_in_and_comes_out_the_same(
    page: Page, login: Login, container: Callable[..., str], docker_cli: DockerCli, tmp_path: Path
) -> None:
    id = container()
    path = tmp_path / "random data.bin"
    path.write_bytes(os.urandom(9 * 2**20 + 5))
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    open_files(page, login, id)
    send(page, path)
    expect(page.locator("#uploads")).to_contain_text("is there.")
    inside = docker_cli("exec", id, "sha256sum", f"/tmp/{path.name}").stdout
    assert inside.startswith(sha256)
    with page.expect_download() as download:
        page.click(f"a[aria-label='Download {path.name}']")
    assert hashlib.sha256(Path(download.value.path()).read_bytes()).hexdigest() == sha256


def test_a_taken_name_is_asked_about_and_a_phone_has_an_order(
    page: Page, login: Login, container: Callable[..., str], docker_cli: DockerCli, tmp_path: Path
) -> None:
    id = container()
    made = "cd /tmp; echo old > note.txt; seq 1000 1300 > lines; touch taken-0 taken-1 taken-2"
    docker_cli("exec", id, "sh", "-c", made)
    path = tmp_path / "note.txt"
    path.write_text("new")
    open_files(page, login, id)
    send(page, path)
    page.click("#uploads button:has-text('Keep both')")
    expect(page.locator("#listing")).to_contain_text("note (2).txt")
    assert docker_cli("exec", id, "cat", "/tmp/note.txt").stdout == "old\n"
    more = [tmp_path / f"taken-{number}" for number in range(3)]
    for each in more:
        each.write_text("new")
    page.locator("[name=conflict]").evaluate("choice => { choice.value = 'replace'; }")
    send(page, *more)  # the last ones go when the form is empty again: none is asked about
    until(lambda: docker_cli("exec", id, "sh", "-c", "cat /tmp/taken-*").stdout == "new" * 3, 30)
    page.goto(f"/hosts/local/containers/{id}/files/view/?path=/tmp/lines#L77")
    expect(page.locator("#L77")).to_be_in_viewport()
    assert axe(page, within="main") == []  # no line is half under the bar
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/hosts/local/containers/{id}/files/?path=/tmp&whole=1")
    by_size = page.get_by_role("navigation", name="Sort by").get_by_role("link", name="Size")
    page.wait_for_selector("#by-size[data-htmx-powered]")
    by_size.press("Enter")
    expect(by_size).to_have_attribute("aria-current", "true")
    expect(by_size).to_be_focused()
    expect(page.locator("#listing [data-row] .name").first).to_have_text("lines A")
    assert "sort=-size" in page.url


def test_files_are_dropped_onto_the_list(
    page: Page, login: Login, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    id = container()
    open_files(page, login, id)
    page.evaluate(
        """() => {
          const data = new DataTransfer();
          data.items.add(new File(["dropped"], "dropped.txt"));
          for (const type of ["dragover", "drop"])
            document.querySelector("[data-drop]").dispatchEvent(
              new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
        }"""
    )
    expect(page.locator("#listing")).to_contain_text("dropped.txt")
    assert docker_cli("exec", id, "cat", "/tmp/dropped.txt").stdout == "dropped"


def test_a_stopped_container_is_browsed_and_looked_into(
    page: Page, login: Login, container: Callable[..., str], shellless: str
) -> None:
    id = container(image=shellless, start=False)
    open_files(page, login, id, "/")
    page.click("a:has-text('data')")
    page.click("a:has-text('hello.txt')")
    expect(page.locator(".log")).to_contain_text("hello")


def test_a_file_is_copied_into_another_container(
    page: Page, login: Login, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    id, other = container(), container()
    docker_cli("exec", id, "sh", "-c", "echo across > /tmp/note.txt; echo old > /tmp/taken")
    docker_cli("exec", other, "touch", "/tmp/taken")
    open_files(page, login, id)
    page.get_by_role("link", name="Copy taken to another place").click()
    page.select_option("#copy-to", f"local/{other}")
    page.click("#dialog button[type=submit]")
    expect(page.locator("#dialog")).to_contain_text("is there already")
    page.get_by_role("link", name="Cancel").click()
    page.get_by_role("link", name="Copy note.txt to another place").click()
    page.select_option("#copy-to", f"local/{other}")
    page.click("#dialog button[type=submit]")
    page.wait_for_url("**/jobs/**")
    expect(page.locator("[data-state]")).to_contain_text("Done")
    page.get_by_role("link", name="Open the folder").click()
    expect(page.locator("#listing")).to_contain_text("note.txt")
    assert docker_cli("exec", other, "cat", "/tmp/note.txt").stdout == "across\n"
