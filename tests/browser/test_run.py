"""The run form in a real Chromium: a pasted line fills it, the line follows it, axe."""

import itertools
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import axe
from tests.conftest import LABEL, DockerCli

Login = Callable[..., Page]
RUN = "/hosts/local/containers/run/"
LOOKS = list(itertools.product(["light", "dark"], [(1440, 900), (390, 844)]))


@pytest.fixture
def name(docker_cli: DockerCli) -> Iterator[str]:
    made = f"runb-{secrets.token_hex(4)}"
    yield made
    docker_cli("rm", "--force", made, check=False)


def paste(page: Page, line: str) -> None:
    page.get_by_text("Paste a docker run command").click()
    page.locator("#run-line").fill(line)
    page.get_by_role("button", name="Fill the form").click()


def test_a_pasted_line_fills_the_form_and_runs(
    page: Page, login: Login, name: str, busybox: str, docker_cli: DockerCli
) -> None:
    login(page).goto(RUN)
    paste(
        page,
        f"$ docker run -d \\\n  --name {name} --network none -e 'A=b c' \\\n"
        f"  --label {LABEL} {busybox} sleep 600",
    )
    expect(page.locator("#run-form [name=name]")).to_have_value(name)
    expect(page.locator("#run-preview")).to_contain_text(f"The name {name} is free.")
    page.locator("#run-form [name=memory]").fill("32m")
    expect(page.locator("#run-preview")).to_contain_text("-m 32m")
    page.locator("#run-form").get_by_role("button", name="Run").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    env = docker_cli("inspect", "-f", "{{.Config.Env}} {{.HostConfig.Memory}}", name).stdout
    assert "A=b c" in env
    assert "33554432" in env


def test_a_mistake_is_shown_at_its_field_and_keeps_what_was_typed(
    page: Page, login: Login, name: str, busybox: str
) -> None:
    login(page).goto(f"{RUN}?image={busybox}")
    page.locator("#run-form [name=name]").fill(name)
    page.locator("#run-form [name=memory]").fill("lots")
    page.locator("#run-form").get_by_role("button", name="Run").click()
    expect(page.locator("[name=memory][aria-invalid=true]")).to_be_visible()
    expect(page.locator("#run-form [name=name]")).to_have_value(name)


@pytest.mark.parametrize(("theme", "size"), LOOKS, ids=str)
def test_the_form_keeps_nobody_out(
    page: Page, login: Login, theme: Any, size: tuple[int, int], busybox: str
) -> None:
    login(page)
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(RUN)
    assert axe(page) == []
    paste(page, f"docker run -p 80:80 -p 443:443 -e TOKEN=x -v data:/data --nope {busybox}")
    expect(page.locator("#run")).to_contain_text("--nope")
    assert axe(page) == []
