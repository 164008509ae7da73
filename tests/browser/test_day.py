"""A day's work from top to bottom: registries, a run, its port, logs, terminal, files, the end."""

import hashlib
import json
import os
import re
import secrets
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_run import paste
from tests.conftest import LABEL, DockerCli
from tests.registry import Registry, free_port

Login = Callable[..., Page]
IMAGES = "/hosts/local/images/"
CONTAINERS = "/hosts/local/containers/"


@pytest.fixture
def names(docker_cli: DockerCli) -> Iterator[dict[str, str]]:
    """Names of this day: a repository, a container and its volume, all gone afterwards."""
    mark = f"day-{secrets.token_hex(4)}"
    yield {"repository": f"wharf/{mark}", "container": mark}
    docker_cli("rm", "--force", "--volumes", mark, check=False)
    docker_cli("volume", "rm", "--force", mark, check=False)
    for name in docker_cli("images", "--format", "{{.Repository}}:{{.Tag}}").stdout.split():
        if mark in name:
            docker_cli("rmi", "--force", name, check=False)


@pytest.fixture
def published(
    registry: Registry, busybox: str, docker_cli: DockerCli, names: dict[str, str]
) -> str:
    """An image that only the open registry has; its reference."""
    reference = f"{registry.address}/{names['repository']}:1"
    docker_cli("tag", busybox, reference)
    docker_cli("push", reference)
    docker_cli("rmi", reference)
    return reference


def add_registry(page: Page, registry: Registry, name: str) -> None:
    page.goto("/registries/add/")
    page.fill("[name=address]", registry.address)
    page.fill("[name=name]", name)
    page.check("[name=plain_http]")
    if registry.user:
        page.fill("[name=username]", registry.user)
        page.fill("[name=password]", registry.password)
    page.locator("main").get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def done(page: Page) -> None:
    expect(page.locator("[data-state]").first).to_have_text("Done")


def search_and_pull(page: Page, registry: Registry, repository: str) -> None:
    page.goto(f"{IMAGES}search/")
    page.get_by_label("Registry").select_option(registry.address)
    page.get_by_label("Words").fill(repository.partition("/")[2])
    page.locator("main").get_by_role("button", name="Search").click()
    page.get_by_role("link", name=repository).first.click()
    page.get_by_role("button", name=re.compile("Pull")).first.click()
    page.wait_for_url("**/jobs/*/")
    done(page)


def image_page(page: Page, docker_cli: DockerCli, reference: str) -> str:
    image_id = docker_cli("inspect", "--format", "{{.Id}}", reference).stdout.strip()[7:]
    page.goto(f"{IMAGES}{image_id}/")
    return image_id


def tag_and_push(page: Page, docker_cli: DockerCli, source: str, target: str) -> None:
    image_id = image_page(page, docker_cli, source)
    page.get_by_label("New tag").fill(target)
    page.get_by_role("button", name="Add tag").click()
    expect(page.locator("main")).to_contain_text(target)
    page.goto(f"{IMAGES}{image_id}/push/?target={target}")
    page.locator("#push-preview").get_by_role("button", name=re.compile("Push")).click()
    page.wait_for_url("**/jobs/*/")
    done(page)


def remove_image(page: Page, docker_cli: DockerCli, reference: str) -> None:
    image_id = image_page(page, docker_cli, reference)
    page.goto(f"{IMAGES}{image_id}/remove/?ref={reference}")
    page.locator("main").get_by_role("button", name=re.compile("Remove|Take away")).click()
    page.wait_for_url(re.compile("/images/"))


def pull(page: Page, reference: str) -> None:
    page.goto(f"{IMAGES}pull/")
    page.get_by_label("Image").fill(reference)
    page.locator("main").get_by_role("button", name="Pull").click()
    page.wait_for_url("**/jobs/*/")
    done(page)


def run_by_line(page: Page, line: str) -> None:
    page.goto(f"{CONTAINERS}run/")
    paste(page, line)
    expect(page.locator("#run-form [name=name]")).not_to_have_value("")
    page.locator("#run-form").get_by_role("button", name="Run").click()
    page.wait_for_url(re.compile(r"/terminal/|/logs/"))


def terminal_says(page: Page, text: str) -> None:
    rows = page.locator(".tpanel:not([hidden]) .xterm-rows")
    expect(rows).to_contain_text(text.replace(" ", "\u00a0"))


def work_in_the_terminal(page: Page) -> None:
    page.goto(page.url.replace("/logs/", "/terminal/"))
    terminal_says(page, "#")
    page.keyboard.type("echo $((40 + 2)) $GREETING\n")
    terminal_says(page, "42 good morning")
    page.keyboard.type("stty size\n")
    before = page.locator(".xterm-rows > div").count()
    page.set_viewport_size({"width": 1000, "height": 600})
    page.wait_for_timeout(500)
    assert page.locator(".xterm-rows > div").count() < before
    page.keyboard.type("exit 7\n")
    expect(page.locator("#terminals")).to_contain_text(re.compile(r"\b7\b"))
    page.set_viewport_size({"width": 1280, "height": 800})


def copy_in_and_out(page: Page, base: str, path: Path) -> None:
    page.goto(f"{base}files/?path=/tmp")
    page.click("button[popovertarget=upload-form]")
    page.set_input_files("[name=file]", [str(path)])
    page.click("#upload-form button.p")
    expect(page.locator("#uploads")).to_contain_text("is there.")
    with page.expect_download() as download:
        page.click(f"a[aria-label='Download {path.name}']")
    back = Path(download.value.path()).read_bytes()
    assert hashlib.sha256(back).digest() == hashlib.sha256(path.read_bytes()).digest()


def press(page: Page, verb: str) -> None:
    """A verb of the head that asks first."""
    page.locator("#head").get_by_role("link", name=verb).click()
    page.get_by_role("dialog").get_by_role("button", name=verb.removesuffix("…")).click()


def chip(page: Page, text: str) -> None:
    expect(page.locator("#head .chip").first).to_contain_text(text)


def test_a_days_work(
    page: Page,
    login: Login,
    registry: Registry,
    auth_registry: Registry,
    docker_cli: DockerCli,
    published: str,
    names: dict[str, str],
    tmp_path: Path,
) -> None:
    login(page)
    add_registry(page, registry, "open wharf")
    add_registry(page, auth_registry, "locked wharf")
    search_and_pull(page, registry, names["repository"])
    target = f"{auth_registry.address}/{names['repository']}:2"
    tag_and_push(page, docker_cli, published, target)
    for reference in (target, published):
        remove_image(page, docker_cli, reference)
    assert not docker_cli("images", "--quiet", target).stdout
    pull(page, target)

    volume, port = names["container"], free_port()
    run_by_line(
        page,
        f"docker run -it --name {names['container']} -p 127.0.0.1:{port}:80 -v {volume}:/www"
        f" -e GREETING='good morning' --label {LABEL} --stop-signal KILL {target}"
        " sh -c 'echo the wharf is open > /www/index.html; exec httpd -f -v -p 80 -h /www'",
    )
    base = page.url.rsplit("/", 2)[0] + "/"
    assert urllib.request.urlopen(f"http://127.0.0.1:{port}/").read() == b"the wharf is open\n"
    page.goto(f"{CONTAINERS}?q={names['container']}")
    expect(page.locator("tr[data-row]")).to_have_count(1)
    expect(page.locator("tr[data-row]")).to_contain_text(f"{port}→80")
    page.goto(f"{base}logs/")
    expect(page.locator(".l .m").first).to_contain_text("response:200")
    work_in_the_terminal(page)
    path = tmp_path / "cargo.bin"
    path.write_bytes(os.urandom(3 * 2**20 + 1))
    copy_in_and_out(page, base, path)

    page.goto(f"{base}inspect/?view=raw")
    expect(page.locator("#tree")).to_contain_text('"GREETING=good morning"')
    inspected = json.loads(docker_cli("inspect", names["container"]).stdout)[0]
    assert inspected["HostConfig"]["Binds"] == [f"{volume}:/www"]
    page.goto(base)
    press(page, "Stop")
    chip(page, "Exited")
    page.locator("#head").get_by_role("button", name="Start").click()
    chip(page, "Running")
    press(page, "Stop")
    chip(page, "Exited")
    press(page, "Remove…")
    page.wait_for_url(re.compile("/containers/$"))
    assert not docker_cli("ps", "--all", "--quiet", "--filter", f"name={names['container']}").stdout
