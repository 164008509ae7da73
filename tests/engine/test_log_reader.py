"""Finding a place again in what the engine stored, also among equal and crossing times."""

import itertools
import random
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest

from engine.log_items import Divider, LogRange
from engine.log_reader import CROSSING_NS, NEAR, LogReader, Search, place_of
from engine.types import Cursor, LogLine


def numbered(times: list[int]) -> list[LogLine]:
    """Lines at these times, with the ordinals that the parser gives them."""
    counts: dict[int, int] = {}
    lines = []
    for number, ns in enumerate(times):
        ordinal = counts.get(ns, 0)
        counts[ns] = ordinal + 1
        lines.append(LogLine(ns, ordinal, 1, b"%d" % number))
    return lines


class Stored:
    """The engine's log reads over a list of times, batch size 3: what no test can provoke in a
    real engine is equal times and times that cross."""

    def __init__(self, times: list[int]) -> None:
        self.times = times
        self.reads: list[dict[str, Any]] = []

    @asynccontextmanager
    async def logs(
        self, id: str, *, tail: int | None, since_ns: int | None, **wanted: Any
    ) -> AsyncIterator[AsyncIterator[list[LogLine]]]:
        self.reads.append({"tail": tail, "since_ns": since_ns, **wanted})
        yield self._batches(tail, since_ns, wanted.get("until_ns"))

    async def _batches(
        self, tail: int | None, since_ns: int | None, until_ns: int | None
    ) -> AsyncIterator[list[LogLine]]:
        first = 0 if tail is None else max(0, len(self.times) - tail)
        kept = []
        for number in range(first, len(self.times)):
            ns = self.times[number]
            if until_ns is not None and ns > until_ns:
                break
            if since_ns is None or ns >= since_ns:
                kept.append((ns, number))
        lines = numbered([ns for ns, _ in kept])
        lines = [
            line._replace(data=b"%d" % number)
            for line, (_, number) in zip(lines, kept, strict=True)
        ]
        for batch in itertools.batched(lines, 3) if hasattr(itertools, "batched") else cut(lines):
            yield list(batch)


def cut(lines: list[LogLine]) -> list[list[LogLine]]:
    return [lines[start : start + 3] for start in range(0, len(lines), 3)]


def reader(stored: Stored) -> LogReader:
    async def no_tty() -> bool:
        return False

    return LogReader(stored, "id", no_tty)  # type: ignore[arg-type]


async def all_after(stored: Stored, cursor: Cursor | None) -> list[object]:
    found: list[object] = []
    async with aclosing(reader(stored).after(cursor, follow=False)) as items:
        async for item in items:
            found += [item] if isinstance(item, Divider) else [int(line.data) for line in item]
    return found


async def all_stored(stored: Stored, wanted: LogRange) -> list[LogLine]:
    async with aclosing(reader(stored).stored(wanted)) as batches:
        return [line async for batch in batches for line in batch]


async def test_every_place_is_found_again_among_equal_and_crossing_times() -> None:
    chance = random.Random(2)
    for _ in range(50):
        base = [chance.choice([0, 0, 0, 1, 2]) for _ in range(40)]
        times = [1_000 + ns - chance.choice([0, 0, 0, 1]) for ns in itertools.accumulate(base)]
        for number, line in enumerate(numbered(times)):
            found = await all_after(Stored(times), place_of(line))
            assert found == list(range(number + 1, len(times)))


async def test_a_tail_that_cuts_equal_times_numbers_its_lines_like_a_whole_read() -> None:
    times = [5, 6, 6, 6, 6, 7]
    whole = await all_stored(Stored(times), LogRange(tail=None))
    for tail in range(1, 6):
        assert await all_stored(Stored(times), LogRange(tail=tail)) == whole[-tail:]
    assert await reader(Stored([6, 6, 6])).last() == Cursor(6, 2)
    assert await reader(Stored([])).last() is None


async def test_what_is_no_longer_stored_is_a_gap_and_later_lines_come() -> None:
    late = 10 * CROSSING_NS
    found = await all_after(Stored([late, late + 1]), Cursor(5, 0))
    assert found == [Divider("gap"), 0, 1]
    # Also where the times are close: the rotated file took the line, not its successors.
    assert await all_after(Stored([7, 8]), Cursor(5, 0)) == [Divider("gap"), 0, 1]


async def test_nothing_behind_the_last_line() -> None:
    assert await all_after(Stored([1, 2]), Cursor(2, 0)) == []
    assert await all_after(Stored([]), None) == []
    assert await all_after(Stored([1, 2]), None) == [0, 1]


async def test_a_place_near_the_end_does_not_cost_a_read_of_the_whole_log() -> None:
    step = 1000
    times = list(range(0, 2 * NEAR * step, step))
    near, far = Stored(times), Stored(times)
    line = 2 * NEAR - 10
    assert await all_after(near, Cursor(times[line], 0)) == list(range(line + 1, 2 * NEAR))
    assert [read["tail"] for read in near.reads] == [NEAR]
    early = NEAR - 100
    assert await all_after(far, Cursor(times[early], 0)) == list(range(early + 1, 2 * NEAR))
    assert [read["tail"] for read in far.reads] == [NEAR, None]


def test_a_search_over_crossing_times_gives_what_is_behind_although_it_is_older() -> None:
    search = Search(Cursor(10, 0), last_chance=True)
    lines = [LogLine(11, 0, 1, b"before"), LogLine(10, 0, 2, b"it"), LogLine(9, 0, 1, b"behind")]
    assert search.feed(lines) == [[lines[2]]]
    assert search.end() == []


@pytest.mark.parametrize("last_chance", [True, False])
def test_a_search_gives_up_once_the_times_are_past(last_chance: bool) -> None:
    search = Search(Cursor(10, 0), last_chance)
    close, past = LogLine(11, 0, 1, b"close"), LogLine(11 + CROSSING_NS, 0, 1, b"past")
    assert search.feed([close]) == []
    found = search.feed([past])
    assert found == ([Divider("gap"), [close, past]] if last_chance else [])
    assert (search.failed, search.found) == (not last_chance, last_chance)
