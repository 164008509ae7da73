"""``script/bench``: see there for the arguments."""

import argparse
import contextlib
import os
import sys
import time
from collections.abc import Iterator

from tests.bench import (
    rows_browser,
    rows_copies,
    rows_cost,
    rows_list,
    rows_logs,
    rows_terminal,
)
from tests.bench.figures import ROWS, Row, as_json, as_text
from tests.bench.scale import scale
from tests.bench.world import World, world_on
from tests.engine import private_engine

MODULES = (rows_browser, rows_copies, rows_cost, rows_list, rows_logs, rows_terminal)  # their rows
QUICK_SHARE = 5  # --quick has a fifth of the containers


def main() -> int:
    arguments = parsed()
    with engine(arguments.engine) as url, world_on(url, arguments.quick) as world:
        if arguments.scale:
            scale(world, arguments.json)
            return 0
        rows = [row for row in ROWS if not arguments.only or arguments.only in row.name]
        return measure(world, sorted(rows, key=lambda row: row.containers), arguments.json)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser("script/bench", description="Ours beside the reference.")
    parser.add_argument("--json", action="store_true", help="one object a line")
    parser.add_argument("--quick", action="store_true", help="a small version of each row")
    parser.add_argument("--scale", action="store_true", help="how the cost grows, instead")
    parser.add_argument("--only", metavar="WORDS", help="rows that have these words in their name")
    parser.add_argument("--engine", metavar="URL", help="instead of a private engine")
    return parser.parse_args()


@contextlib.contextmanager
def engine(given: str | None) -> Iterator[str]:
    if address := given or os.environ.get("TEST_DOCKER_HOST"):
        yield address
        return
    with private_engine() as address:
        yield address


def measure(world: World, rows: list[Row], as_lines: bool) -> int:
    """Print each row as it is known; how many failed is the exit status."""
    failed, last = 0, ""
    for row in rows:
        world.populate(containers(row, world.quick))
        if not as_lines and row.name != last:
            print(f"\n{row.name}", flush=True)
        last, began = row.name, time.monotonic()
        try:
            for figure in row.measure(world):
                print(as_json(row.name, figure) if as_lines else as_text(figure), flush=True)
        except Exception as error:  # the other rows are worth their figures
            failed += 1
            print(f"  {row.name}: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
        print(f"  [{time.monotonic() - began:.1f} s]", file=sys.stderr, flush=True)
    return min(failed, 1)


def containers(row: Row, quick: bool) -> int:
    return row.containers // QUICK_SHARE if quick and row.containers > 10 else row.containers


if __name__ == "__main__":
    sys.exit(main())
