"""In a real Chromium: when rows can be read, what a first load weighs, how the page behaves."""

import contextlib
import shutil
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import BrowserContext, Page, sync_playwright

from tests.bench.figures import Figure, percentile, row
from tests.bench.http import Person
from tests.bench.world import World
from tests.browser.conftest import ARGUMENTS

LIST = "/hosts/local/containers/"
ROW = "tr[data-row]"
# Before the page's own scripts: what a visitor would notice, told by the browser itself.
WATCH = """
window.bench = { shift: 0, waits: {} };
const see = (type, take, more = {}) => {
  const watcher = new PerformanceObserver((list) => list.getEntries().forEach(take));
  watcher.observe({ type, buffered: true, ...more });
};
const shifted = (entry) => { if (!entry.hadRecentInput) window.bench.shift += entry.value; };
const waited = ({ interactionId: id, duration }) => {
  if (id) window.bench.waits[id] = Math.max(window.bench.waits[id] || 0, duration);
};
see("layout-shift", shifted);
see("event", waited, { durationThreshold: 16 });
// A frame that begins with rows in the page, and one more, by which that one was painted.
const look = () => {
  if (!document.querySelector("%s")) requestAnimationFrame(look);
  else requestAnimationFrame(() => { window.bench.rows = performance.now(); });
};
look();
"""
PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
FRAMES = """
(seconds) => new Promise((resolve) => {
  const box = document.querySelector("[data-part=box]");
  const began = performance.now();
  let frames = 0;
  const step = (now) => {
    const past = (now - began) / 1000 / seconds;
    box.scrollTop = box.scrollHeight * (1 - past);
    frames += 1;
    if (past < 1) requestAnimationFrame(step);
    else resolve(frames / seconds);
  };
  requestAnimationFrame(step);
})
"""
HEAP = "performance.memory.usedJSHeapSize / 1e6"


@contextlib.contextmanager
def browsing(person: Person) -> Iterator[BrowserContext]:
    """A fresh profile that is logged in; nothing is in its cache."""
    precise = [*ARGUMENTS, "--enable-precise-memory-info"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=precise
        )
        try:
            yield fresh(chromium, person)
        finally:
            chromium.close()


def fresh(chromium: Any, person: Person) -> BrowserContext:
    context: BrowserContext = chromium.new_context(
        base_url=person.site.url, locale="en-US", viewport={"width": 1280, "height": 800}
    )
    context.add_cookies(
        [{"name": n, "value": v, "url": person.site.url} for n, v in person.cookies.items()]
    )
    context.add_init_script(WATCH % ROW)
    return context


def bytes_of(context: BrowserContext, path: str, ready: str) -> float:
    """KB over the wire until ``ready`` is seen, on an empty cache."""
    page = context.new_page()
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.clearBrowserCache")
    sizes: list[float] = []
    network.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    network.on("Network.webSocketFrameReceived", lambda event: sizes.append(frame_size(event)))
    page.goto(path)
    page.wait_for_selector(ready)
    page.wait_for_load_state("networkidle")
    page.close()
    return sum(sizes) / 1000


def frame_size(event: dict[str, Any]) -> float:
    """Bytes of a message; the browser tells a binary one in base64."""
    frame = event["response"]
    return len(frame["payloadData"]) * (0.75 if frame["opcode"] == 2 else 1)


@row("first load over the wire (gz)", 100)
def first_load(world: World) -> Iterator[Figure]:
    with (
        world.container("sh", "-c", "echo hello; sleep 3600") as id,
        world.person() as person,
        browsing(person) as context,
    ):
        base = f"{LIST}{id}/"
        listed = bytes_of(context, LIST, ROW)
        logs = bytes_of(context, f"{base}logs/", ".l")
        terminal = bytes_of(context, f"{base}terminal/", ".xterm-rows")
        stats = bytes_of(context, f"{base}stats/", "#plot-cpu canvas")
    yield Figure(f"list, {world.population} containers", "KB", "lower", [listed], limit=50)
    yield Figure("logs", "KB", "lower", [logs], limit=60)
    yield Figure("terminal, to the prompt", "KB", "lower", [terminal], limit=150)
    yield Figure("stats", "KB", "lower", [stats], limit=80)


@row("list page, in the browser: rows readable after", 1000)
def rows_readable(world: World) -> Iterator[Figure]:
    with world.person() as person, browsing(person) as context:
        page = context.new_page()
        samples = []
        for _ in range(world.size(5, 3)):
            page.goto(LIST)
            page.wait_for_function("window.bench.rows")
            samples.append(page.evaluate("window.bench.rows") / 1000)  # the first: nothing cached
    yield Figure(f"{world.population:,} containers", "s", "lower", samples, limit=0.4)


@row("first contentful paint, layout shift, interaction p95", 100)
def feel(world: World) -> Iterator[Figure]:
    with world.person() as person, browsing(person) as context:
        page = context.new_page()
        paints, shifts = [], []
        for _ in range(world.size(10, 4)):
            page.goto(LIST)
            page.wait_for_load_state("networkidle")
            paints.append(page.evaluate(PAINT))
            shifts.append(page.evaluate("window.bench.shift"))
        waits = interact(page, world.size(10, 3))
    slow = percentile(waits, 0.95)
    yield Figure("first contentful paint", "ms", "lower", paints, limit=250)
    yield Figure("layout shift", "score", "lower", shifts, limit=0.02)
    yield Figure(f"interaction p95 of {len(waits)}", "ms", "lower", [slow], limit=100)


def interact(page: Page, rounds: int) -> list[float]:
    """Type into the filter, tick a row; what the browser calls the duration of each interaction.

    It tells only of those that took 16 ms and more: the others count as 16.
    """
    for _ in range(rounds):
        page.locator("[data-filter]").first.press_sequentially("bench-00", delay=60)
        page.locator("[data-pick]").first.click()
        page.locator("[data-filter]").first.fill("")
        page.wait_for_timeout(300)
    told = page.evaluate("Object.values(window.bench.waits)")
    quick = page.evaluate("performance.interactionCount") - len(told)
    return [*told, *[16.0] * max(0, quick)]


@row("100k log lines in the browser")
def long_log(world: World) -> Iterator[Figure]:
    lines, times = world.size(100_000, 20_000), world.size(3, 1)
    with (
        world.container("seq", "1", str(lines)) as id,
        world.person() as person,
        browsing(person) as context,
    ):
        world.run("wait", id)
        seen = [looked_through(context, id, lines, world.size(4, 2)) for _ in range(times)]
    shown, frames, heap = zip(*seen, strict=True)
    words = f"{lines:,} lines"
    yield Figure(f"{words}: all shown after", "s", "lower", shown, limit=2)
    yield Figure(f"{words}: scrolled through", "fps", "higher", frames, limit=50)
    yield Figure(f"{words}: heap", "MB", "lower", heap, limit=40)


def looked_through(
    context: BrowserContext, id: str, lines: int, seconds: float
) -> tuple[float, float, float]:
    """Seconds until all lines are there, frames a second while scrolling over them, MB of heap."""
    page = context.new_page()
    page.goto(f"{LIST}{id}/logs/?tail=all", wait_until="commit")
    page.wait_for_function(
        "n => document.querySelector('[data-part=count]')?.textContent.includes(n)",
        arg=f"{lines:,} lines",
    )
    shown = page.evaluate("performance.now()") / 1000
    frames = page.evaluate(FRAMES, seconds)
    heap = page.evaluate(HEAP)
    page.close()
    return shown, frames, heap
