"""``script/screens``: takes the pictures anew, on an engine of its own."""

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.conftest import ARGUMENTS, sign_in
from tests.engine import private_engine
from tests.screens.cast import enter
from tests.site import Site, running_site

SCREENS = Path("docs/screens")
LIST = "/hosts/local/containers/"
DESK, PHONE = (1440, 900), (390, 844)
FLOWED_MS = 9_000  # until graphs have something to draw
LONG_MS = 50_000


@dataclass(frozen=True, slots=True)
class Picture:
    """``path`` may name a container in braces; ``then`` is what is done there first."""

    name: str
    path: str
    theme: str = "light"
    size: tuple[int, int] = DESK
    locale: str = "en-US"
    wait: int = 800
    then: Callable[[Page], None] | None = None


def tick_two(page: Page) -> None:
    for name in ("shop-worker-1", "shop-worker-2"):
        page.get_by_role("row", name=name).get_by_role("checkbox").check()


def ask_palette(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").wait_for()
    page.keyboard.type("restart shop")
    page.wait_for_timeout(800)


def look_around(page: Page) -> None:
    page.locator(".xterm-rows").wait_for()
    page.wait_for_timeout(1500)
    page.keyboard.type("ls -la / && top -b -n 1 | head -8\n")
    page.wait_for_timeout(1500)


PICTURES = (
    Picture("containers", LIST, wait=LONG_MS, then=tick_two),
    Picture("containers-dark", LIST, "dark", wait=LONG_MS),
    Picture("containers-phone", LIST, "dark", PHONE, wait=FLOWED_MS),
    Picture("containers-chinese", LIST, locale="zh-CN", wait=FLOWED_MS),
    Picture("overview", "/", wait=LONG_MS),
    Picture("container", LIST + "{shop-api}/"),
    Picture("container-phone", LIST + "{shop-api}/", "light", PHONE),
    Picture("container-chinese", LIST + "{shop-api}/", "dark", locale="zh-CN"),
    Picture("logs", LIST + "{shop-api}/logs/", "dark", wait=3_000),
    Picture("terminal", LIST + "{shop-api}/terminal/", "dark", then=look_around),
    Picture("files", LIST + "{shop-api}/files/?path=/etc"),
    Picture("stats", LIST + "{shop-worker-2}/stats/", wait=FLOWED_MS),
    Picture("run", LIST + "run/"),
    Picture("images", "/hosts/local/images/"),
    Picture("palette", LIST, "dark", wait=2_000, then=ask_palette),
    Picture("audit", "/audit/", "dark"),
)


def main() -> None:
    wanted = sys.argv[1:]
    pictures = [one for one in PICTURES if not wanted or one.name in wanted]
    with (
        private_engine(in_memory=True) as engine_url,
        tempfile.TemporaryDirectory() as home,
        running_site(engine_url, Path(home)) as site,
        browsing() as browser,
    ):
        ids = enter(engine_url)
        SCREENS.mkdir(exist_ok=True)
        for picture in pictures:
            take(browser, site, picture, ids)
            print(SCREENS / f"{picture.name}.png")


@contextmanager
def browsing() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=ARGUMENTS
        )
        yield browser
        browser.close()


def take(browser: Browser, site: Site, picture: Picture, ids: dict[str, str]) -> None:
    width, height = picture.size
    context = browser.new_context(
        base_url=site.url,
        locale=picture.locale,
        timezone_id="UTC",
        viewport={"width": width, "height": height},
    )
    page = context.new_page()
    page.emulate_media(color_scheme="dark" if picture.theme == "dark" else "light")
    sign_in(page, site.username, site.password)
    page.goto(picture.path.format_map(ids))
    page.wait_for_timeout(picture.wait)
    if picture.then:
        picture.then(page)
    page.screenshot(path=SCREENS / f"{picture.name}.png")
    context.close()


if __name__ == "__main__":
    main()
