"""The server is killed while a container is made anew: the next one brings the old one back."""

import json
import os
import secrets
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.conftest import LABEL, DockerCli
from tests.runtime import until
from tests.site import Site, running_site

pytestmark = pytest.mark.long


@pytest.fixture
def name(docker_cli: DockerCli, busybox: str) -> Iterator[str]:
    made = f"killed-{secrets.token_hex(4)}"
    options = ("--label", LABEL, "--stop-timeout=0", "--network", "none", "-v", "/kept")
    docker_cli("run", "-d", "--name", made, *options, busybox, "sleep", "900")
    yield made
    left = docker_cli("ps", "-aq", "--filter", f"name={made}").stdout.split()
    docker_cli("rm", "-fv", *left, check=False)


def logged_in(site: Site) -> requests.Session:
    browser = requests.Session()
    browser.get(f"{site.url}/login/", timeout=20)
    token = {"csrfmiddlewaretoken": browser.cookies["wharfinger-csrf"]}
    asked = {"username": site.username, "password": site.password, **token}
    browser.post(f"{site.url}/login/", asked, headers={"Referer": site.url}, timeout=20)
    return browser


def state(docker_cli: DockerCli, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(docker_cli("inspect", name).stdout)[0]
    return found


def test_what_kill_9_cuts_off_is_taken_back(
    name: str, busybox: str, engine_url: str, docker_cli: DockerCli, tmp_path: Path
) -> None:
    old = state(docker_cli, name)
    with running_site(engine_url, tmp_path / "data") as site:
        browser = logged_in(site)
        place = f"{site.url}/hosts/local/containers/{old['Id']}/edit/"
        until(lambda: browser.get(place, timeout=20).status_code == 200, 20)
        token = {"csrfmiddlewaretoken": browser.cookies["wharfinger-csrf"]}
        asked = {"image": busybox, "command": "sleep 901", "network": "none", "confirmed": "1"}
        headers = {"Referer": site.url}
        browser.post(place, {**asked, **token}, headers=headers, allow_redirects=False, timeout=30)
        until(lambda: running_new(docker_cli, name, old["Id"]), 30)
        os.kill(site.process.pid, signal.SIGKILL)
        site.process.wait(20)
    assert not state(docker_cli, old["Id"])["State"]["Running"]
    with running_site(engine_url, tmp_path / "data"):
        until(lambda: back(docker_cli, name, old["Id"]), 60)
    (left,) = docker_cli("ps", "-aq", "--no-trunc", "--filter", f"name={name}").stdout.split()
    assert left == old["Id"]
    assert state(docker_cli, name)["Mounts"] == old["Mounts"]


def running_new(docker_cli: DockerCli, name: str, old: str) -> bool:
    done = docker_cli("inspect", name, check=False)
    found = json.loads(done.stdout)[0] if done.returncode == 0 else {}
    return bool(found) and found["Id"] != old and found["State"]["Running"]


def back(docker_cli: DockerCli, name: str, old: str) -> bool:
    done = docker_cli("inspect", name, check=False)
    found = json.loads(done.stdout)[0] if done.returncode == 0 else {}
    return bool(found) and found["Id"] == old and found["State"]["Running"]
