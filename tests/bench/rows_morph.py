"""A long list in a real Chromium, when many of its rows change at once under somebody's hands."""

import json
from collections.abc import Iterator
from urllib.parse import urlencode

from playwright.sync_api import Page

from tests.bench.figures import Figure, row
from tests.bench.rows_browser import LIST, ROW, browsing
from tests.bench.world import LABEL, World

CHANGED = 100
PAGES = "?pages=5"
# From the news to the frame after the one with the new rows; ``morph`` is the script's part.
MORPH = """
() => new Promise((resolve) => {
  const list = document.getElementById("list");
  const began = performance.now();
  let came = 0;
  const before = ({ detail: { ctx } }) => { if (ctx.target === list) came = performance.now(); };
  const after = ({ detail: { ctx } }) => {
    if (ctx.target !== list) return;
    document.removeEventListener("htmx:before:swap", before);
    document.removeEventListener("htmx:after:swap", after);
    const morph = performance.now() - came;
    const drawn = () => resolve([morph, performance.now() - began]);
    requestAnimationFrame(() => requestAnimationFrame(drawn));
  };
  document.addEventListener("htmx:before:swap", before);
  document.addEventListener("htmx:after:swap", after);
  document.dispatchEvent(new CustomEvent("containers-changed", { detail: {} }));
})
"""
HELD = """
() => document.querySelectorAll("[data-pick]:checked").length
  + (document.activeElement === window.held)
  + document.querySelector("#row-menu").matches(":popover-open")
"""
ALL_HELD = 5  # three ticks, the focus, a menu


@row("morph of 1,000 rows keeping ticks, focus and open menus", 1000)
def morph(world: World) -> Iterator[Figure]:
    with world.person() as person, browsing(person) as context:
        page = context.new_page()
        page.route_web_socket("**/ws/live/", lambda socket: None)  # the news are ours
        page.goto(LIST + PAGES)
        page.wait_for_function(f"document.querySelectorAll('{ROW}').length >= {world.population}")
        hold(page, world.population)
        samples, held = [], []
        for number in range(world.size(5, 2)):
            rename(world, number)
            samples.append(page.evaluate(MORPH))
            held.append(page.evaluate(HELD))
    morphs, drawn = zip(*samples, strict=True)
    words = f"{CHANGED} of {world.population:,} rows changed"
    yield Figure(f"{words}: the morph", "ms", "lower", morphs)
    yield Figure(f"{words}: asked for, morphed, drawn", "ms", "lower", drawn)
    kept = "ticks, focus and menu kept, of five"
    yield Figure(kept, "things", "higher", [float(min(held))], limit=ALL_HELD)


def hold(page: Page, rows: int) -> None:
    """Three ticks, a menu of a row, and the focus in it."""
    for place in (3, rows // 2, rows - 20):
        page.locator("[data-pick]").nth(place).check()
    page.locator(f"{ROW} [data-menu]").nth(2).click()
    page.locator("#row-menu:popover-open a").first.wait_for()
    page.evaluate("window.held = document.activeElement")


def rename(world: World, number: int) -> None:
    """Some of the last in the list, and the mirror has heard of it."""
    engine = world.engine()
    filters = json.dumps({"label": [LABEL]})
    query = urlencode({"all": 1, "limit": CHANGED, "filters": filters})
    for each in json.loads(engine.ask("GET", f"/containers/json?{query}")):
        engine.ask("POST", f"/containers/{each['Id']}/rename?name=moved-{each['Id'][:12]}-{number}")
    engine.close()
