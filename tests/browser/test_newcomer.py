"""The path of somebody who has never been here: log in, paste a line, and the port is open."""

import secrets
import time
import urllib.request
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import LABEL, DockerCli
from tests.registry import free_port
from tests.runtime import until
from tests.site import Site

MOST_CLICKS = 6
COUNT = "addEventListener('click', (event) => event.isTrusted && window.clicked(), true)"


@pytest.fixture
def name(docker_cli: DockerCli) -> Iterator[str]:
    made = f"newcomer-{secrets.token_hex(4)}"
    yield made
    docker_cli("rm", "--force", made, check=False)


def test_from_the_login_to_an_open_port_by_pasting_a_line(
    page: Page, server: Site, name: str, busybox: str, capsys: pytest.CaptureFixture[str]
) -> None:
    clicks: list[int] = []
    page.expose_function("clicked", lambda: clicks.append(1))
    page.add_init_script(COUNT)
    port = free_port()
    page.goto("/login/")
    began = time.monotonic()
    page.get_by_label("Username").fill(server.username)
    page.get_by_label("Password").fill(server.password)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("navigation").get_by_role("link", name="Containers").click()
    page.get_by_role("link", name="Run container").first.click()
    page.locator("#run-line").fill(
        f"docker run -d --name {name} -p {port}:80 \\\n  --label {LABEL} {busybox} \\\n"
        "  sh -c 'mkdir /w && echo hello > /w/index.html && httpd -f -p 80 -h /w'"
    )
    page.get_by_role("button", name="Fill the form").click()
    expect(page.locator("#run-form [name=name]")).to_have_value(name)
    page.locator("#run-form").get_by_role("button", name="Run").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    until(lambda: answer_of(port) == "hello\n")
    took = time.monotonic() - began
    with capsys.disabled():
        print(f"\nnewcomer: {took:.1f} s of machine time, {len(clicks)} clicks")
    assert len(clicks) <= MOST_CLICKS
    expect(page.locator("#toasts code")).to_contain_text(f"docker run -d --name {name}")
    page.locator("[popovertarget=bell]").click()
    expect(page.locator("#bell-list")).to_contain_text(f"docker run -d --name {name}")
    expect(
        page.locator("#bell-list").get_by_role("button", name="Copy the command")
    ).to_be_visible()


def answer_of(port: int) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2) as answer:
            return str(answer.read().decode())
    except OSError:
        return ""
