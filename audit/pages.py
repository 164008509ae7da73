"""One page of the record, found in bounded time however many rows there are.

Rows are looked at in spans of their numbers, newest first: a span widens while answers are quick,
and the look ends when the page is full or its time is over. Then the page says how far it looked.
"""

import time
from dataclasses import dataclass, field

from django.db.models import QuerySet

from audit.models import Entry

PER_PAGE = 100
FIRST_SPAN = 5000  # rows
SECONDS = 1.0
QUICK, SLOW = 0.05, 0.2  # seconds per span


@dataclass(slots=True)
class Page:
    """``entries`` newest first. ``older``: below which row to go on, None at the end.
    ``looked_to``: the last row looked at, where time was over before the page was full."""

    entries: list[Entry] = field(default_factory=list)
    older: int | None = None
    looked_to: int | None = None
    newer: bool = False

    @property
    def newest(self) -> int | None:
        return self.entries[0].seq if self.entries else None


def older(found: QuerySet[Entry], below: int, floor: int = 0, most: int = PER_PAGE) -> Page:
    """The newest rows with floor < seq < below."""
    rows: list[Entry] = []
    high, span, deadline = below, FIRST_SPAN, time.monotonic() + SECONDS
    while high > floor + 1 and len(rows) <= most and time.monotonic() < deadline:
        begun, low = time.monotonic(), max(floor + 1, high - span)
        part = found.filter(seq__lt=high, seq__gte=low).order_by("-seq")
        rows += part[: most + 1 - len(rows)]
        high, span = low, next_span(span, time.monotonic() - begun)
    if len(rows) > most:
        return Page(rows[:most], older=rows[most - 1].seq)
    rest = high > floor + 1
    return Page(rows, older=high if rest else None, looked_to=high if rest else None)


def newer(found: QuerySet[Entry], above: int, top: int, most: int = PER_PAGE) -> Page:
    """The page before: the oldest rows with above < seq <= top, shown newest first."""
    rows: list[Entry] = []
    low, span, deadline = above, FIRST_SPAN, time.monotonic() + SECONDS
    while low < top and len(rows) < most and time.monotonic() < deadline:
        begun, high = time.monotonic(), min(top, low + span)
        part = found.filter(seq__gt=low, seq__lte=high).order_by("seq")
        rows += part[: most - len(rows)]
        low, span = high, next_span(span, time.monotonic() - begun)
    return Page(rows[::-1], older=rows[0].seq if rows else above + 1)


def next_span(span: int, took: float) -> int:
    if took < QUICK:
        return span * 4
    return max(FIRST_SPAN, span // 2) if took > SLOW else span
