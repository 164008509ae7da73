"""The ring of a live log: places, eviction, exact counts."""

import random

from engine.log_items import Divider, Ended, LogBatch, Skipped, batch_of
from engine.ring import LINE_COST, Place, Ring
from engine.types import Cursor, LogLine


def lines(start: int, count: int) -> list[LogLine]:
    return [LogLine(number, 0, 1, b"%d" % number) for number in range(start, start + count)]


def small(count: int) -> Ring:
    """Holds about ``count`` entries of one short line."""
    return Ring(None, count * (2 * LINE_COST + 4))


def everything(ring: Ring, place: Place, most: int = 10_000) -> list[object]:
    found: list[object] = []
    while True:
        items, place = ring.read(place, most)
        if not items:
            return found
        found += items


def test_a_reader_gets_lines_and_marks_in_order_and_neighbours_in_one_batch() -> None:
    ring = Ring(None, 1_000_000)
    ring.append(batch_of(lines(0, 2)))
    ring.append(batch_of(lines(2, 2)))
    ring.mark(Divider("restarted"))
    ring.append(batch_of(lines(4, 1)))
    expected = [batch_of(lines(0, 4)), Divider("restarted"), batch_of(lines(4, 1))]
    assert everything(ring, ring.start) == expected


def test_reading_never_changes_what_others_read() -> None:
    ring = Ring(None, 1_000_000)
    ring.append(batch_of(lines(0, 2)))
    ring.append(batch_of(lines(2, 2)))
    assert everything(ring, ring.start) == everything(ring, ring.start)


def test_a_reader_that_fell_behind_is_told_the_exact_count() -> None:
    ring = small(3)
    place = ring.start
    for number in range(10):
        ring.append(batch_of(lines(number, 1)))
    items, place = ring.read(place, 10_000)
    assert items == [Skipped(7), batch_of(lines(7, 3))]
    assert ring.read(place, 10_000) == ([], place)


def test_a_reader_in_the_middle_of_an_entry_counts_only_what_it_has_not_read() -> None:
    ring = small(3)
    ring.append(batch_of(lines(0, 2)))
    place = ring.locate(Cursor(0, 0))
    assert place is not None
    for number in range(2, 10):
        ring.append(batch_of(lines(number, 1)))
    items, _ = ring.read(place, 10_000)
    assert isinstance(items[0], Skipped)
    assert isinstance(items[1], LogBatch)
    assert items[0].count + len(items[1].lines) == 9


def test_sent_and_skipped_are_what_was_produced_whatever_the_paces() -> None:
    chance = random.Random(1)
    for _ in range(200):
        ring, produced, sent, skipped = small(chance.randint(1, 6)), 0, 0, 0
        place = ring.start
        for _ in range(60):
            if chance.random() < 0.6:
                count = chance.randint(1, 4)
                ring.append(batch_of(lines(produced, count)))
                produced += count
            elif chance.random() < 0.3:
                ring.mark(Ended("exited", 0))
            else:
                items, place = ring.read(place, chance.choice([1, 200, 10_000]))
                for item in items:
                    if isinstance(item, LogBatch):
                        assert item.lines[0].ns == sent + skipped
                        sent += len(item.lines)
                    elif isinstance(item, Skipped):
                        skipped += item.count
        for item in everything(ring, place):
            if isinstance(item, LogBatch):
                sent += len(item.lines)
            elif isinstance(item, Skipped):
                skipped += item.count
        assert sent + skipped == produced


def test_memory_is_bounded_by_lines_too() -> None:
    ring = Ring(None, 100_000)
    for number in range(10_000):
        ring.append(batch_of(lines(number, 1)))
    assert sum(len(batch.lines) for batch in everything(ring, ring.start)) <= 100_000 // LINE_COST


def test_the_newest_entry_stays_even_if_it_is_larger_than_the_ring() -> None:
    ring = Ring(None, 10)
    ring.append(batch_of([LogLine(1, 0, 1, b"x" * 1000)]))
    ring.mark(Ended("removed"))
    assert everything(ring, ring.start) == [Ended("removed")]


def test_a_place_is_found_by_its_line() -> None:
    ring = Ring(Cursor(5, 1), 1_000_000)
    ring.append(batch_of([LogLine(5, 2, 1, b"a"), LogLine(6, 0, 2, b"b"), LogLine(6, 1, 1, b"c")]))
    assert ring.locate(Cursor(5, 1)) == Place(0, 0, 0)
    assert ring.locate(Cursor(6, 0)) == Place(0, 2, 2)
    assert ring.locate(Cursor(6, 2)) is None
    assert ring.newest == Cursor(6, 1)


def test_the_end_of_an_evicted_entry_is_remembered_so_that_one_can_count_on_from_there() -> None:
    ring = small(3)
    for number in range(10):
        ring.append(batch_of(lines(number, 1)))
    assert ring.locate(Cursor(4, 0)) == Place(5, 0, 5)
    assert ring.locate_evicted(lines(3, 4)) == (0, Place(4, 0, 4))
    items, _ = ring.read(Place(5, 0, 5), 10_000)
    assert items[0] == Skipped(2)


def test_readers_at_one_place_share_what_was_worked_out_of_it() -> None:
    ring = Ring(None, 1_000_000)
    ring.append(batch_of(lines(0, 2)))
    ring.append(batch_of(lines(2, 2)))
    place = ring.start
    (first,), behind = ring.read(place, 10_000)
    ring.append(batch_of(lines(4, 1)))
    (second,), same = ring.read(place, 10_000)
    assert first is second
    assert behind == same
    assert ring.read(behind, 10_000)[0] == [batch_of(lines(4, 1))]


def test_what_was_worked_out_of_a_batch_goes_with_the_read_not_with_the_ring() -> None:
    ring = Ring(None, 1_000_000)
    for number in range(4):
        ring.append(batch_of(lines(number, 1)))
        ((batch,), _) = ring.read(Place(number, 0, number), 1)
        assert isinstance(batch, LogBatch)
        batch.derived["messages"] = b"x"
    assert [entry.batch.derived for entry in ring._entries if entry.batch] == [{}] * 4
