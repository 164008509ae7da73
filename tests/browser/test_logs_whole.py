"""Beyond what the log page holds: earlier lines, the whole log searched, other containers."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.logs import Login, lines, open_log
from tests.conftest import DockerCli

LONG = "seq 1 12000; sleep 3600"


@pytest.fixture
def long_log(container: Callable[..., str]) -> str:
    return container("sh", "-c", LONG)


@pytest.fixture
def named(container: Callable[..., str], docker_cli: DockerCli) -> Callable[..., str]:
    """``named(name, command)``; what has the name is removed first."""

    def make(name: str, command: str) -> str:
        docker_cli("rm", "--force", name, check=False)
        return container("sh", "-c", command, options=("--name", name))

    return make


def test_earlier_lines_come_above_and_the_place_stays(
    page: Page, login: Login, long_log: str
) -> None:
    open_log(page, login, long_log)
    expect(page.locator("[data-part=count]")).to_contain_text("1,000 lines")
    page.locator("[data-part=box]").press("g")
    first = page.locator(".l .m", has_text="11001")
    expect(first).to_be_in_viewport()
    page.click("[data-part=earlier]")
    expect(page.locator("[data-part=count]")).to_contain_text("3,000 lines")
    expect(first).to_be_in_viewport()
    assert page.locator(".l .m").first.inner_text() == "9001"
    assert page.locator(".l .ln").first.inner_text() == "1"


def test_the_whole_log_is_searched_and_a_match_is_gone_to(
    page: Page, login: Login, long_log: str
) -> None:
    open_log(page, login, long_log)
    page.click("[data-part=search-open]")
    page.fill("[data-part=search-text]", "^77$|^5000$")
    page.click("[data-part=search-regex]")
    page.click("[data-part=search-go]")
    expect(page.locator("[data-part=search-state]")).to_contain_text("2 matches in 12,000 lines.")
    found = page.locator("[data-part=search-found] .l")
    expect(found).to_have_count(14)
    expect(page.locator("[data-part=search-found] hr")).to_have_count(2)
    page.locator("[data-part=search-found] .l.hit .ln").first.click()
    mark = page.locator("[data-part=list] .l.hit .m")
    expect(mark).to_have_text("77")
    expect(mark).to_be_in_viewport()
    expect(page.locator("[data-part=list] .l .m").first).to_have_text("1")
    assert lines(page) < 12_000 or page.locator("[data-part=pill]").is_visible()


def test_the_next_container_of_the_name_is_offered_and_followed(
    page: Page, login: Login, named: Callable[..., str]
) -> None:
    old = named("clg-next", "echo first; sleep 3600")
    open_log(page, login, old)
    expect(page.locator(".l .m")).to_have_text(["first"])
    new = named("clg-next", "echo second; sleep 3600")
    page.locator("[data-follow]").click()
    expect(page.locator(".l .m")).to_have_text(["first", "second"])
    expect(page.locator("[data-part=state]")).to_have_text("Following")
    assert new in page.url
    assert page.locator(f"main a[href*='{old}']").count() == 0
    expect(page.locator("#gone")).to_be_hidden()
    expect(page.locator("#head [data-state]")).to_contain_text("Running")


def test_ticked_containers_are_merged_in_one_view(
    page: Page, login: Login, named: Callable[..., str], docker_cli: DockerCli
) -> None:
    one = named("clg-one", "echo one; sleep 3600")
    two = named("clg-two", "echo two >&2; sleep 3600")
    login(page).goto("/hosts/local/containers/?q=name:clg-")
    for id in (one, two):
        page.locator(f"#c-{id} [data-pick]").check()
    page.locator(".bulk").get_by_role("button", name="Logs").click()
    expect(page.locator("[data-part=state]")).to_have_text("Following")
    expect(page.locator(".l .m")).to_have_text(["one", "two"])
    expect(page.locator(".l .src")).to_have_text(["clg-one", "clg-two"])
    docker_cli("exec", one, "sh", "-c", "echo three > /proc/1/fd/1")
    expect(page.locator(".l .m")).to_have_text(["one", "two", "three"])
    page.fill("[data-part=find]", "container:clg-two")
    page.click("[data-part=filter]")
    expect(page.locator(".l .m")).to_have_text(["two"])
    page.locator(".l .ln").click()
    link = page.url
    page.goto("about:blank")
    page.goto(link)
    expect(page.locator(".l.hit .m")).to_have_text("two")
