"""Images in a real Chromium: the list follows the engine, tags and removal by hand."""

import re
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import DockerCli

Login = Callable[..., Page]
LIST = "/hosts/local/images/"


@pytest.fixture
def image(busybox: str, docker_cli: DockerCli) -> Iterator[tuple[str, str]]:
    """A new image with one tag: (name, id)."""
    mark = f"imgb-{secrets.token_hex(4)}"
    box = docker_cli("create", "--label", "wharfinger-test=1", busybox).stdout.strip()
    docker_cli("commit", "--change", f"LABEL mark={mark}", box, f"{mark}:1")
    docker_cli("rm", box)
    yield f"{mark}:1", docker_cli("inspect", "-f", "{{.Id}}", f"{mark}:1").stdout.strip()[7:]
    for name in docker_cli("images", "--format", "{{.Repository}}:{{.Tag}}").stdout.split():
        if mark in name:
            docker_cli("rmi", "--force", name, check=False)


def test_the_list_follows_tags_and_removals_made_elsewhere(
    page: Page, login: Login, image: tuple[str, str], docker_cli: DockerCli
) -> None:
    name, id = image
    login(page).goto(f"{LIST}?q={name.partition(':')[0]}")
    expect(page.locator(f"#i-{id}")).to_contain_text(name)
    docker_cli("tag", name, name.replace(":1", ":2"))
    expect(page.locator(f"#i-{id}")).to_contain_text("and 1 more tag")
    docker_cli("rmi", name, name.replace(":1", ":2"))
    expect(page.locator(f"#i-{id}")).to_have_count(0)
    views = page.locator("#segments")
    views.get_by_role("link", name="Newer available").click()
    expect(page.locator("#q")).to_have_value(re.compile("newer:yes$"))
    expect(views.locator("[aria-current]")).to_contain_text("Newer available")
    expect(page.locator("#list").get_by_role("button", name="Check for newer")).to_be_visible()
    views.get_by_role("link", name="Unused").click()
    expect(page.locator("#q")).to_have_value(re.compile("state:unused$"))


def test_a_tag_is_added_and_the_image_removed_by_hand(
    page: Page, login: Login, image: tuple[str, str], docker_cli: DockerCli
) -> None:
    name, id = image
    login(page).goto(f"{LIST}{id}/")
    expect(page.locator(".layers")).to_contain_text("1.9 MiB")
    page.locator("#tag-form [name=reference]").fill("NOT a name")
    page.get_by_role("button", name="Add tag").click()
    expect(page.locator("#tag-form")).to_have_js_property("tagName", "FORM")
    expect(page.locator("#tag-form [aria-invalid=true]")).to_be_visible()
    page.locator("#tag-form [name=reference]").fill(name.replace(":1", ":9"))
    page.get_by_role("button", name="Add tag").click()
    expect(page.locator("#body")).to_contain_text(name.replace(":1", ":9"))
    page.locator("#head").get_by_role("link", name="Remove…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(name)
    dialog.get_by_label("Force").check()
    dialog.get_by_role("button", name="Remove").click()
    page.wait_for_url(f"**{LIST}")
    assert docker_cli("image", "inspect", id, check=False).returncode


def test_saved_by_ticks_removed_and_loaded_again(
    page: Page, login: Login, image: tuple[str, str], docker_cli: DockerCli, tmp_path: Path
) -> None:
    name, id = image
    login(page).goto(f"{LIST}?q={name.partition(':')[0]}")
    page.locator(f"#t-{id}").check()
    with page.expect_download() as saving:
        page.get_by_role("button", name="Save .tar").click()
    saving.value.save_as(tmp_path / "saved.tar")
    docker_cli("rmi", name)
    expect(page.locator(f"#i-{id}")).to_have_count(0)
    page.goto(f"{LIST}load/")
    page.get_by_label("Archive").set_input_files(tmp_path / "saved.tar")
    page.get_by_role("button", name="Load", exact=True).click()
    page.wait_for_url("**/jobs/*/")
    page.get_by_role("link", name="Open the image").click()
    page.get_by_role("link", name="Files").click()
    page.locator("#listing").get_by_role("link", name="etc", exact=True).click()
    expect(page.locator("#listing")).to_contain_text("passwd")
    assert docker_cli("inspect", "-f", "{{.Id}}", name).stdout.strip() == f"sha256:{id}"


def test_what_one_types_and_unfolds_stays_while_the_image_changes(
    page: Page, login: Login, image: tuple[str, str], docker_cli: DockerCli
) -> None:
    name, id = image
    login(page).goto(f"{LIST}{id}/")
    box = page.locator("#tag-form [name=reference]")
    box.fill("team/half-ty")
    page.locator(".layers details summary").first.click()
    docker_cli("tag", name, name.replace(":1", ":2"))
    expect(page.locator("#body")).to_contain_text(name.replace(":1", ":2"))
    expect(box).to_have_value("team/half-ty")
    expect(page.locator(".layers details").first).to_have_attribute("open", "")
    docker_cli("rmi", "--force", id)
    expect(page.get_by_text("This image is gone.")).to_be_visible()


def test_many_are_removed_and_what_blocks_is_said(
    page: Page,
    login: Login,
    image: tuple[str, str],
    container: Callable[..., str],
    docker_cli: DockerCli,
) -> None:
    name, id = image
    made = container("sleep", "3600", image=name, options=("--name", "imgb-keeper"))
    login(page).goto(f"{LIST}?q={name.partition(':')[0]}")
    row = page.locator(f"#i-{id}")
    expect(row.get_by_role("link", name="1 container")).to_be_visible()
    page.locator(f"#t-{id}").check()
    page.get_by_role("toolbar", name="Selected images").get_by_role(
        "button", name="Remove…"
    ).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("used by imgb-keeper")
    dialog.get_by_role("button", name="Remove").click()
    expect(dialog).to_contain_text("is being used by running container")
    dialog.get_by_role("link", name="Close").click()
    row.get_by_role("link", name="Remove").click()
    expect(dialog).to_contain_text("running: it blocks")
    expect(dialog.get_by_role("button")).to_have_count(0)
    page.keyboard.press("Escape")
    docker_cli("rm", "--force", made)
    expect(row.get_by_text("unused")).to_be_visible()
    row.get_by_role("link", name="Remove").click()
    dialog.get_by_role("button", name="Remove").click()
    expect(row).to_have_count(0)


def test_a_used_image_leads_to_its_containers_and_to_a_run(
    page: Page, login: Login, image: tuple[str, str], container: Callable[..., str]
) -> None:
    name, id = image
    made = container("sleep", "3600", image=name, options=("--name", "imgb-used"))
    login(page).goto(f"{LIST}?q={name.partition(':')[0]}")
    page.locator(f"#i-{id}").get_by_role("link", name="1 container").click()
    expect(page.locator(f"#c-{made}")).to_be_visible()
    expect(page.locator("[data-row]")).to_have_count(1)
    page.goto(f"{LIST}{id}/")
    page.locator("#head").get_by_role("link", name="Run").click()
    expect(page.get_by_label("Image", exact=True)).to_have_value(name)
