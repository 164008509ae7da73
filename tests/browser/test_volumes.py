"""Volumes in a real Chromium: made, written to, browsed, downloaded, removed with a typed name."""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engine.helpers import LABEL
from tests.conftest import DockerCli
from tests.runtime import until

Login = Callable[..., Page]
LIST = "/hosts/local/volumes/"


@pytest.fixture
def name(docker_cli: DockerCli) -> Iterator[str]:
    name = f"volb-{secrets.token_hex(4)}"
    yield name
    if left := helpers(docker_cli, name):
        docker_cli("rm", "-f", *left, check=False)
    until(lambda: docker_cli("volume", "rm", "-f", name, check=False).returncode == 0)


def helpers(docker_cli: DockerCli, name: str) -> list[str]:
    mark = (f"--filter=label={LABEL}", f"--filter=volume={name}")
    return docker_cli("ps", "-aq", *mark).stdout.split()


def test_from_making_to_removing(
    page: Page,
    login: Login,
    name: str,
    container: Callable[..., str],
    docker_cli: DockerCli,
) -> None:
    login(page).goto(LIST)
    page.get_by_role("link", name="Create volume").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    assert docker_cli("volume", "inspect", "-f", "{{.Driver}}", name).stdout.strip() == "local"
    write = "mkdir /data/sub; echo hello > /data/sub/hello.txt; sleep 3600"
    id = container("sh", "-c", write, options=("-v", f"{name}:/data"))
    written = ("exec", id, "cat", "/data/sub/hello.txt")
    until(lambda: docker_cli(*written, check=False).stdout == "hello\n")
    page.get_by_role("link", name="Files").click()
    page.get_by_role("link", name="sub", exact=True).click()
    expect(page.locator("#listing")).to_contain_text("hello.txt")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download hello.txt").click()
    assert Path(download.value.path()).read_text() == "hello\n"
    page.get_by_role("link", name="hello.txt", exact=True).click()
    expect(page.locator(".log")).to_contain_text("hello")
    assert len(helpers(docker_cli, name)) == 1
    # What has it blocks its removal, and is named.
    page.goto(f"{LIST}{name}/")
    page.get_by_role("link", name="Remove…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("it blocks")
    expect(dialog.get_by_role("button", name="Remove")).to_have_count(0)
    docker_cli("rm", "-f", id)
    page.goto(f"{LIST}?q={name}")
    expect(page.locator(f"#v-{name}")).to_contain_text("unused")
    page.locator(f"#v-{name}").get_by_role("link", name="Remove").click()
    remove = dialog.get_by_role("button", name="Remove")
    dialog.get_by_label("to confirm").fill(name[:-1])
    expect(remove).to_be_disabled()
    dialog.get_by_label("to confirm").fill(name)
    remove.click()
    expect(page.locator(f"#v-{name}")).to_have_count(0)
    assert docker_cli("volume", "inspect", name, check=False).returncode
    assert helpers(docker_cli, name) == []
