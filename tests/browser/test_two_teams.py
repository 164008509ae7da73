"""Two teams on one host, in three browsers: each sees and does its own, and a right that ends
while somebody types ends the shell under their hands."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import sign_in
from tests.browser.terminal_page import enter, go, shows
from tests.browser.test_run import paste
from tests.conftest import DockerCli

Login = Callable[..., Page]
WORDS = "correct horse battery"
LEFT = "trap '' HUP; while :; do sleep 5; done &"


@dataclass
class Side:
    """One team with one member and one container that it was given."""

    team: str
    person: str
    box: str
    box_name: str
    page: Page


def make_side(boss: Page, member: Page, box: str, docker_cli: DockerCli) -> Side:
    """By the pages alone, as a superuser would: the person, the team, its grant, its container."""
    mark = secrets.token_hex(3)
    side = Side(f"t{mark}", f"p{mark}", box, f"box-{mark}", member)
    docker_cli("rename", box, side.box_name)
    boss.goto("/people/add/")
    boss.fill("input[name=username]", side.person)
    for field in ("password1", "password2"):
        boss.fill(f"input[name={field}]", WORDS)
    boss.get_by_role("button", name="Save").click()
    boss.wait_for_url("**/people/*/")
    boss.goto("/teams/add/")
    boss.fill("input[name=name]", side.team)
    boss.fill("input[name=slug]", side.team)
    boss.get_by_label(side.person).check()
    boss.get_by_role("button", name="Save").click()
    boss.get_by_role("link", name="Add grant").click()
    boss.select_option("select[name=host]", "local")
    boss.select_option("select[name=role]", "developer")
    boss.check("input[value='container.exec']")
    boss.get_by_role("button", name="Save").click()
    boss.wait_for_url(f"**/teams/{side.team}/")
    boss.goto(f"/hosts/local/containers/{box}/access/")
    boss.select_option("select[name=team]", label=side.team)
    boss.get_by_role("button", name="Save").click()
    expect(boss.get_by_role("table", name="Who can do what here")).to_contain_text(side.person)
    sign_in(member, side.person, WORDS)
    return side


@pytest.fixture
def sides(
    page: Page, login: Login, browser: Browser, server: Any, container: Any, docker_cli: DockerCli
) -> Iterator[list[Side]]:
    login(page)
    contexts = [browser.new_context(base_url=server.url) for _ in range(2)]
    yield [make_side(page, one.new_page(), container(), docker_cli) for one in contexts]
    for one in contexts:
        one.close()
    made = docker_cli("ps", "-aq", "--filter", "name=made-t").stdout.split()
    docker_cli("rm", "-f", *made, check=False)


def test_each_team_sees_and_does_its_own_and_a_shell_ends_with_its_right(
    page: Page, sides: list[Side], docker_cli: DockerCli
) -> None:
    for side, other in (sides, sides[::-1]):
        sees_its_own(side, other)
        runs_its_own(side, docker_cli)
    for side, other in (sides, sides[::-1]):
        side.page.goto("/hosts/local/containers/")
        expect(side.page.locator("tr[data-row]")).to_have_count(2)
        assert other.box_name not in side.page.content()
        assert f"made-{other.team}" not in side.page.content()
    a_shell_ends_with_its_right(page, sides[0], docker_cli)
    expect_to_go_on(sides[1])


def sees_its_own(side: Side, other: Side) -> None:
    page = side.page
    page.goto("/hosts/local/containers/")
    expect(page.locator("tr[data-row]")).to_have_count(1)
    expect(page.locator("tr[data-row]")).to_contain_text(side.box_name)
    for below in ("", "logs/", "inspect/", "terminal/"):
        answer = page.goto(f"/hosts/local/containers/{other.box}/{below}")
        assert answer is not None
        assert answer.status == 404
        assert other.box_name not in page.content()
    page.goto("/audit/")
    assert other.box_name not in page.content()


def runs_its_own(side: Side, docker_cli: DockerCli) -> None:
    """Inside the fence it runs and is the team's; what reaches the host is refused in words."""
    image = docker_cli("inspect", "-f", "{{.Config.Image}}", side.box).stdout.strip()
    page, name = side.page, f"made-{side.team}"
    for more, refused in (("-v /:/host", True), ("", False)):
        page.goto("/hosts/local/containers/run/")
        paste(page, f"docker run -d --name {name} --network none {more} {image} sleep 600")
        expect(page.locator("#run-form [name=name]")).to_have_value(name)
        page.locator("#run-form").get_by_role("button", name="Run").click()
        if refused:
            expect(page.locator("body")).to_contain_text("/:/host")
            assert docker_cli("inspect", name, check=False).returncode != 0
        else:
            expect(page.get_by_role("heading", name=name)).to_be_visible()


def a_shell_ends_with_its_right(boss: Page, side: Side, docker_cli: DockerCli) -> None:
    page = side.page
    go(page, side.box)
    enter(page, LEFT)
    enter(page, "echo still-$((40+2))")
    shows(page, "still-42")
    boss.goto(f"/teams/{side.team}/")
    boss.get_by_role("link", name="End grant").click()
    boss.get_by_role("dialog").get_by_role("button", name="End it").click()
    expect(boss.locator("body")).to_contain_text("The grant has ended.")
    for _ in range(100):  # typing on, until it is over
        page.keyboard.type("x")
        if any(page.locator(".tend").all_inner_texts()):
            break
        page.wait_for_timeout(100)
    expect(page.locator(".tend")).to_contain_text("Your right to this terminal was taken away")
    expect(page.get_by_role("button", name="Start again")).to_have_count(0)
    page.get_by_role("button", name="New", exact=True).click()  # refused, and not offered again
    expect(page.get_by_role("tab")).to_have_count(2)
    expect(page.locator(".tpanel:not([hidden]) .tend")).not_to_be_empty()
    expect(page.get_by_role("button", name="Start again")).to_have_count(0)
    for _ in range(100):
        if "ash" not in (left := docker_cli("top", side.box, "-o", "pid,args").stdout):
            break
        page.wait_for_timeout(100)
    assert "sleep 5" not in left, left
    answer = page.reload()
    assert answer is not None
    assert answer.status == 404


def expect_to_go_on(side: Side) -> None:
    answer = side.page.goto(f"/hosts/local/containers/{side.box}/")
    assert answer is not None
    assert answer.status == 200
