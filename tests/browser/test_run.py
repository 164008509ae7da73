"""The run form in a real Chromium: a pasted line fills it, the line follows it, axe."""

import re
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.axe import axe_in_both_themes
from tests.conftest import LABEL, DockerCli
from tests.registry import Registry
from tests.site import Site

Login = Callable[..., Page]
RUN = "/hosts/local/containers/run/"


@pytest.fixture
def name(docker_cli: DockerCli) -> Iterator[str]:
    made = f"runb-{secrets.token_hex(4)}"
    yield made
    docker_cli("rm", "--force", made, check=False)


def paste(page: Page, line: str) -> None:
    """The box is open where nothing is filled in yet."""
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


def test_the_box_to_paste_into_stays_open_while_the_page_goes_on_loading(
    page: Page, login: Login
) -> None:
    login(page).goto(RUN)
    held: list[Route] = []
    page.route("**/run/preview/", lambda route: held.append(route))
    with page.expect_request("**/run/preview/"):
        page.locator("#run-form [name=name]").fill("some")
    page.evaluate(
        "addEventListener('htmx:after:swap', () => (document.body.dataset.swapped = 'yes'))"
    )
    for route in held:
        route.continue_()
    expect(page.locator("body[data-swapped]")).to_have_count(1)
    expect(page.locator("#run-line")).to_be_visible()


def test_a_mistake_is_shown_at_its_field_and_keeps_what_was_typed(
    page: Page, login: Login, name: str, busybox: str
) -> None:
    login(page).goto(f"{RUN}?image={busybox}")
    page.locator("#run-form [name=name]").fill(name)
    page.locator("#run-form [name=memory]").fill("lots")
    page.locator("#run-form").get_by_role("button", name="Run").click()
    expect(page.locator("[name=memory][aria-invalid=true]")).to_be_visible()
    expect(page.locator("#run-form [name=name]")).to_have_value(name)


def test_lists_have_rows_that_follow_the_keyboard_a_paste_and_the_text(
    page: Page, login: Login, busybox: str
) -> None:
    login(page).goto(f"{RUN}?image={busybox}")
    ports = page.get_by_role("group", name="Ports")
    ports.get_by_role("button", name="Add a line").click()
    type_over(page, "127.0.0.1", "18080", "80")
    page.keyboard.press("Enter")
    type_over(page, "", "9090", "90")
    expect(page.locator("#run-preview")).to_contain_text("-p 127.0.0.1:18080:80")
    expect(page.locator("#run-preview")).to_contain_text("-p 9090:90")
    ports.get_by_role("button", name="Remove this line").first.click()
    expect(page.locator("#run-preview")).not_to_contain_text("18080")
    env = page.get_by_role("group", name="Environment")
    env.get_by_role("button", name="Add a line").click()
    paste_text(page, DOTENV)
    expect(env.get_by_label("Name of the variable")).to_have_count(6)
    expect(page.locator("#run-preview")).to_contain_text("-e 'B=two words'")
    env.get_by_role("button", name="As text").click()
    expect(page.locator("[name=env]")).to_have_value(
        'A=1\nB=two words\nC=it\'s #1\nD=say "hi"\nE=a#b\nF="x\\ny"'
    )
    page.locator("[name=env]").fill("C=3")
    env.get_by_role("button", name="As text").click()
    expect(env.get_by_label("Value of the variable")).to_have_value("3")


DOTENV = """# settings
A=1 # the first

export B="two words"
C = 'it\'s #1'
D="say \\"hi\\""
E=a#b
F="x\\ny"
"""


def type_over(page: Page, *texts: str) -> None:
    """One input after the other, by the keyboard alone."""
    for place, text in enumerate(texts):
        if place:
            page.keyboard.press("Tab")
        page.keyboard.type(text)


def paste_text(page: Page, text: str) -> None:
    page.evaluate(
        """(text) => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text", text);
          const options = { clipboardData, bubbles: true, cancelable: true };
          document.activeElement.dispatchEvent(new ClipboardEvent("paste", options));
        }""",
        text,
    )


def test_flags_that_are_not_known_are_struck_out_until_they_are_taken_out(
    page: Page, login: Login, name: str, busybox: str
) -> None:
    login(page).goto(RUN)
    paste(page, f"docker run -d --name {name} --nope=1 --label {LABEL} {busybox} sleep 60")
    flags = page.get_by_role("group", name="Flags that are not sent")
    expect(flags.get_by_label("Flag that is not sent")).to_have_value("--nope=1")
    expect(page.locator("#run-preview del")).to_have_text("--nope=1")
    run = page.locator("#run-form").get_by_role("button", name="Run")
    run.click()
    expect(page.locator("[name=unknown][aria-invalid=true]")).to_have_count(1)
    flags.get_by_role("button", name="Remove this line").click()
    expect(page.locator("#run-preview del")).to_have_count(0)
    run.click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()


def test_what_the_image_offers_is_ticked_and_unticked(
    page: Page, login: Login, offering: str
) -> None:
    login(page).goto(f"{RUN}?image={offering}")
    ports, panel = page.get_by_role("group", name="Ports"), page.locator("#run-preview")
    tick = page.get_by_label("80", exact=True)
    tick.check()
    expect(ports.get_by_label("Port of the host")).to_have_value("8080")
    expect(panel).to_contain_text("-p 8080:80")
    ports.get_by_label("Port of the host").fill("9080")
    expect(panel).to_contain_text("-p 9080:80")
    expect(tick).to_be_checked()
    page.get_by_label("MODE", exact=True).check()
    expect(panel).to_contain_text("-e MODE=calm")
    tick.uncheck()
    expect(panel).not_to_contain_text("9080")
    page.get_by_text("As a Compose file").click()
    expect(panel.locator(".as-file code")).to_contain_text("MODE: calm")


@pytest.fixture
def offering(busybox: str, docker_cli: DockerCli) -> Iterator[str]:
    reference = f"runb-offers-{secrets.token_hex(4)}:1"
    lines = f"FROM {busybox}\nEXPOSE 80\nENV MODE=calm\nVOLUME /data\nLABEL {LABEL}\n"
    docker_cli("build", "--quiet", "--tag", reference, "-", input=lines)
    yield reference
    docker_cli("rmi", "--force", reference)


def test_without_a_script_the_lists_are_texts_and_all_works(
    browser: Browser,
    server: Site,
    admin_cookies: Any,
    name: str,
    offering: str,
    docker_cli: DockerCli,
) -> None:
    context = browser.new_context(base_url=server.url, java_script_enabled=False)
    context.add_cookies(admin_cookies)
    page = context.new_page()
    page.goto(RUN)
    paste(page, f"docker run -d --name {name} -e A=1 --nope --label {LABEL} {offering} sleep 60")
    expect(page.locator("[name=env]")).to_have_value("A=1")
    page.locator("[name=env]").fill("A=1\nB=2")
    page.get_by_label("MODE", exact=True).check()
    page.get_by_label("/data", exact=True).check()
    run = page.locator("#run-form").get_by_role("button", name="Run")
    run.click()
    expect(page.locator("#run-form")).to_contain_text("Take these out first")
    expect(page.get_by_label("MODE", exact=True)).to_be_checked()
    page.locator("[name=unknown]").fill("")
    run.click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    expect(page.locator("#toasts code")).to_contain_text(f"docker run -d --name {name}")
    made = docker_cli("inspect", "-f", "{{.Config.Env}} {{.Mounts}}", name).stdout
    for part in ("A=1", "B=2", "MODE=calm", "/data"):
        assert part in made
    context.close()


def test_a_missing_image_is_pulled_and_then_its_logs_open(
    page: Page, login: Login, name: str, busybox: str, docker_cli: DockerCli, registry: Registry
) -> None:
    far = f"{registry.address}/runb/{name}:1"
    docker_cli("tag", busybox, far)
    docker_cli("push", far)
    docker_cli("rmi", far)
    login(page).goto(RUN)
    paste(page, f"docker run --name {name} --label {LABEL} {far} sh -c 'echo ready; sleep 60'")
    expect(page.locator("#run-preview")).to_contain_text("it is pulled first")
    page.locator("#run-form").get_by_role("button", name="Run").click()
    expect(page).to_have_url(re.compile(r"/containers/[0-9a-f]{64}/logs/"))
    expect(page.get_by_role("main")).to_contain_text("ready")
    docker_cli("rm", "--force", name)
    docker_cli("rmi", "--force", far)


def test_the_form_with_what_it_does_not_know_keeps_nobody_out(
    page: Page, login: Login, busybox: str
) -> None:
    login(page).goto(RUN)
    paste(page, f"docker run -p 80:80 -p 443:443 -e TOKEN=x -v data:/data --nope {busybox}")
    expect(page.locator("#run")).to_contain_text("--nope")
    assert axe_in_both_themes(page) == []
