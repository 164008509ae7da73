"""A browser without JavaScript: the forms, from the language at the door to the logout.

What has a test of its own elsewhere is not here: verbs of a container (``test_containers``), pull
(``test_jobs``), prune, build, and the appearance (``test_face``).
"""

import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import sign_in
from tests.browser.waiting import done_without_scripts, heard_of
from tests.conftest import LABEL, DockerCli
from tests.runtime import until
from tests.site import Site

HOST = "/hosts/local/"
WORDS = "correct horse battery"


@pytest.fixture
def bare(browser: Browser, server: Site) -> Iterator[Page]:
    """A tab at the door."""
    context = browser.new_context(
        base_url=server.url, locale="en-US", java_script_enabled=False, accept_downloads=True
    )
    page = context.new_page()
    page.goto("/login/")
    yield page
    context.close()


@pytest.fixture
def mark(docker_cli: DockerCli) -> Iterator[str]:
    """The beginning of all names."""
    made = f"bare-{secrets.token_hex(3)}"
    yield made
    only = ("-q", "--filter", f"name={made}")
    for found, remove in (
        (("ps", "-a", *only), ("rm", "-f", "-v")),
        (("volume", "ls", *only), ("volume", "rm", "-f")),
        (("network", "ls", *only), ("network", "rm")),
        (("images", "-q", "--filter", f"reference={made}*"), ("rmi", "-f")),
    ):
        if left := docker_cli(*found).stdout.split():
            docker_cli(*remove, *left, check=False)


def press(page: Page, name: str) -> None:
    page.locator("main").get_by_role("button", name=name, exact=True).first.click()


def follow(page: Page, name: str) -> None:
    page.locator("main").get_by_role("link", name=name, exact=True).first.click()


def says(page: Page, words: str | re.Pattern[str]) -> None:
    expect(page.locator("body")).to_contain_text(words)


def test_the_door_and_what_is_ones_own(bare: Page, server: Site, mark: str) -> None:
    page = bare
    page.get_by_role("button", name="简体中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-hans")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    sign_in(page, server.username, server.password)
    page.goto("/account/password/")
    page.fill("[name=old_password]", "not the one")
    for field in ("new_password1", "new_password2"):
        page.fill(f"[name={field}]", WORDS)
    page.locator("main form button").last.click()
    expect(page.locator(".error").first).to_be_visible()
    page.goto("/account/tokens/add/")
    page.fill("[name=name]", mark)
    press(page, "Make it")
    says(page, "it is shown this once")
    page.goto("/account/tokens/")
    page.get_by_role("link", name=f"End {mark}").click()
    press(page, "End it")
    says(page, "ended")
    page.get_by_role("button", name=server.username).click()
    page.get_by_role("link", name="Keyboard shortcuts").click()
    expect(page.get_by_role("heading", name="Keyboard shortcuts")).to_be_visible()
    page.get_by_role("button", name=server.username).click()
    page.get_by_role("button", name="Log out").click()
    expect(page).to_have_url(re.compile("/login/"))


def test_people_teams_and_settings(bare: Page, server: Site, mark: str) -> None:
    page = bare
    sign_in(page, server.username, server.password)
    page.goto("/people/add/")
    page.fill("[name=username]", mark)
    for field in ("password1", "password2"):
        page.fill(f"[name={field}]", WORDS)
    press(page, "Save")
    expect(page).to_have_url(re.compile(r"/people/\d+/$"))
    page.goto("/teams/add/")
    page.fill("[name=name]", mark)
    page.fill("[name=slug]", mark)
    page.get_by_label(mark).check()
    press(page, "Save")
    follow(page, "Add grant")
    page.select_option("[name=host]", "local")
    page.select_option("[name=role]", "viewer")
    press(page, "Save")
    page.get_by_role("table", name="Grants").get_by_role("link", name=re.compile("^End")).click()
    press(page, "End it")
    says(page, "The grant has ended.")
    follow(page, "Remove")
    page.locator("main form.confirm button").click()
    expect(page).to_have_url(re.compile("/teams/$"))
    for address in (f"{HOST}settings/", f"{HOST}settings/fence/"):
        page.goto(address)
        press(page, "Save")
        says(page, "Saved")
    page.goto("/audit/")
    page.fill("#q", "event:user.manage")
    press(page, "Filter")
    expect(page.locator("#entries tr").first).to_contain_text(mark)
    page.locator("#entries tr a").first.click()
    says(page, "Hash before")


def test_a_registry_a_network_and_a_volume(
    bare: Page, server: Site, mark: str, docker_cli: DockerCli
) -> None:
    page = bare
    sign_in(page, server.username, server.password)
    page.goto("/registries/add/")
    page.fill("[name=address]", f"{mark}.example.org")
    press(page, "Save")
    says(page, "Saved")
    follow(page, "Remove…")
    page.locator("main form.confirm button").click()
    expect(page).to_have_url(re.compile("/registries/$"))
    page.goto(f"{HOST}networks/create/")
    page.fill("[name=name]", mark)
    page.get_by_label("Internal").check()
    press(page, "Create")
    expect(page.get_by_role("heading", level=1)).to_have_text(mark)
    page.locator("#head").get_by_role("link", name="Remove…").click()
    press(page, "Remove")
    assert docker_cli("network", "inspect", mark, check=False).returncode
    page.goto(f"{HOST}volumes/_create/")
    page.fill("[name=name]", mark)
    press(page, "Create")
    expect(page.get_by_role("heading", level=1)).to_have_text(mark)
    follow(page, "Remove…")
    page.locator("[name=typed_name]").fill(mark)
    press(page, "Remove")
    assert docker_cli("volume", "inspect", mark, check=False).returncode


def test_a_container_is_run_read_written_to_and_committed(
    bare: Page, server: Site, mark: str, busybox: str, docker_cli: DockerCli, tmp_path: Path
) -> None:
    page = bare
    sign_in(page, server.username, server.password)
    page.goto(f"{HOST}containers/run/")
    line = f"docker run -d --network none --name {mark} --label {LABEL} {busybox} sleep 900"
    page.fill("[name=line]", line)
    press(page, "Fill the form")
    expect(page.locator("#run-form [name=name]")).to_have_value(mark)
    press(page, "Run")
    id = until(lambda: docker_cli("ps", "-q", "--no-trunc", "-f", f"name={mark}").stdout.strip())
    base = f"{HOST}containers/{id}/"
    page.goto(heard_of(page, f"{base}update/"))
    page.get_by_label("Memory limit").fill("96m")
    press(page, "Change")
    says(page, "docker update")
    path = tmp_path / "note.txt"
    path.write_text("hello\n")
    page.goto(f"{base}files/?path=/tmp&whole=1")
    page.get_by_role("button", name="Upload").first.click()
    page.set_input_files("[name=file]", [str(path)])
    page.locator("#upload-form button").click()
    written = ("exec", mark, "cat", "/tmp/note.txt")
    until(lambda: docker_cli(*written, check=False).stdout == "hello\n")
    page.goto(f"{base}files/edit/?path=/tmp/note.txt")
    page.fill("#text", "changed\n")
    press(page, "Compare and save…")
    press(page, "Save")
    until(lambda: docker_cli(*written, check=False).stdout == "changed\n")
    page.goto(f"{base}commit/")
    page.fill("[name=reference]", f"{mark}:1")
    press(page, "Commit as image")
    page.wait_for_url("**/jobs/*/")
    done_without_scripts(page)
    follow(page, "Open the image")
    page.fill("#tag-form [name=reference]", f"{mark}:2")
    press(page, "Add tag")
    says(page, f"{mark}:2")
    page.locator("#head").get_by_role("link", name="Remove…").click()
    page.get_by_label("Force").check()
    press(page, "Remove")
    assert docker_cli("image", "inspect", f"{mark}:2", check=False).returncode
