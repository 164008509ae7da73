"""The processes of a container as a table: sorted, with secrets masked. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from access.secrets import masked_text

MOST = 500  # rows of a page


@dataclass(frozen=True, slots=True)
class Title:
    """``order`` is that of ``aria-sort`` or ""; ``sort`` what the address says to sort by it."""

    name: str
    sort: str
    order: str


@dataclass(frozen=True, slots=True)
class Processes:
    """``rows`` are the first ``MOST`` of ``total``."""

    titles: tuple[Title, ...]
    rows: tuple[tuple[str, ...], ...]
    total: int

    @property
    def left_out(self) -> int:
        return self.total - len(self.rows)


def processes(told: Mapping[str, Any], sort: str) -> Processes:
    """``told`` is the engine's answer; ``sort`` a title in small letters, with ``-`` from the
    highest. One that is unknown leaves the engine's order.
    """
    names = [str(name) for name in told.get("Titles") or ()]
    rows = [tuple(masked_text(str(cell)) for cell in row) for row in told.get("Processes") or ()]
    falling, by = sort.startswith("-"), sort.removeprefix("-")
    small = [name.lower() for name in names]
    if by in small:
        column = small.index(by)
        rows.sort(key=lambda row: sortable(row[column]), reverse=falling)
    titles = tuple(titled(name, by, falling) for name in names)
    return Processes(titles, tuple(rows[:MOST]), len(rows))


def titled(name: str, by: str, falling: bool) -> Title:
    small = name.lower()
    if small != by:
        return Title(name, small, "")
    return Title(name, small if falling else f"-{small}", "descending" if falling else "ascending")


def sortable(cell: str) -> tuple[bool, float, str]:
    """Numbers by value, before words."""
    try:
        return False, float(cell), ""
    except ValueError:
        return True, 0.0, cell.casefold()
