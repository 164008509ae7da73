"""The record as a file: CSV for spreadsheets, JSON lines for programs and for verification."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet

from audit.chain import COLUMNS, line_of, packed, text_of
from audit.models import Entry

# Rows that are looked at, and held, at a time: 50 MB where each is as long as one may get.
STEP = 500
# A spreadsheet takes a cell that begins so for a formula, and runs it.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# With a decimal comma set, a spreadsheet parts a line at semicolons and minds no quotes in it.
PARTED = re.compile(r"((?:;|(?<!^)[\t\r\n]) *)(?=[=+@-])")

Row = Mapping[str, Any]


def header() -> str:
    return written([COLUMNS])


def csv_lines(rows: Iterable[Row]) -> str:
    return written([cell(row[name]) for name in COLUMNS] for row in rows)


def written(lines: Iterable[Iterable[str]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(lines)
    return text.getvalue()


def cell(value: Any) -> str:
    """As text; an apostrophe before what a spreadsheet would run, also where it parts the cell."""
    if isinstance(value, dict | list):
        text = packed(value) if value else ""
    else:
        text = "" if value is None else str(text_of(value))
    text = PARTED.sub(r"\1'", text)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text


def json_lines(rows: Iterable[Row]) -> str:
    return "".join(f"{line_of(row)}\n" for row in rows)


FORMS: Mapping[str, tuple[str, Callable[[Iterable[Row]], str]]] = {
    "csv": (header(), csv_lines),
    "jsonl": ("", json_lines),
}


class Export:
    """Oldest first, up to the last row there was when it began; ``pieces`` are read in a thread.

    Memory is bounded by ``STEP`` rows, however many there are.
    """

    def __init__(self, found: QuerySet[Entry], form: str) -> None:
        self.found, self.form = found.order_by("seq"), form
        self.head, self._write = FORMS[form]
        self.rows = 0
        self.top = last_seq()

    def pieces(self) -> Iterator[bytes]:
        if self.head:
            yield self.head.encode()
        for low in range(0, self.top, STEP):
            part = self.found.filter(seq__gt=low, seq__lte=min(low + STEP, self.top))
            rows = list(part.values(*COLUMNS))
            self.rows += len(rows)
            if rows:
                yield self._write(rows).encode()


def last_seq() -> int:
    last = Entry.objects.order_by("-seq").values_list("seq", flat=True).first()
    return last or 0


def file_name(form: str) -> str:
    return f"audit-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.{form}"
