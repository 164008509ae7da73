"""Two texts line by line: what was taken out, what came in. Pure.

The search for what stayed takes the longer the more is the same here and there: hours for a text
that somebody wrote to that end. Where it takes too long, all between the first change and the last
is one change.
"""

from collections.abc import Iterator, Sequence
from difflib import Match, SequenceMatcher
from typing import Literal

MOST_STEPS = 2_000_000  # a second's work, about
AROUND = 3  # lines
Word = Literal["equal", "replace", "delete", "insert"]
Block = tuple[Word, int, int, int, int]  # difflib's: from and to of the old, of the new


class TooLong(Exception):
    """The search was given up."""


class Matcher(SequenceMatcher[str]):
    """Counts the pairs of lines that are looked at."""

    def __init__(self, before: list[str], after: list[str]) -> None:
        super().__init__(None, before, after)
        self.before, self.after, self.steps = before, after, 0
        self.places: dict[str, list[int]] = self.b2j  # type: ignore[attr-defined]

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> Match:
        self.steps += sum(1 + len(self.places.get(line, ())) for line in self.before[alo:ahi])
        if self.steps > MOST_STEPS:
            raise TooLong
        return super().find_longest_match(alo, ahi, blo, bhi)

    def get_opcodes(self) -> list[Block]:
        try:
            return super().get_opcodes()
        except TooLong:
            return in_one(self.before, self.after)


def changed_lines(old: str, new: str) -> Iterator[tuple[str, str]]:
    """(``+``, ``-``, `` `` or ``@``, line): ``@`` says where, as ``diff -u`` does."""
    before, after = old.splitlines(), new.splitlines()
    for group in Matcher(before, after).get_grouped_opcodes(AROUND):
        (_, old_from, _, new_from, _), (_, _, old_to, _, new_to) = group[0], group[-1]
        yield "@", f"@@ -{span(old_from, old_to)} +{span(new_from, new_to)} @@"
        for block in group:
            yield from lines_of(block, before, after)


def lines_of(
    block: tuple[str, int, int, int, int], before: Sequence[str], after: Sequence[str]
) -> Iterator[tuple[str, str]]:
    what, old_from, old_to, new_from, new_to = block
    if what == "equal":
        yield from ((" ", line) for line in before[old_from:old_to])
        return
    yield from (("-", line) for line in before[old_from:old_to])
    yield from (("+", line) for line in after[new_from:new_to])


def in_one(before: Sequence[str], after: Sequence[str]) -> list[Block]:
    """What both begin with, one change, what both end with."""
    most, head, tail = min(len(before), len(after)), 0, 0
    while head < most and before[head] == after[head]:
        head += 1
    while tail < most - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    old_to, new_to = len(before) - tail, len(after) - tail
    blocks: list[Block] = [
        ("equal", 0, head, 0, head),
        ("replace", head, old_to, head, new_to),
        ("equal", old_to, len(before), new_to, len(after)),
    ]
    return [block for block in blocks if block[1] < block[2] or block[3] < block[4]]


def span(begin: int, end: int) -> str:
    """As ``diff -u`` counts: from one, a single line without its number of lines."""
    length = end - begin
    return str(begin + 1) if length == 1 else f"{begin + bool(length)},{length}"
