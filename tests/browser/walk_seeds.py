"""One object of each kind for the walk, made by the site's own forms and by the command line."""

import re
import secrets
from dataclasses import dataclass
from urllib.parse import urlencode

from playwright.sync_api import APIResponse, Page, expect

from tests.browser.terminal_page import enter, go
from tests.browser.waiting import heard_of
from tests.conftest import LABEL, DockerCli
from tests.runtime import until

WORDS = "correct horse battery"
TALKS = 'for i in $(seq 1 40); do echo "out $i"; done; echo "ERROR broken" >&2; exec sh'
TOKEN = re.compile(r'"X-CSRFToken": "(\w+)"')
SHOP = ("--label", "com.docker.compose.project=walk-the-whole-shop-project")
SICK = ("--health-cmd", "false", "--health-interval", "1s", "--health-retries", "1")
BOXES = ("container_id", "other_id", "idle_id", "removed_id")
NOBODY = "127.0.0.1:1"  # where no registry listens


@dataclass
class Forms:
    """Posts forms as the person whose tab it is, without a tab."""

    page: Page

    def text(self, address: str) -> str:
        return self.page.request.get(address, headers={"Accept": "text/html"}).text()

    def post(self, address: str, /, **fields: object) -> APIResponse:
        found = TOKEN.search(self.text("/account/keys/"))
        assert found
        headers = {"X-CSRFToken": found[1], "Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode(fields, doseq=True)
        answer = self.page.request.post(address, data=body, headers=headers, max_redirects=0)
        assert answer.status in (200, 302), f"{address}: {answer.status} {answer.text()[:2000]}"
        return answer

    def made(self, address: str, /, **fields: object) -> str:
        """The last part of the address that a form leads to."""
        to = self.post(address, **fields).headers["location"]
        return to.partition("?")[0].strip("/").rpartition("/")[2]

    def first(self, pattern: str, address: str) -> str:
        """What the pattern's group is in that page, once it is there."""
        return str(until(lambda: re.search(pattern, self.text(address)))[1])


def people(forms: Forms, mark: str) -> dict[str, str]:
    """A person in a team that has a grant, a registry and a token."""
    person = forms.made("/people/add/", username=mark, password1=WORDS, password2=WORDS)
    forms.post("/teams/add/", name=mark, slug=mark, members=person)
    grant = {"role": "developer", "host": "local", "selector": "owned"}
    forms.post(f"/teams/{mark}/grants/add/", **grant)
    forms.post("/account/tokens/add/", name=mark, days=30, rights="container.see")
    registry = forms.made("/registries/add/", address=NOBODY, name=mark, plain_http="on")
    return {
        "user_id": person,
        "slug": mark,
        "grant_id": forms.first(r"/grants/(\d+)/", f"/teams/{mark}/"),
        "token_id": forms.first(r"/account/tokens/(\d+)/end/", "/account/tokens/"),
        "registry_id": registry,
        "registry": NOBODY,
        "seq": "1",
        "cursor": "1800000000000000000.0",
    }


def objects(docker_cli: DockerCli, busybox: str, mark: str) -> dict[str, str]:
    """A container that says much of itself and takes input, one that failed, a dangerous one
    that was never started, and a volume."""
    docker_cli("volume", "create", "--label", LABEL, mark)
    run = ("run", "-d", "--network", "none", "--label", LABEL, *SHOP)
    inside = ("-it", "-v", f"{mark}:/data", "-e", "TOKEN=abcd", "--memory", "64m", *SICK)
    long = f"{mark}-with-a-name-that-is-rather-long-for-a-phone"
    says = f"echo kept > /data/note; touch /made; {TALKS}"
    box = docker_cli(*run, *inside, "--name", long, busybox, "sh", "-c", says).stdout.strip()
    other = docker_cli(*run, "--name", f"{mark}-ended", busybox, "sh", "-c", "exit 3").stdout
    apart = ("--network", "bridge", "--privileged")
    idle = ("create", "--label", LABEL, "--name", f"{mark}-idle", *apart, busybox)
    gone = ("create", "--label", LABEL, "--name", f"{long}-that-is-gone", busybox)
    image = docker_cli("image", "inspect", "-f", "{{.Id}}", busybox).stdout.strip()
    network = docker_cli("network", "inspect", "-f", "{{.Id}}", "bridge").stdout.strip()
    return {
        "host": "local",
        "container_id": box,
        "other_id": other.strip(),
        "idle_id": docker_cli(*idle).stdout.strip(),
        "removed_id": docker_cli(*gone).stdout.strip(),
        "image_id": image.removeprefix("sha256:"),
        "network_id": network,
        "volume_id": mark,
    }


def remove(docker_cli: DockerCli, seeds: dict[str, str]) -> None:
    helpers = docker_cli("ps", "-aq", "--filter", f"volume={seeds['volume_id']}").stdout.split()
    docker_cli("rm", "-f", *helpers, *(seeds[name] for name in BOXES), check=False)
    docker_cli("volume", "rm", "-f", seeds["volume_id"], check=False)


def failed_job(forms: Forms) -> str:
    job = forms.made("/hosts/local/images/pull/", reference=f"{NOBODY}/walk/none:1")
    forms.first(r"</span>(Failed)", f"/jobs/{job}/")
    return job


def host_says(forms: Forms, word: str) -> None:
    """``on``: its terminals are recorded, and one may go beyond its fence; ``off``."""
    ports = forms.first(r'name="ports" value="([^"]*)"', "/hosts/local/settings/fence/")
    beyond = {"beyond_fence": "on"} if word == "on" else {}
    forms.post("/hosts/local/settings/fence/", ports=ports, **beyond)
    forms.post("/hosts/local/settings/", recording=word)


def terminals(page: Page, forms: Forms, box: str) -> dict[str, str]:
    """A recording of a terminal that is over, and a terminal that is open in this tab."""
    go(page, box)
    enter(page, "echo heard; exit")
    expect(page.locator(".tend")).to_contain_text("Exited")
    go(page, box)
    return {
        "recording_id": forms.first(r"/recordings/(\w+)/", "/recordings/"),
        "session_id": forms.first(r"/local/terminals/([^/\"]+)/\"", "/hosts/local/terminals/"),
    }


def new_mark() -> str:
    return f"walk-{secrets.token_hex(3)}"


def known(page: Page, seeds: dict[str, str]) -> None:
    """Until the site has heard of what was made by the command line, and one was removed there."""
    for name in BOXES:
        heard_of(page, f"/hosts/local/containers/{seeds[name]}/")
    until(lambda: page.request.get(f"/hosts/local/volumes/{seeds['volume_id']}/").ok)
    Forms(page).post(f"/hosts/local/containers/{seeds['removed_id']}/remove/", force="on")
