"""The log page in a real Chromium: lines as they come, found, filtered, linked, kept in bounds."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.axe import axe
from tests.browser.conftest import Site
from tests.conftest import DockerCli

Login = Callable[..., Page]
TALK = 'for i in $(seq 1 40); do echo "out $i"; done; echo "ERROR broken" >&2; sleep 3600'
WILD = (
    r"printf '\033[31mred\033[0m \033]52;c;aGFjaw==\007 <script>alert(1)</script>\n';"
    r" printf 'bad \377\376 bytes\r\n'; head -c 40000 /dev/zero | tr '\0' x; echo; echo after;"
    " sleep 3600"
)


def open_log(page: Page, login: Login, server: Site, id: str, query: str = "") -> None:
    login(page).goto(f"/hosts/local/containers/{id}/logs/{query}")
    expect(page.locator("[data-part=state]")).to_have_text("Following")


def test_lines_are_followed_and_streams_told_apart(
    page: Page, login: Login, server: Site, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    id = container("sh", "-c", TALK)
    open_log(page, login, server, id)
    expect(page.locator(".l")).to_have_count(41)
    expect(page.locator(".l.e .m")).to_have_text("ERROR broken")
    docker_cli("exec", id, "sh", "-c", "echo later > /proc/1/fd/1")
    expect(page.locator(".l .m").last).to_have_text("later")
    page.select_option("[name=stream]", "stderr")
    expect(page.locator(".l")).to_have_count(1)


def test_find_steps_filters_and_links(
    page: Page, login: Login, server: Site, container: Callable[..., str]
) -> None:
    open_log(page, login, server, container("sh", "-c", TALK))
    page.fill("[data-part=find]", "out 3")
    expect(page.locator("[data-part=hits]")).to_have_text("11 matches")
    page.press("[data-part=find]", "Enter")
    expect(page.locator("[data-part=hits]")).to_have_text("1 of 11")
    expect(page.locator(".l.hit .m")).to_have_text("out 3")
    expect(page.locator("[data-part=state]")).to_have_text("Paused")
    link = page.url
    assert "#" in link
    page.fill("[data-part=find]", "level:error")
    page.click("[data-part=filter]")
    expect(page.locator(".l")).to_have_count(1)
    page.goto("about:blank")
    page.goto(link)
    expect(page.locator(".l.hit .m")).to_have_text("out 3")


def test_wild_bytes_do_no_harm(
    page: Page, login: Login, server: Site, container: Callable[..., str]
) -> None:
    open_log(page, login, server, container("sh", "-c", WILD))
    expect(page.locator(".ansi.c1")).to_have_text("red")
    expect(page.locator(".l .m").first).to_contain_text("<script>alert(1)</script>")
    expect(page.locator(".l .m").nth(1)).to_contain_text("bad")
    expect(page.locator(".l .m").last).to_have_text("after")
    assert len(page.locator(".l .m").nth(2).inner_text()) >= 40_000


def test_a_restart_goes_on_in_the_same_page(
    page: Page, login: Login, server: Site, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    id = container("sh", "-c", "echo begun; sleep 3600")
    open_log(page, login, server, id)
    docker_cli("restart", "--time", "0", id)
    expect(page.locator(".l .m", has_text="begun")).to_have_count(2)
    expect(page.locator(".l-divider").first).to_be_visible()


def test_a_hundred_thousand_lines_are_shown_and_few_are_in_the_dom(
    page: Page, login: Login, server: Site, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    id = container("seq", "1", "100000")
    docker_cli("wait", id)
    login(page).goto(f"/hosts/local/containers/{id}/logs/?tail=all")
    expect(page.locator("[data-part=count]")).to_contain_text("100,000 lines", timeout=30_000)
    expect(page.locator(".l .m").last).to_have_text("100000")
    assert page.locator(".l").count() < 12_000
    page.locator("[data-part=box]").evaluate("box => { box.scrollTop = box.scrollHeight / 2; }")
    expect(page.locator("[data-part=pill]")).to_be_hidden()


def test_the_download_is_byte_for_byte(
    page: Page, login: Login, server: Site, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    id = container("sh", "-c", TALK)
    open_log(page, login, server, id)
    page.click("button:has-text('Download')")
    with page.expect_download() as download:
        page.click("a:has-text('Whole log (.log)')")
    with open(download.value.path()) as file:
        text = file.read()
    logs = docker_cli("logs", id)
    assert sorted(text.splitlines()) == sorted((logs.stdout + logs.stderr).splitlines())


def test_the_log_page_is_accessible(
    page: Page, login: Login, server: Site, container: Callable[..., str]
) -> None:
    open_log(page, login, server, container("sh", "-c", TALK))
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width, height in ((1440, 900), (390, 844)):
            page.set_viewport_size({"width": width, "height": height})
            assert axe(page) == []
