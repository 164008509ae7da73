"""A build in a real tab: a Dockerfile typed, a folder chosen, the output live; without scripts too.

No step runs a program here: its network would be a new device, and Chromium drops what it loads.
"""

import re
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import axe_in_both_themes
from tests.browser.waiting import done_without_scripts
from tests.conftest import DockerCli
from tests.images.conftest import remove_marked
from tests.site import Site

Login = Callable[..., Page]
BUILD = "/hosts/local/images/build/"


@pytest.fixture
def mark(docker_cli: DockerCli) -> Iterator[str]:
    mark = f"bld-{secrets.token_hex(4)}"
    yield mark
    remove_marked(docker_cli, mark)


def steps(busybox: str, count: int) -> str:
    return f"FROM {busybox}\n" + "".join(f"LABEL n{n}={n}\n" for n in range(count))


def test_a_dockerfile_is_typed_judged_and_built_while_one_looks(
    page: Page, login: Login, busybox: str, mark: str
) -> None:
    login(page).goto("/hosts/local/images/")
    page.get_by_role("link", name="Build").click()
    expect(page.locator("#build-preview[data-htmx-powered]")).to_be_attached()  # it listens
    dockerfile = page.locator("[name=dockerfile]")
    dockerfile.fill(f"FROM {busybox}\nADD http://x /")
    panel = page.locator("#build-preview")
    expect(panel).to_contain_text("line 2: ADD fetches nothing here")
    dockerfile.fill(steps(busybox, 24))
    page.get_by_label("Tags").fill(f"{mark}/app:1")
    expect(panel).to_contain_text(f"docker build --tag={mark}/app:1 - < Dockerfile")
    expect(panel.locator(".bad")).to_have_count(0)
    page.locator("main").get_by_role("button", name="Build").click()
    page.wait_for_url("**/jobs/*/")
    log = page.locator("[data-lines] pre")
    expect(log).to_contain_text(re.compile(r"Step [2-9]/25 : LABEL"))
    expect(page.locator("[data-state]")).to_have_text("Done", timeout=60_000)
    said = log.inner_text()
    assert [said.count(f"Step {n}/25 ") for n in range(1, 26)] == [1] * 25
    page.get_by_role("link", name="Open the image").click()
    expect(page.get_by_role("heading", name=f"{mark}/app:1")).to_be_visible()


def test_a_folder_is_sent_and_built(
    page: Page, login: Login, busybox: str, mark: str, tmp_path: Path, docker_cli: DockerCli
) -> None:
    root = tmp_path / "project"
    deep = root / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    (root / "Dockerfile").write_text(f"FROM {busybox}\nCOPY . /app/\n")
    (root / ".dockerignore").write_text("*.log\n")
    (deep / "ü.txt").write_text("deep")
    (root / "a.log").write_text("no")
    login(page).goto(BUILD)
    page.get_by_label("A folder").set_input_files(root)
    page.get_by_label("Tags").fill(f"{mark}/app:1")
    expect(page.locator("#build-preview")).to_contain_text(f"docker build --tag={mark}/app:1 .")
    page.locator("main").get_by_role("button", name="Build").click()
    page.wait_for_url("**/jobs/*/", timeout=60_000)
    expect(page.locator("[data-state]")).to_have_text("Done", timeout=60_000)
    made = docker_cli("create", "--network", "none", f"{mark}/app:1").stdout.strip()
    listed = docker_cli("cp", f"{made}:/app", str(tmp_path / "out"))
    docker_cli("rm", made)
    assert not listed.stderr.startswith("Error")
    out = tmp_path / "out"
    assert (out / deep.relative_to(root) / "ü.txt").read_text() == "deep"
    assert sorted(path.name for path in out.iterdir()) == [".dockerignore", "Dockerfile", "d" * 60]


def test_without_a_script_it_is_a_form_and_a_page(
    browser: Browser, server: Site, page: Page, login: Login, busybox: str, mark: str
) -> None:
    login(page)
    bare = browser.new_context(base_url=server.url, java_script_enabled=False)
    bare.add_cookies(page.context.cookies())  # type: ignore[arg-type]
    tab = bare.new_page()
    tab.goto(BUILD)
    tab.locator("[name=dockerfile]").fill(f"FROM {busybox}\nINCLUDE x")
    send = tab.locator("main").get_by_role("button", name="Build")
    send.click()
    expect(tab.locator("#id_dockerfile-error, .error").first).to_contain_text("line 2: “INCLUDE”")
    tab.locator("[name=dockerfile]").fill(steps(busybox, 1))
    tab.get_by_label("Tags").fill(f"{mark}/app:1")
    send.click()
    tab.wait_for_url("**/jobs/*/")
    done_without_scripts(tab)
    expect(tab.locator("[data-lines]")).to_contain_text("Step 2/2 : LABEL n0=0")
    bare.close()


def test_axe_finds_nothing_on_a_form_that_was_refused(page: Page, login: Login) -> None:
    login(page).goto(BUILD)
    page.get_by_label("Tags").fill("NGINX")
    page.locator("main").get_by_role("button", name="Build").click()
    expect(page.locator(".error").first).to_be_visible()
    assert axe_in_both_themes(page) == []
