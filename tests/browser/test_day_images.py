"""A day's work with images, each verb beside what the command line reports afterwards."""

import io
import json
import secrets
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.waiting import heard_of
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
    docker_cli("rm", "-f", made, check=False)
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
    said = docker_cli("inspect", "-f", "{{.Config.Labels.day}} {{.Config.Labels.word}}", name)
    assert said.stdout == f"{mark} hello\n"
    find_in_the_catalogue(page, docker_cli, registry, name)
    look_at_its_past(page, docker_cli, id)
    see_who_uses_it(page, docker_cli, id, mark)
    look_into(page, docker_cli, id)
    other = f"{mark}/other:1"
    docker_cli("build", "-t", other, "-", input=f"FROM {busybox}\nLABEL other={mark}\n")
    both = {name: id, other: id_of(docker_cli, other)}
    save(page, both, tmp_path / "saved.tar")
    prune(page, mark)
    docker_cli("rmi", other)
    assert [id_of(docker_cli, each) for each in both] == ["", ""]
    load(page, tmp_path / "saved.tar")
    assert {each: id_of(docker_cli, each) for each in both} == both


def build(page: Page, busybox: str, name: str, mark: str) -> None:
    page.goto(f"{LIST}build/")
    """To a stage, with an argument, without the cache."""
    steps = ("COPY . /x/", "ARG WORD", f"LABEL day={mark} word=$WORD", "FROM made", "LABEL word=no")
    page.locator("[name=dockerfile]").fill("\n".join((f"FROM {busybox} AS made", *steps)))
    page.get_by_label("Tags").fill(name)
    page.get_by_label("Build arguments").fill("WORD=hello")
    page.get_by_label("Target").fill("made")
    page.get_by_label("Use no cache").check()
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
    row = page.locator("tbody tr").filter(has=page.get_by_role("rowheader", name="1", exact=True))
    form = "{{.Os}}/{{.Architecture}} {{.Created}}"
    platform, created = docker_cli("inspect", "-f", form, name).stdout.split()
    expect(row).to_contain_text(platform)
    expect(row).to_contain_text("iB")
    moment = row.locator("time").get_attribute("datetime") or ""
    assert moment.startswith(created.partition(".")[0])


def look_into(page: Page, docker_cli: DockerCli, id: str) -> None:
    page.goto(f"{LIST}{id}/files/?path=/etc")
    expect(page.locator("#listing")).to_contain_text("passwd")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download passwd").click()
    said = docker_cli("run", "--rm", "--network", "none", id, "cat", "/etc/passwd").stdout
    assert Path(download.value.path()).read_text() == said


def look_at_its_past(page: Page, docker_cli: DockerCli, id: str) -> None:
    """Step by step, the sizes too."""
    page.goto(f"{LIST}{id}/")
    form = ("history", "--human=false", "--no-trunc", "--format", "{{.Size}}", id)
    sizes = [int(size) for size in docker_cli(*form).stdout.split()][::-1]
    expect(page.locator(".layers b.num")).to_have_count(len(sizes))
    told = page.request.get(f"/api/v1{LIST}{id}/history").json()
    assert [step["size"] for step in told] == sizes


def see_who_uses_it(page: Page, docker_cli: DockerCli, id: str, mark: str) -> None:
    docker_cli("create", "--name", mark, "--network", "none", id, "true")
    heard_of(page, f"{LIST}{id}/", f">{mark}</a>")
    page.goto(f"{LIST}{id}/")
    card = page.locator("section", has=page.locator("#users"))
    form = ("ps", "-a", "--filter", f"ancestor={id}", "--format", "{{.Names}}")
    assert card.get_by_role("link").all_inner_texts() == docker_cli(*form).stdout.split() == [mark]
    docker_cli("rm", mark)


def save(page: Page, several: dict[str, str], path: Path) -> None:
    """And it is under all their names."""
    for id in several.values():
        heard_of(page, f"{LIST}{id}/")
    page.goto(LIST)
    for id in several.values():
        page.locator(f"#t-{id}").check()
    with page.expect_download() as saving:
        page.get_by_role("button", name="Save .tar").click()
    saving.value.save_as(path)
    with tarfile.open(path) as archive:
        listed = json.load(archive.extractfile("manifest.json") or io.BytesIO())
    assert {tag for each in listed for tag in each["RepoTags"]} == set(several)


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
