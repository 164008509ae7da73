"""A day's work with containers, each verb beside what the command line reports afterwards."""

import json
import re
import secrets
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.terminal_page import enter, shows
from tests.browser.waiting import heard_of
from tests.conftest import LABEL, DockerCli
from tests.registry import Registry
from tests.runtime import until

Login = Callable[..., Page]
LIST = "/hosts/local/containers/"


@dataclass(frozen=True)
class Work:
    """One tab, the command line, and the container ``name`` of the project ``name``."""

    page: Page
    docker: DockerCli
    name: str
    image: str

    @property
    def now(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.docker("inspect", self.name).stdout)[0]
        return found

    @property
    def base(self) -> str:
        return f"{LIST}{self.now['Id']}/"

    def open(self, below: str = "", word: str = "") -> None:
        self.page.goto(heard_of(self.page, f"{self.base}{below}", word))

    def press(self, verb: str) -> None:
        self.page.get_by_role("dialog").get_by_role("button", name=verb, exact=True).click()

    def job_done(self) -> None:
        """From its page one is led on, unless it was over before."""
        self.page.wait_for_url(re.compile(r"/(jobs|containers)/[0-9a-f-]{36,64}/$"))
        until(lambda: "/jobs/" not in self.page.url or self.over(self.page.url), 60)
        self.open()
        expect(self.page.get_by_role("heading", name=self.name, exact=True)).to_be_visible()

    def over(self, job: str) -> bool:
        told = self.page.request.get(f"{job}?format=json").json()
        assert not told["over"] or told["state"] == "done", told
        return bool(told["over"])


@pytest.fixture
def work(
    page: Page, login: Login, registry: Registry, busybox: str, docker_cli: DockerCli
) -> Iterator[Work]:
    name = f"day-{secrets.token_hex(4)}"
    image = f"{registry.address}/wharf/{name}:1"
    docker_cli("tag", busybox, image)
    docker_cli("push", image)
    options = ("--label", LABEL, "--network", "none", "--stop-signal=KILL", "-m", "64m")
    options += ("--label", f"com.docker.compose.project={name}")
    for service in (name, f"{name}-two"):
        docker_cli("run", "-dit", *options, "--name", service, "-v", "/kept", image, "sh")
    yield Work(login(page), docker_cli, name, image)
    left = docker_cli("ps", "-aq", "--filter", f"name={name}").stdout.split()
    docker_cli("rm", "-fv", *left, check=False)
    docker_cli("rmi", "-f", image, check=False)


def test_a_days_work_with_containers(work: Work) -> None:
    attach(work)
    look_at_changes(work)
    export(work)
    watch(work)
    limit(work)
    duplicate(work)
    edit(work)
    renew(work)
    act_on_the_project(work)
    wait(work)


def attach(work: Work) -> None:
    work.open("attach/", 'data-part="new">')
    expect(work.page.get_by_role("status").filter(has_text="Attached")).to_be_visible()
    enter(work.page, "echo day-$((40+2)) | tee /kept/note /tmp/written")
    shows(work.page, "day-42")
    work.page.get_by_role("button", name="Leave").click()
    expect(work.page.get_by_text("You are not attached.")).to_be_visible()
    assert "day-42" in work.docker("logs", work.name).stdout
    assert work.now["State"]["Running"]


def look_at_changes(work: Work) -> None:
    """What is in a volume is none."""
    work.open("changes/?whole=1")
    said = work.docker("diff", work.name).stdout.splitlines()
    assert "A /tmp/written" in said
    added = sum(line.startswith("A ") for line in said)
    expect(work.page.get_by_role("link", name=f"Added {added}", exact=True)).to_be_visible()
    work.open("changes/?whole=1&q=written")
    work.page.locator("#changes").get_by_role("link", name="written", exact=True).click()
    expect(work.page.locator(".log .m")).to_have_text("day-42")
    with work.page.expect_download() as download:
        work.page.get_by_role("link", name="Download", exact=True).click()
    said = work.docker("exec", work.name, "cat", "/tmp/written").stdout
    assert Path(download.value.path()).read_text() == said == "day-42\n"


def export(work: Work) -> None:
    work.open("menu/")
    with work.page.expect_download() as download:
        work.page.get_by_role("link", name="Export .tar").click()
    with tarfile.open(download.value.path()) as archive:
        ours = set(archive.getnames())
    theirs = work.docker("exec", work.name, "find", "/bin", "/etc").stdout.split()
    assert {name.strip("/") for name in theirs} <= ours


def watch(work: Work) -> None:
    work.open("stats/")
    expect(work.page.locator("#stat-memory")).to_have_text(re.compile(r"iB of 64\.0 MiB$"))
    pids = work.docker("top", work.name, "-o", "pid").stdout.split()[1:]
    expect(work.page.locator("#top tbody tr")).to_have_count(len(pids))
    for pid in pids:
        expect(work.page.locator("#top tbody")).to_contain_text(pid)


def limit(work: Work) -> None:
    work.open()
    card = work.page.locator("section", has=work.page.locator("#card-limits"))
    card.get_by_role("link", name="Change").click()
    dialog = work.page.get_by_role("dialog")
    dialog.get_by_label("Memory limit").fill("96m")
    dialog.get_by_label("Restart", exact=True).select_option("unless-stopped")
    work.press("Change")
    expect(card).to_contain_text("96.0 MiB")
    host = work.now["HostConfig"]
    assert (host["Memory"], host["RestartPolicy"]["Name"]) == (96 << 20, "unless-stopped")


def duplicate(work: Work) -> None:
    work.open("duplicate/")
    form = work.page.locator("#run-form")
    expect(form.locator("[name=name]")).to_have_value(f"{work.name}-copy")
    form.get_by_role("button", name="Run").click()
    work.page.wait_for_url(re.compile(r"/containers/[0-9a-f]{64}/"))
    copy = json.loads(work.docker("inspect", f"{work.name}-copy").stdout)[0]
    for field in ("Cmd", "Env", "Labels", "Image"):
        assert copy["Config"][field] == work.now["Config"][field]
    assert copy["HostConfig"]["Memory"] == 96 << 20
    assert copy["State"]["Running"]


def edit(work: Work) -> None:
    before = work.now
    work.open("edit/")
    env = work.page.get_by_role("group", name="Environment")
    env.get_by_role("button", name="As text").click()
    work.page.locator("[name=env]").fill("DAY=2")
    work.page.get_by_role("button", name="Show the difference").click()
    expect(work.page.get_by_role("table", name="What differs")).to_contain_text("-e DAY=2")
    work.page.get_by_role("button", name="Make it anew").click()
    work.job_done()
    assert (work.now["Id"] != before["Id"], work.now["State"]["Running"]) == (True, True)
    assert "DAY=2" in work.now["Config"]["Env"]
    assert work.docker("exec", work.name, "cat", "/kept/note").stdout == "day-42\n"


def renew(work: Work) -> None:
    """With an image that was made of it, and that the registry has under its name by now."""
    work.open("commit/")
    work.page.get_by_label("Name").fill(work.image)
    work.page.get_by_label("Labels").fill("newer=1")
    work.page.get_by_role("textbox", name="Message").fill("a day's work")
    work.page.get_by_label("Author").fill("ada")
    work.page.get_by_role("button", name="Commit as image").click()
    work.page.get_by_role("link", name="Open the image").click()
    form = "{{.Id}} {{.Author}} {{.Comment}} {{.Config.Labels}}"
    made = work.docker("inspect", "--type", "image", "-f", form, work.image).stdout
    newest, said = made.split(" ", 1)
    assert said.startswith("ada a day's work map[")
    assert "newer:1" in said
    work.docker("push", work.image)
    work.open("menu/")
    work.page.get_by_role("link", name="Recreate with the newest image…").click()
    work.page.get_by_role("button", name="Recreate", exact=True).click()
    work.job_done()
    assert (work.now["Image"], work.now["State"]["Running"]) == (newest, True)
    assert "DAY=2" in work.now["Config"]["Env"]


def act_on_the_project(work: Work) -> None:
    three = ("ps", "-q", "--filter", f"label=com.docker.compose.project={work.name}")
    assert len(work.docker(*three).stdout.split()) == 3
    page = work.page
    page.goto(f"{LIST}?q=project:{work.name}&group=project")
    expect(page.locator("tr[data-row]")).to_have_count(3)
    page.get_by_role("button", name=f"Stop {work.name}").click()
    work.press("Stop")
    until(lambda: page.wait_for_timeout(50) or not work.docker(*three).stdout)
    expect(page.locator("tr[data-row]").filter(has_text="Exited")).to_have_count(3)


def wait(work: Work) -> None:
    """By the API, which answers once it ends."""
    told = work.page.request.get(f"/api/v1{work.base}wait?timeout=20").json()
    assert told == {"over": True, "exit_code": int(work.docker("wait", work.name).stdout)}
