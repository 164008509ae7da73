"""Verifying the record: the chain is walked from its first row, some rows at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import QuerySet

from audit import chain
from audit.models import Entry

STEP = 500  # rows


class Fault(StrEnum):
    """What is wrong with the first broken row."""

    MISSING = "it is missing"
    ALTERED = "its contents are not those it was written with"
    UNLINKED = "it does not follow the row before it"
    NOT_NOTED = "its hash is not the one that was noted for it"
    CUT = "the record ends before it, although a head was noted there"


@dataclass(frozen=True, slots=True)
class Broken:
    """``str()`` is a sentence."""

    seq: int
    fault: Fault

    def __str__(self) -> str:
        return f"Row {self.seq} is broken: {self.fault}."


class Walk:
    """``noted``: heads that were kept elsewhere, hash by row. Without one, rows that were cut off
    the end cannot be seen: what is left is a whole chain.
    """

    def __init__(self, noted: dict[int, str] | None = None) -> None:
        self.noted = noted or {}
        self.rows = 0
        self.head = chain.FIRST
        self.broken: Broken | None = None

    def step(self, most: int = STEP) -> bool:
        """Read on; False at the end, or at the first broken row."""
        rows = list(following(self.rows).values()[:most])
        for row in rows:
            self.broken = self.judged(row)
            if self.broken is not None:
                return False
            self.rows, self.head = self.rows + 1, row["hash"]
        if not rows and (beyond := [seq for seq in self.noted if seq > self.rows]):
            self.broken = Broken(min(beyond), Fault.CUT)
        return bool(rows)

    def to_end(self) -> "Walk":
        while self.step():
            pass
        return self

    def judged(self, row: Mapping[str, Any]) -> Broken | None:
        seq, expected = row["seq"], self.rows + 1
        if seq != expected:
            return Broken(min(seq, expected), Fault.MISSING if seq > expected else Fault.UNLINKED)
        if row["previous_hash"] != self.head:
            return Broken(seq, Fault.UNLINKED)
        if row["hash"] != chain.hash_of_row(row):
            return Broken(seq, Fault.ALTERED)
        if self.noted.get(seq, row["hash"]) != row["hash"]:
            return Broken(seq, Fault.NOT_NOTED)
        return None


def following(seq: int) -> QuerySet[Entry]:
    """From the start without a bound: a row before the first is no row of ours."""
    found = Entry.objects.order_by("seq")
    return found.filter(seq__gt=seq) if seq else found
