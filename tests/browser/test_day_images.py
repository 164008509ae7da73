"""A day's work with images, each verb beside what the command line reports afterwards."""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import DockerCli
from tests.images.conftest import remove_marked
from tests.registry import Registry

Login = Callable[..., Page]
LIST = "/hosts/local/images/"


@pytest.fixture
def mark(docker_cli: DockerCli) -> Iterator[str]:
    """The beginning of the names of images, which are gone after the test."""
    made = f"dayimage-{secrets.token_hex(4)}"
    yield made
    remove_marked(docker_cli, made)


def id_of(docker_cli: DockerCli, name: str) -> str:
    return docker_cli("inspect", "-f", "{{.Id}}", name, check=False).stdout.strip()[7:]


def test_a_days_work_with_images(
    page: Page,
    login: Login,
    busybox: str,
    mark: str,
    registry: Registry,
    docker_cli: DockerCli,
    tmp_path: Path,
) -> None:
    login(page)
    name = f"{mark}/app:1"
    build(page, busybox, name, mark)
    id = id_of(docker_cli, name)
    assert docker_cli("inspect", "-f", '{{index .Config.Labels "day"}}', name).stdout == f"{mark}\n"
    find_in_the_catalogue(page, docker_cli, registry, name)
    look_into(page, docker_cli, id)
    save(page, id, tmp_path / "saved.tar")
    prune(page, mark)
    assert id_of(docker_cli, name) == ""
    load(page, tmp_path / "saved.tar")
    assert id_of(docker_cli, name) == id


def build(page: Page, busybox: str, name: str, mark: str) -> None:
    page.goto(f"{LIST}build/")
    page.locator("[name=dockerfile]").fill(f"FROM {busybox}\nCOPY . /x/\nLABEL day={mark}\n")
    page.get_by_label("Tags").fill(name)
    page.locator("main").get_by_role("button", name="Build").click()
    done(page)


def done(page: Page) -> None:
    page.wait_for_url("**/jobs/*/")
    expect(page.locator("[data-state]").first).to_have_text("Done", timeout=60_000)


def find_in_the_catalogue(page: Page, docker_cli: DockerCli, registry: Registry, name: str) -> None:
    """Of a registry that somebody else pushed to."""
    remote = f"{registry.address}/{name}"
    docker_cli("tag", name, remote)
    docker_cli("push", remote)
    docker_cli("rmi", remote)
    page.goto("/registries/add/")
    page.fill("[name=address]", registry.address)
    page.fill("[name=name]", "open wharf")
    page.check("[name=plain_http]")
    page.locator("main").get_by_role("button", name="Save").click()
    page.goto(f"{LIST}search/?in={registry.address}")
    page.get_by_role("link", name=name.partition(":")[0]).first.click()
    expect(page.locator("main")).to_contain_text("1")


def look_into(page: Page, docker_cli: DockerCli, id: str) -> None:
    page.goto(f"{LIST}{id}/files/?path=/etc")
    expect(page.locator("#listing")).to_contain_text("passwd")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download passwd").click()
    said = docker_cli("run", "--rm", "--network", "none", id, "cat", "/etc/passwd").stdout
    assert Path(download.value.path()).read_text() == said


def save(page: Page, id: str, path: Path) -> None:
    page.goto(LIST)
    page.locator(f"#t-{id}").check()
    with page.expect_download() as saving:
        page.get_by_role("button", name="Save .tar").click()
    saving.value.save_as(path)


def prune(page: Page, mark: str) -> None:
    page.goto("/hosts/local/prune/images/")
    page.get_by_label("Labels").fill(f"day={mark}")
    page.get_by_label("Those with a tag, too").check()
    page.get_by_role("button", name="Look").click()
    expect(page.locator("[data-preview] tbody tr")).to_have_count(1)
    expect(page.locator("[data-preview]")).to_contain_text(f"{mark}/app:1")
    page.get_by_label("Type local to confirm").fill("local")
    page.get_by_role("button", name="Remove 1 object").click()
    done(page)


def load(page: Page, path: Path) -> None:
    page.goto(f"{LIST}load/")
    page.get_by_label("Archive").set_input_files(path)
    page.get_by_role("button", name="Load", exact=True).click()
    done(page)
