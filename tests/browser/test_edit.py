"""Changing a running container in a real Chromium: the form, the difference, the job, its end."""

import json
import re
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import axe
from tests.browser.waiting import heard_of
from tests.conftest import LABEL, DockerCli

Login = Callable[..., Page]


@pytest.fixture
def name(docker_cli: DockerCli, busybox: str) -> Iterator[str]:
    made = f"edit-{secrets.token_hex(4)}"
    options = ("--label", LABEL, "--stop-timeout=0", "-v", f"{made}:/data", "-v", "/anonymous")
    ports = ("-p", "127.0.0.1::80")
    docker_cli("run", "-d", "--name", made, *options, *ports, "-e", "A=1", busybox, "sleep", "900")
    yield made
    docker_cli("rm", "--force", "--volumes", made, check=False)
    docker_cli("volume", "rm", made, check=False)


def inspect(docker_cli: DockerCli, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(docker_cli("inspect", name).stdout)[0]
    return found


def test_env_and_port_of_a_running_container_are_changed(
    page: Page, login: Login, name: str, docker_cli: DockerCli
) -> None:
    before = inspect(docker_cli, name)
    login(page)
    address = f"/hosts/local/containers/{before['Id']}/edit/"
    page.goto(heard_of(page, address))
    expect(page.get_by_role("heading", name=f"Change {name}")).to_be_visible()
    env = page.get_by_role("group", name="Environment")
    expect(env.get_by_label("Value of the variable")).to_have_value("1")
    env.get_by_label("Value of the variable").fill("2")
    ports = page.get_by_role("group", name="Ports")
    ports.get_by_label("Port of the container").fill("81")
    expect(page.locator("#run-preview")).to_contain_text("-e A=2")
    page.get_by_role("button", name="Show the difference").click()
    expect(page.get_by_role("heading", name=f"Make {name} anew?")).to_be_visible()
    told = page.get_by_role("table", name="What differs")
    for line in ("-e A=1", "-e A=2", "127.0.0.1::80", "127.0.0.1::81"):
        expect(told).to_contain_text(line)
    assert axe(page) == []
    page.get_by_role("button", name="Make it anew").click()
    expect(page).to_have_url(re.compile(r"/containers/[0-9a-f]{64}/$"), timeout=60_000)
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()
    after = inspect(docker_cli, name)
    assert after["Id"] != before["Id"]
    assert after["State"]["Running"]
    assert "A=2" in after["Config"]["Env"]
    assert "81/tcp" in after["HostConfig"]["PortBindings"]
    volumes = {mount["Destination"]: mount["Name"] for mount in before["Mounts"]}
    assert {mount["Destination"]: mount["Name"] for mount in after["Mounts"]} == volumes
