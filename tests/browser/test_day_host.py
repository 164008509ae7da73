"""A day's work with networks, volumes and what a host tells of itself, beside the command line."""

import json
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_networks import opened, there
from tests.browser.test_networks import steady as steady
from tests.browser.waiting import heard_of
from tests.conftest import LABEL, DockerCli

NETWORKS, VOLUMES = "/hosts/local/networks/", "/hosts/local/volumes/"


@pytest.fixture
def mark(docker_cli: DockerCli) -> Iterator[str]:
    """The name of a container, a network and a volume, which are gone after the test."""
    made = f"dayhost-{secrets.token_hex(4)}"
    yield made
    docker_cli("rm", "-f", made, check=False)
    docker_cli("network", "rm", made, check=False)
    docker_cli("volume", "rm", "-f", made, check=False)


def test_a_days_work_with_a_host(
    steady: Page, mark: str, busybox: str, docker_cli: DockerCli
) -> None:
    page = steady
    make_volume(page, docker_cli, mark)
    write = ("sh", "-c", "echo hello >/data/note; sleep 600")
    options = ("--name", mark, "--label", LABEL, "--stop-timeout=0", "-v", f"{mark}:/data")
    docker_cli("create", *options, busybox, *write)
    connect(page, docker_cli, mark)
    docker_cli("start", mark)
    look_at_events(page, docker_cli, mark)
    browse(page, docker_cli, mark)
    measure(page, docker_cli, mark, busybox)
    docker_cli("rm", "-f", mark)
    remove_volume(page, docker_cli, mark)


def make_volume(page: Page, docker_cli: DockerCli, mark: str) -> None:
    opened(page, f"{VOLUMES}_create/")
    page.get_by_label("Name", exact=True).fill(mark)
    page.get_by_label("Labels").fill(f"day={mark}")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(mark)
    said = json.loads(docker_cli("volume", "inspect", mark).stdout)[0]
    assert (said["Driver"], said["Labels"]["day"]) == ("local", mark)
    assert page.request.get(f"/api/v1{VOLUMES}{mark}/inspect").json() == said


def connect(page: Page, docker_cli: DockerCli, mark: str) -> None:
    """To a network that is made for it, from its end back to its beginning."""
    opened(page, f"{NETWORKS}create/")
    page.get_by_label("Name").fill(mark)
    page.get_by_role("button", name="Create").click(no_wait_after=True)
    known = ("network", "inspect", "-f", "{{.Id}}", mark)
    id = there(page, lambda: docker_cli(*known, check=False).stdout.strip())
    opened(page, f"{NETWORKS}?q={mark}")
    row = page.locator(f"#n-{id}")
    said = docker_cli("network", "ls", "--filter", f"id={id}", "--format", "{{.ID}} {{.Driver}}")
    for word in said.stdout.split():
        expect(row).to_contain_text(word)
    told = json.loads(docker_cli("network", "inspect", id).stdout)[0]
    assert page.request.get(f"/api/v1{NETWORKS}{id}/inspect").json() == told
    opened(page, f"{NETWORKS}{id}/connect/")
    page.get_by_label("Container", exact=True).select_option(label=mark)
    page.get_by_role("button", name="Connect").click(no_wait_after=True)
    joined = ("inspect", "-f", "{{json .NetworkSettings.Networks}}", mark)
    there(page, lambda: mark in json.loads(docker_cli(*joined).stdout))
    box = docker_cli("inspect", "-f", "{{.Id}}", mark).stdout.strip()
    heard_of(page, f"{NETWORKS}{id}/", f"c-{box}")
    opened(page, f"{NETWORKS}{id}/disconnect/?container={box}")
    page.get_by_role("button", name="Disconnect").click(no_wait_after=True)
    there(page, lambda: mark not in json.loads(docker_cli(*joined).stdout))
    opened(page, f"{NETWORKS}{id}/remove/")
    page.get_by_role("button", name="Remove").click(no_wait_after=True)
    there(page, lambda: docker_cli(*known, check=False).returncode)


def look_at_events(page: Page, docker_cli: DockerCli, mark: str) -> None:
    now = docker_cli("info", "-f", "{{.SystemTime}}").stdout.strip()
    only = ("--filter", f"container={mark}", "--filter", "type=container")
    shown = ("--since", "10m", "--until", now, "--format", "container {{.Action}}")
    said = docker_cli("events", *only, *shown).stdout.splitlines()
    opened(page, f"/hosts/local/events/?q={mark} type:container")
    chips = page.locator("#entries tr .chip")
    expect(chips).to_have_count(len(said))
    assert [text.strip() for text in chips.all_inner_texts()] == said[::-1]


def browse(page: Page, docker_cli: DockerCli, mark: str) -> None:
    opened(page, f"{VOLUMES}{mark}/files/")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download note").click()
    said = docker_cli("exec", mark, "cat", "/data/note").stdout
    assert Path(download.value.path()).read_text() == said == "hello\n"


def measure(page: Page, docker_cli: DockerCli, mark: str, image: str) -> None:
    opened(page, "/hosts/local/disk/objects/")
    page.get_by_role("link", name="Measure again").click()
    volumes = page.locator("section", has=page.locator("#k-volumes"))
    row = volumes.locator("tbody tr").filter(has_text=mark)
    expect(row).to_contain_text("yes", timeout=60_000)
    form = ("system", "df", "-v", "--format", "{{range .Volumes}}{{.Name}} {{.Size}}\n{{end}}")
    sizes = dict(line.split() for line in docker_cli(*form).stdout.splitlines() if line)
    assert sizes[mark] == "6B"
    expect(row.locator(".num")).to_have_text("6 B")
    told = page.request.get("/api/v1/hosts/local/disk").json()["kinds"]
    measured = {each["id"]: str(each["size"]) for kind in told for each in kind["items"]}
    written = docker_cli("inspect", "--size", "-f", "{{.Id}} {{.SizeRw}}", mark).stdout.split()
    assert measured[written[0]] == written[1]
    size = docker_cli("inspect", "-f", "{{.Id}} {{.Size}}", image).stdout.split()
    assert measured[size[0].removeprefix("sha256:")] == size[1]
    opened(page, f"{VOLUMES}?q={mark}&whole=1")
    listed = page.locator("#rows tbody tr")
    expect(listed).to_have_count(1)
    expect(listed).to_contain_text("1 container")
    expect(listed.locator(".num")).to_have_text("6 B")


def remove_volume(page: Page, docker_cli: DockerCli, mark: str) -> None:
    opened(page, f"{VOLUMES}{mark}/remove/")
    page.get_by_label("to confirm").fill(mark)
    page.get_by_role("button", name="Remove").click(no_wait_after=True)
    there(page, lambda: docker_cli("volume", "inspect", mark, check=False).returncode)
