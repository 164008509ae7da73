"""The bench itself: what it prints of one cheap row, and how a ratio reads. It asserts no speed."""

import json
import subprocess
import sys
from pathlib import Path

from tests.bench.figures import Figure, as_json
from tests.engine import run as command

ROOT = Path(__file__).resolve().parent.parent
KEYS = {"name", "ours", "reference", "unit", "better", "ratio"}


def test_a_ratio_above_one_means_ours_is_better() -> None:
    assert Figure("", "ms", "lower", [2], [4]).ratio == 2
    assert Figure("", "MB/s", "higher", [2], [4]).ratio == 0.5
    assert Figure("", "calls", "lower", [0], [1]).ratio is None
    assert Figure("", "ms", "lower", [2]).ratio is None


def test_a_line_holds_the_medians_and_the_spread() -> None:
    line = json.loads(as_json("a row", Figure("a case", "ms", "lower", [1, 9, 2], [4], "it")))
    assert line.keys() >= KEYS
    assert (line["ours"], line["reference"], line["ratio"]) == (2, 4, 2)
    assert line["spread"] == [1, 9]


def test_a_row_is_measured_and_nothing_of_it_stays(engine_url: str) -> None:
    words = "engine calls per list view"
    bench = [ROOT / "script" / "bench", "--quick", "--json", "--only", words]
    done = subprocess.run(
        [sys.executable, *bench, "--engine", engine_url], capture_output=True, text=True, timeout=90
    )
    assert done.returncode == 0, done.stderr
    (line,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert line.keys() >= KEYS
    assert (line["name"], line["ours"], line["reference"]) == (words, 0, 1)
    left = ("ps", "--all", "--quiet", "--filter", "label=wharfinger-bench")
    assert command("docker", "-H", engine_url, *left) == ""
