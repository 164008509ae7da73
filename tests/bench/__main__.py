"""``script/bench``: see there for the arguments."""

import argparse
import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench import markdown as tables
from tests.bench import (
    rows_browser,
    rows_copies,
    rows_cost,
    rows_list,
    rows_logs,
    rows_morph,
    rows_terminal,
)
from tests.bench.figures import ROWS, Figure, Row, as_json, as_text
from tests.bench.scale import as_table, scale
from tests.bench.soak import soak
from tests.bench.world import World, world_on
from tests.engine import private_engine

MODULES = (rows_browser, rows_copies, rows_cost, rows_list, rows_logs, rows_morph, rows_terminal)
QUICK_SHARE = 5  # --quick has a fifth of the containers
PAGE = Path("docs/performance.md")


def main() -> int:
    arguments = parsed()
    given = arguments.engine or os.environ.get("TEST_DOCKER_HOST")
    with engine(given) as url, world_on(url, arguments.quick, leave=not given) as world:
        facts = tables.circumstances(world)
        if arguments.soak:
            soak(world, arguments.soak, arguments.json)
            return 0
        if arguments.scale:
            points = scale(world, arguments.json)
            table, failed = as_table(points), False
        else:
            found, failed = measured(world, chosen(arguments), arguments.json)
            table = tables.figures_table(found)
        if arguments.markdown:
            part = "scale" if arguments.scale else "figures"
            tables.write(PAGE, part, f"{facts}\n\n{table}")
    return int(failed)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser("script/bench", description="Ours beside the reference.")
    parser.add_argument("--json", action="store_true", help="one object a line")
    parser.add_argument("--quick", action="store_true", help="a small version of each row")
    parser.add_argument("--scale", action="store_true", help="how the cost grows, instead")
    parser.add_argument(
        "--soak", type=float, nargs="?", const=10, metavar="MINUTES", help="does memory stay flat?"
    )
    parser.add_argument("--markdown", action="store_true", help=f"write the table of {PAGE}, too")
    parser.add_argument("--only", metavar="WORDS", help="rows that have these words in their name")
    parser.add_argument("--engine", metavar="URL", help="instead of a private engine")
    return parser.parse_args()


@contextlib.contextmanager
def engine(given: str | None) -> Iterator[str]:
    if given:
        yield given
        return
    with private_engine() as address:
        yield address


def chosen(arguments: argparse.Namespace) -> list[Row]:
    """Those that want few containers first: containers are only ever added."""
    rows = [row for row in ROWS if not arguments.only or arguments.only in row.name]
    whole = [row for row in rows if not (arguments.quick and row.beside)]
    return sorted(whole, key=lambda row: row.containers)


def measured(
    world: World, rows: list[Row], as_lines: bool
) -> tuple[list[tuple[str, Figure]], bool]:
    """Print each row as it is known. All figures by name, and whether a row failed."""
    found: list[tuple[str, Figure]] = []
    failed = False
    for row in rows:
        began = time.monotonic()
        if not as_lines:
            print(f"\n{row.name}", flush=True)
        try:
            world.populate(containers(row, world.quick))
            for figure in row.measure(world):
                name = name_of(row, figure, [name for name, _ in found])
                found.append((name, figure))
                print(as_json(name, figure) if as_lines else as_text(figure), flush=True)
        except Exception as error:  # the other rows are worth their figures
            failed = True
            print(f"  {row.name}: {type(error).__name__}: {error}", file=sys.stderr, flush=True)
        print(f"  [{time.monotonic() - began:.1f} s]", file=sys.stderr, flush=True)
    return found, failed


def name_of(row: Row, figure: Figure, taken: list[str]) -> str:
    """The row's words for its first figure; for others with the case."""
    whole = row.beside or row.name in taken
    return f"{row.name}: {figure.case}" if whole else row.name


def containers(row: Row, quick: bool) -> int:
    return row.containers // QUICK_SHARE if quick and row.containers > 10 else row.containers


if __name__ == "__main__":
    sys.exit(main())
