"""Every page of the site, by its router, and what is looked for on each.

A GET route is walked as soon as it exists. Whether it is a page is told by what comes: a whole HTML
document. What needs something beside its address says so here; what then answers with an error, or
leads elsewhere, fails the walk.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from django.urls import URLPattern
from playwright.sync_api import Error, Page, Response

from access.rights import BY_OPERATION, PUBLIC
from tests.browser.axe import axe
from tests.runtime import until
from web.routes import patterns

PARAMETER = re.compile(r"<\w+:(\w+)>")
Look = tuple[Literal["light", "dark"], tuple[int, int]]
DESK, PHONE = (1440, 900), (390, 844)
NARROW = (320, 640)  # WCAG 1.4.10: what a desk's screen has where all is four times as large
LIGHT_DESK: Look = ("light", DESK)
DARK_PHONE: Look = ("dark", PHONE)
EVERY_LOOK: tuple[Look, ...] = (LIGHT_DESK, ("dark", DESK), ("light", PHONE), DARK_PHONE)

# What a page is asked with, where its address alone is not enough.
QUERY: Mapping[str, str] = {
    "merged-logs": "?id={container_id}&id={other_id}",
    "image-by-reference": "?ref={image_id}",
    "file-download": "?path=/etc/passwd",
    "file-view": "?path=/etc/passwd",
    "file-edit": "?path=/etc/passwd",
    "file-copy": "?path=/etc/passwd",
    "container-changes-folder": "?path=/etc",
    "logs-earlier": "?before={cursor}",
    "container-run-image": "?image={image_id}",
    "image-file-download": "?path=/etc/passwd",
    "image-file-view": "?path=/etc/passwd",
    "repository-tags": "?in={registry}&repository=none",
    "container-disconnect": "?network={network_id}",
    "network-disconnect": "?container={idle_id}",
    "tag-facts": "?in={registry}&repository=none&tag=1",
    "volume-file-view": "?path=/note",
    "volume-file-download": "?path=/note",
}
# Of another object than the rest.
OF: Mapping[str, Mapping[str, str]] = {
    "container-beyond": {"container_id": "idle_id"},
    "container-disconnect": {"container_id": "idle_id"},
}
# Further states of a page: each is walked beside the plain one.
STATES: Mapping[str, tuple[str, ...]] = {
    "container-list": ("?q=name:none-is-called-so", "?q=wrng:key"),
    "container-inspect": ("?view=raw&q=pid",),
    "container-files": ("?path=/none-there",),
    "image-list": ("?q=none-is-called-so", "?q=wrng:key", "?q=newer:yes"),
    "image-files": ("?path=/etc", "?path=/none-there"),
    "image-push": ("?target={registry}/walk:1",),
    "image-search": ("?in={registry}&q=web",),
    "volume-list": ("?q=none-is-called-so",),
    "network-list": ("?q=none-is-called-so",),
    "event-list": ("?q=wrng:key",),
    "audit-list": ("?q=usr:ada", "?q=user:nobody-at-all"),
    "palette": ("?q=none-is-called-so",),
    "prune-networks": ("?labels=no-such-label",),
}
# They lead on to a page that is walked itself.
LEAD_ON = {"image-by-reference"}
# They stand in the middle of something that the file makes, and is looked at there.
ELSEWHERE: Mapping[str, str] = {
    "login-code": "test_second_factor.py",
    "setup": "test_walk.py",
    "sign-on": "",  # a redirect to the provider
    "sign-on-back": "test_walk.py",
}
COUNT_REQUESTS = """(() => {
  let open = 0, last = performance.now();
  const ask = window.fetch;
  window.fetch = (...words) => {
    open += 1;
    return ask(...words).finally(() => { open -= 1; last = performance.now(); });
  };
  window.quietFor = () => open ? 0 : performance.now() - last;
})()"""
SETTLED = """() => document.readyState === "complete" && window.quietFor() > 60
  && document.documentElement.classList.contains("scripted")
  && !document.querySelector(
    'main [hx-trigger="load"] :is(.waiting, noscript):not([hidden], [hidden] *)')"""
KIND = (
    """() => document.contentType !== "text/html" ? "file" : document.doctype ? "page" : "part" """
)


@dataclass(frozen=True)
class Place:
    """``address`` with its query; ``further``: another state of a page that is walked as well."""

    name: str
    address: str
    public: bool
    further: bool = False


def browsed() -> list[tuple[str, URLPattern]]:
    """Routes that a browser may GET; those for programs are left out by what they declare."""
    return [
        (at, entry)
        for at, entry in patterns()
        if "GET" in entry.callback.methods
        and entry.callback.right != BY_OPERATION
        and not entry.callback.bearer
    ]


def places(seeds: Mapping[str, str], states: bool = True) -> Iterator[Place]:
    """All of them, filled in with ``seeds`` (parameter → value)."""
    for at, entry in browsed():
        name = str(entry.name)
        if name in ELSEWHERE:
            continue
        unknown = [each for each in PARAMETER.findall(at) if each not in seeds]
        assert not unknown, f"/{at}: say in tests/browser/walk_seeds.py what {unknown} may be"
        own = {key: seeds[value] for key, value in OF.get(name, {}).items()}
        path = "/" + filled(at, {**seeds, **own})
        public = entry.callback.right == PUBLIC
        yield Place(name, path + QUERY.get(name, "").format_map(seeds), public)
        for query in STATES.get(name, ()) if states else ():
            yield Place(name, path + query.format_map(seeds), public, further=True)


def filled(at: str, seeds: Mapping[str, str]) -> str:
    return PARAMETER.sub(lambda found: seeds[found[1]], at)


def without_objects(wanted: Iterable[Place], seeds: Mapping[str, str]) -> list[Place]:
    """Those of the host or the site, whose addresses name no object."""
    ids = [value for name, value in seeds.items() if name != "host"]
    parts = [(place, urlsplit(place.address)) for place in wanted]
    return [
        place
        for place, url in parts
        if not url.query and not any(part in ids for part in url.path.split("/"))
    ]


class Walk:
    """One tab that goes from page to page; ``found`` is what was wrong, ``pages`` where it was."""

    def __init__(
        self,
        page: Page,
        complaints: list[str],
        ok: tuple[int, ...] = (200,),
        language: str = "en",
        whole: bool = True,
        scripts: bool = True,
    ) -> None:
        self.page, self.complaints, self.ok, self.language = page, complaints, ok, language
        self.whole, self.scripts = whole, scripts
        self.found: list[str] = []
        self.pages: list[Place] = []
        self.failed: list[str] = []
        page.add_init_script(COUNT_REQUESTS)
        page.on("response", self.answered)

    def answered(self, response: Response) -> None:
        bad = response.status >= 400 and response.status not in self.ok
        if bad and not response.request.is_navigation_request():
            self.failed.append(f"{response.status} for {response.url}")

    def visit(self, place: Place, looks: Iterable[Look] = (LIGHT_DESK, DARK_PHONE)) -> None:
        """Go there, and where it is a page, look at it in each look without loading it again."""
        self.failed.clear()
        looks = list(looks)
        wear(self.page, looks[0])
        kind = self.arrive(place)
        if kind == "page":
            self.pages.append(place)
            self.found += [f"{place.address}: {words}" for words in self.look(looks)]
        told = [*self.failed, *self.complaints]
        self.complaints.clear()
        self.found += [f"{place.address}: {words}" for words in told]

    def arrive(self, place: Place) -> str:
        """ "page", "part" or "file"; what is none of them is noted as found."""
        try:
            answer = self.page.goto(place.address)
        except Error as error:
            if "Download is starting" in error.message or "ERR_ABORTED" in error.message:
                return "file"
            raise
        assert answer is not None
        status, here = answer.status, urlsplit(self.page.url).path
        if here != urlsplit(place.address).path:
            if place.name not in LEAD_ON:
                self.found.append(f"{place.address}: leads to {here}")
            return ""
        kind = str(self.page.evaluate(KIND))
        if status not in self.ok and kind != "file":
            self.found.append(f"{place.address}: answers {status}")
        if kind == "page":
            if self.scripts and not settled(self.page):
                self.found.append(f"{place.address}: is never at rest")
            if (spoken := self.page.get_attribute("html", "lang")) != self.language:
                self.found.append(f"{place.address}: is in {spoken}")
        return kind

    def look(self, looks: Iterable[Look]) -> Iterator[str]:
        """The first time at the whole page; then its frame is known, but for the size."""
        seen: set[tuple[int, int]] = set()
        for theme, size in looks:
            wear(self.page, (theme, size))
            self.page.evaluate("scrollTo(0, 0)")  # nothing is half behind the bar above
            within = "main" if seen and not self.whole else ""
            for each in axe(self.page, theme if size in seen else "light", within):
                yield f"{theme} {size[0]}: {each['rule']}: {each['nodes']}"
            seen.add(size)
            yield from self.wide(size)
        if PHONE in seen:
            yield from self.wide(NARROW)

    def wide(self, size: tuple[int, int]) -> Iterator[str]:
        self.page.set_viewport_size({"width": size[0], "height": size[1]})
        try:  # graphs are drawn anew a moment after the window has another size
            until(
                lambda: self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), 5
            )
        except AssertionError:
            yield f"{size[0]}: wider than the window"


def wear(page: Page, look: Look) -> None:
    page.emulate_media(color_scheme=look[0])
    page.set_viewport_size({"width": look[1][0], "height": look[1][1]})


def settled(page: Page) -> bool:
    """Whether its scripts listen and what it asked for by itself has come, within a while."""
    try:
        until(lambda: page.evaluate(SETTLED))
    except AssertionError:
        return False
    return True
