"""The bench itself: what it prints of one cheap row, and how a ratio reads. It asserts no speed."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.__main__ import name_of
from tests.bench.figures import ROWS, Figure, Row, as_json
from tests.bench.markdown import ORDER, figures_table, place, write
from tests.bench.world import World
from tests.engine import run as command

ROOT = Path(__file__).resolve().parent.parent
KEYS = ["name", "ours", "reference", "unit", "better", "ratio"]
ROWS_OF_GOALS = {
    "list page, 1,000 containers, warm mirror, server time",
    "list page, in the browser: rows readable after",
    "engine calls per list view",
    "event to row, raw event → changed row at a socket client",
    "stored log, 1,000,000 lines to a socket client",
    "live flood, one container, 200 viewers",
    "100k log lines in the browser",
    "terminal echo at a socket client, p50 / p99",
    "terminal flood, `cat` of 50 MB to a socket client",
    "upload 1 GiB into a container",
    "download 1 GiB",
    "memory at rest / 300 containers / 500 log viewers",
    "CPU at rest, 100 containers, no viewer",
    "start to first page",
    "first load over the wire (gz)",
    "first contentful paint, layout shift, interaction p95",
    "morph of 1,000 rows keeping ticks, focus and open menus",
}


def test_a_ratio_above_one_means_ours_is_better() -> None:
    assert Figure("", "ms", "lower", [2], [4]).ratio == 2
    assert Figure("", "MB/s", "higher", [2], [4]).ratio == 0.5
    assert Figure("", "calls", "lower", [0], [1]).ratio is None
    assert Figure("", "ms", "lower", [2]).ratio is None


def test_a_goal_is_for_the_median_or_for_the_ratio() -> None:
    assert Figure("", "ms", "lower", [1, 2, 9], limit=2).met is True
    assert Figure("", "fps", "higher", [49], limit=50).met is False
    assert Figure("", "MB/s", "higher", [8], [10], least=0.8).met is True
    assert Figure("", "MB/s", "higher", [8], least=0.8).met is False
    assert Figure("", "ms", "lower", [1]).met is None
    assert Figure("", "ms", "lower", [1], limit=25).goal == "≤ 25 ms"


def test_a_line_of_json_is_what_the_issue_says() -> None:
    line = json.loads(as_json("a row", Figure("a case", "ms", "lower", [1, 9, 2], [4], "it")))
    assert list(line) == KEYS
    assert list(line.values()) == ["a row", 2, 4, "ms", "lower", 2]


def test_the_first_figure_has_the_words_of_the_row_and_others_the_case() -> None:
    names: list[str] = []
    for row, case in ((Row("r", none, 10, beside=True), "ten"), (Row("r", none, 0), "all")):
        for _ in range(2):
            names.append(name_of(row, Figure(case, "ms", "lower", [1]), names))
    assert names == ["r: ten", "r: ten", "r", "r: all"]


def test_every_row_of_the_goals_is_there_once_by_its_words() -> None:
    whole = [row.name for row in ROWS if not row.beside]
    assert set(whole) == ROWS_OF_GOALS
    assert all(place(name) < len(ORDER) for name in whole)


def test_a_table_is_written_between_its_marks_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- figures -->\nold\n<!-- /figures -->\nafter\n")
    write(page, "figures", figures_table([("r", Figure("c", "ms", "lower", [2], limit=1))]))
    lines = page.read_text().splitlines()
    assert (lines[0], lines[-1]) == ("before", "after")
    assert lines[4] == "| r | c | 2 ms |  |  | ≤ 1 ms | **missed** |"
    assert "old" not in lines
    with pytest.raises(ValueError, match="scale"):
        write(page, "scale", "")


def test_a_row_is_measured_and_nothing_of_it_stays(engine_url: str) -> None:
    words = "engine calls per list view"
    bench = [ROOT / "script" / "bench", "--quick", "--json", "--only", words]
    done = subprocess.run(
        [sys.executable, *bench, "--engine", engine_url], capture_output=True, text=True, timeout=90
    )
    assert done.returncode == 0, done.stderr
    (line,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert (line["name"], line["ours"], line["reference"]) == (words, 0, None)
    left = ("ps", "--all", "--quiet", "--filter", "label=wharfinger-bench")
    assert command("docker", "-H", engine_url, *left) == ""


def none(world: World) -> Iterator[Figure]:
    return iter(())
