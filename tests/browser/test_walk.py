"""The walk through every page: open to everybody, at peace with its policy, and by itself alone.

An ordinary run looks at each page in light on a desk and in dark on a phone, and at the lists of
somebody who has nothing, in Chinese, and of an engine that does not answer; ``--long`` at all of it
in every look.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser import walk_seeds
from tests.browser.bare import dead
from tests.browser.conftest import sign_in
from tests.browser.walk import (
    DARK_PHONE,
    ELSEWHERE,
    EVERY_LOOK,
    LIGHT_DESK,
    Look,
    Place,
    Walk,
    browsed,
    places,
    without_objects,
)
from tests.conftest import DockerCli
from tests.runtime import until
from tests.site import Site, running_site

# Those that are empty, or say why they are, in ways of their own.
LISTS = re.compile("-list$|^overview$|^host-detail$|^host-disk-objects$|^container-run$")
# What is read most.
READ = re.compile("-list$|-detail$|-inspect-tree$|^overview$|-entry$|^container-(run|menu|files)$")
Seeds = dict[str, str]
Watched = Callable[..., BrowserContext]


@pytest.fixture(scope="module")
def server(engine_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site of the walk's own: it leaves its jobs in the tray."""
    with running_site(engine_url, tmp_path_factory.mktemp("walk")) as site:
        yield site


@pytest.fixture(scope="module")
def seeds(browser: Browser, server: Site, docker_cli: DockerCli, busybox: str) -> Iterator[Seeds]:
    """The values of every parameter; the tab with the open terminal stays until the end."""
    context = browser.new_context(base_url=server.url, locale="en-US")
    page, mark = context.new_page(), walk_seeds.new_mark()
    sign_in(page, server.username, server.password)
    forms = walk_seeds.Forms(page)
    found = walk_seeds.objects(docker_cli, busybox, mark)
    try:
        found |= walk_seeds.people(forms, mark)
        walk_seeds.known(page, found)
        walk_seeds.host_says(forms, "on")
        found["job_id"] = walk_seeds.failed_job(forms)
        yield found | walk_seeds.terminals(page, forms, found["container_id"])
        walk_seeds.host_says(forms, "off")
    finally:
        context.close()
        walk_seeds.remove(docker_cli, found)


def walked(walk: Walk, way: Iterable[Place], looks: Iterable[Look]) -> str:
    """Go all the way; what was wrong on it, line by line."""
    looks = list(looks)
    for place in way:
        walk.visit(place, looks[-1:] if place.further and not walk.whole else looks)
    return "\n".join(walk.found)


def the_whole_way(page: Page, server: Site, walk: Walk, seeds: Seeds, looks: list[Look]) -> None:
    """Outside first, then inside: as a superuser who has just logged in."""
    way = list(places(seeds))
    walked(walk, [place for place in way if place.public], looks)
    sign_in(page, server.username, server.password)
    walked(walk, [place for place in way if not place.public], looks)
    assert not walk.found, "\n".join(walk.found)
    assert len({place.name for place in walk.pages}) > 70, sorted({p.name for p in walk.pages})


def test_every_page(page: Page, server: Site, seeds: Seeds, complaints: list[str]) -> None:
    walk = Walk(page, complaints, whole=False)
    the_whole_way(page, server, walk, seeds, [LIGHT_DESK, DARK_PHONE])


@pytest.mark.long
def test_every_page_in_every_look(
    page: Page, server: Site, seeds: Seeds, complaints: list[str]
) -> None:
    the_whole_way(page, server, Walk(page, complaints), seeds, list(EVERY_LOOK))


@pytest.fixture
def chinese(server: Site, watched: Watched) -> BrowserContext:
    return watched(server.url, "zh-CN")


@pytest.mark.long
def test_every_page_in_chinese(
    chinese: BrowserContext, server: Site, seeds: Seeds, complaints: list[str]
) -> None:
    page = chinese.new_page()
    walk = Walk(page, complaints, language="zh-hans")
    the_whole_way(page, server, walk, seeds, [LIGHT_DESK, DARK_PHONE])


def empty(page: Page, walk: Walk, seeds: Seeds, looks: list[Look], names: re.Pattern[str]) -> None:
    """As somebody of a team that has nothing; what they may not see says so."""
    sign_in(page, seeds["slug"], walk_seeds.WORDS)
    way = without_objects(places(seeds, states=False), seeds)
    chosen = [place for place in way if not place.public and names.search(place.name)]
    found = walked(walk, chosen, looks)
    assert not found, found


def test_lists_of_nothing_in_chinese(
    chinese: BrowserContext, seeds: Seeds, complaints: list[str]
) -> None:
    page = chinese.new_page()
    empty(page, Walk(page, complaints, (200, 403), "zh-hans"), seeds, [DARK_PHONE], LISTS)


@pytest.mark.long
def test_every_page_of_nothing(page: Page, seeds: Seeds, complaints: list[str]) -> None:
    walk = Walk(page, complaints, (200, 403))
    empty(page, walk, seeds, list(EVERY_LOOK), re.compile(""))


def bare_way(browser: Browser, server: Site, seeds: Seeds, names: re.Pattern[str]) -> list[str]:
    """What is dead without scripts on those pages."""
    context = browser.new_context(base_url=server.url, locale="en-US", java_script_enabled=False)
    page, found = context.new_page(), []
    walk = Walk(page, [], scripts=False)
    sign_in(page, server.username, server.password)
    for place in places(seeds, states=False):
        if not place.public and names.search(place.name) and walk.arrive(place) == "page":
            found += [f"{place.address}: {words}" for words in dead(page)]
    context.close()
    return [*walk.found, *found]


def test_what_is_read_without_scripts(browser: Browser, server: Site, seeds: Seeds) -> None:
    found = "\n".join(bare_way(browser, server, seeds, READ))
    assert not found, found


@pytest.mark.long
def test_every_page_without_scripts(browser: Browser, server: Site, seeds: Seeds) -> None:
    found = "\n".join(bare_way(browser, server, seeds, re.compile("")))
    assert not found, found


@pytest.fixture
def broken(tmp_path: Path) -> Iterator[Site]:
    """Nobody has set it up, its engine is not there, and it has a sign-on service, too."""
    nobody = {"ADMIN_USER": "", "ADMIN_PASSWORD": ""}
    service = {"OIDC_ISSUER": "http://127.0.0.1:1/", "OIDC_CLIENT_ID": "wharf"}
    home = tmp_path / "broken"
    with running_site(f"unix://{home}/none.sock", home, **nobody, **service) as site:
        yield site


def broken_way(
    context: BrowserContext,
    site: Site,
    seeds: Seeds,
    complaints: list[str],
    looks: list[Look],
    names: re.Pattern[str],
) -> str:
    """From its set-up through every page that needs no object."""
    page = context.new_page()
    walk = Walk(page, complaints, (200, 403, 404, 503))
    link = until(lambda: re.search(r"/setup/[\w-]+/", site.log))[0]
    way = without_objects(places(seeds, states=False), seeds)
    walked(walk, [Place("setup", link, True), Place("sign-on-back", "/sign-on/back/", True)], looks)
    walked(walk, [place for place in way if place.public], looks)
    page.goto(link)
    page.fill("[name=username]", site.username)
    for field in ("password1", "password2"):
        page.fill(f"[name={field}]", site.password)
    page.get_by_role("button", name="Create administrator").click()
    page.wait_for_url(lambda address: "/setup/" not in address)
    walked(walk, [p for p in way if not p.public and names.search(p.name)], looks)
    walked(walk, [Place("gone", "/nowhere/", False)], looks)
    return "\n".join(walk.found)


def test_without_an_engine(
    watched: Watched, broken: Site, seeds: Seeds, complaints: list[str]
) -> None:
    found = broken_way(watched(broken.url), broken, seeds, complaints, [LIGHT_DESK], LISTS)
    assert not found, found


@pytest.mark.long
def test_every_page_without_an_engine(
    watched: Watched, broken: Site, seeds: Seeds, complaints: list[str]
) -> None:
    context, every = watched(broken.url), re.compile("")
    found = broken_way(context, broken, seeds, complaints, list(EVERY_LOOK), every)
    assert not found, found


def test_what_is_looked_at_elsewhere_is() -> None:
    here = Path(__file__).parent
    for name in ELSEWHERE.values():
        assert not name or "axe(" in (here / name).read_text() or name == Path(__file__).name
    names = {str(entry.name) for _at, entry in browsed()}
    assert set(ELSEWHERE) <= names
