"""The tables of docs/performance.md, written between the page's marks."""

import datetime
import os
import platform
import re
import statistics
from pathlib import Path

from tests.bench.figures import Figure, described, rounded
from tests.bench.world import World


def circumstances(world: World) -> str:
    """On what and when: no names of machines."""
    server = world.run("version", "--format", "Docker {{.Server.Version}}")
    driver = world.run("info", "--format", "{{.Driver}}")
    load = os.getloadavg()[0]
    day = datetime.datetime.now(datetime.UTC).date()
    words = "the small version (--quick)" if world.quick else "the whole run"
    return (
        f"Taken on {day}: {words}, {os.cpu_count()} cores, {server} ({driver}), "
        f"Linux {platform.machine()}, Python {platform.python_version()}; "
        f"load average at its start {load:.1f}."
    )


def figures_table(found: list[tuple[str, Figure]]) -> str:
    head = "| row | case | ours | reference | ratio | goal | |\n|---|---|---|---|---|---|---|"
    lines, last = [head], ""
    for name, figure in sorted(found, key=lambda pair: place(pair[0])):
        words = name.removesuffix(f": {figure.case}")
        lines.append(line("" if words == last else words, figure))
        last = words
    return "\n".join(lines)


def place(name: str) -> int:
    """Where the row stands in the page: in the order of the goals."""
    return next((at for at, start in enumerate(ORDER) if name.startswith(start)), len(ORDER))


def line(words: str, figure: Figure) -> str:
    beside = ""
    if figure.reference:
        middle = rounded(statistics.median(figure.reference))
        beside = f"{middle:,g} {figure.unit} (`{figure.against}`)"
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
    verdict = {True: "met", False: "**missed**", None: ""}[figure.met]
    ours = described(figure.ours, figure.unit)
    cells = (words, figure.case, ours, beside, ratio, figure.goal, verdict)
    return f"| {' | '.join(cells)} |"


def write(page: Path, part: str, text: str) -> None:
    """Replace what stands between ``<!-- part -->`` and ``<!-- /part -->``."""
    whole = page.read_text()
    marks = re.compile(rf"(<!-- {part} -->\n).*?(<!-- /{part} -->)", re.DOTALL)
    if not marks.search(whole):
        raise ValueError(f"{page} has no marks for {part}")
    page.write_text(marks.sub(lambda found: f"{found[1]}{text}\n{found[2]}", whole))


ORDER = (
    "list page, 1,000 containers",
    "list page, in the browser",
    "engine calls",
    "event to row",
    "stored log",
    "live flood",
    "100k log lines",
    "terminal echo",
    "terminal flood",
    "upload",
    "download",
    "memory",
    "CPU at rest",
    "start to first page",
    "first load",
    "first contentful paint",
    "morph of 1,000 rows",
)
