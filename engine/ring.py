"""The last lines of a live log, held once for all of its readers. Pure."""

from collections import OrderedDict, deque
from dataclasses import dataclass
from itertools import chain, islice
from typing import NamedTuple

from engine.log_items import Divider, Ended, LogBatch, LogItem, Skipped
from engine.types import Cursor, LogLine

LINE_COST = 150  # bytes that CPython takes for a line beside its text
PLACES_KEPT = 4096
READS_KEPT = 2  # one for those in front, one for those behind them


class Place(NamedTuple):
    """Where a reader is: entry, lines of it already read, and lines since the ring began."""

    entry: int
    offset: int
    line: int


Read = tuple[list[LogItem], Place]


@dataclass(frozen=True, slots=True)
class _Entry:
    start: int  # lines since the ring began
    batch: LogBatch | None
    mark: Divider | Ended | None
    cost: int

    @property
    def lines(self) -> list[LogLine]:
        return self.batch.lines if self.batch else []


class Ring:
    """At most ``limit`` bytes. A reader keeps a ``Place``, so it costs the ring nothing.

    ``origin`` is the line before the first one (None: the log had none). A reader that falls
    behind what is held is told exactly how many lines it missed.
    """

    def __init__(self, origin: Cursor | None, limit: int) -> None:
        self.origin = origin
        self.newest = origin
        self._limit = limit
        self._entries: deque[_Entry] = deque()
        self._first = 0
        self._lines = 0
        self._cost = 0
        # Where evicted entries ended: a reader that comes back there can still count.
        self._evicted: OrderedDict[Cursor, Place] = OrderedDict()
        self._evicted_ns: set[int] = set()
        self._reads: deque[tuple[Place, int, Read]] = deque(maxlen=READS_KEPT)

    @property
    def start(self) -> Place:
        """The oldest line that is held."""
        first = self._entries[0].start if self._entries else self._lines
        return Place(self._first, 0, first)

    def append(self, batch: LogBatch) -> None:
        last = batch.lines[-1]
        self.newest = Cursor(last.ns, last.ordinal)
        cost = batch.size + LINE_COST * (len(batch.lines) + 1)
        self._add(_Entry(self._lines, batch, None, cost))
        self._lines += len(batch.lines)

    def mark(self, item: Divider | Ended) -> None:
        self._add(_Entry(self._lines, None, item, LINE_COST))

    def read(self, place: Place, most: int) -> Read:
        """What comes behind a place, about ``most`` bytes of it, and the place behind that.

        Who reads where others just did gets the very same batches, though more may have come
        since.
        """
        for asked, so_much, found in self._reads:
            if asked == place and so_much == most:
                return found
        found = self._read(place, most)
        if found[0]:
            self._reads.append((place, most, found))
        return found

    def _read(self, place: Place, most: int) -> Read:
        items: list[LogItem] = []
        if place.entry < self._first:
            if missed := self.start.line - place.line:
                items.append(Skipped(missed))
            place = self.start
        size = 0
        neighbours: list[LogBatch] = []
        entry, offset, line = place
        for held in islice(self._entries, entry - self._first, None):
            if size >= most:
                break
            if held.mark is not None:
                items += [*joined(neighbours), held.mark]
                neighbours = []
            elif held.batch is not None and offset < len(held.batch.lines):
                batch = _from(held.batch, offset)
                neighbours.append(batch)
                size += batch.size + LINE_COST
                line += len(batch.lines)
            entry, offset = entry + 1, 0
        return [*items, *joined(neighbours)], Place(entry, offset, line)

    def locate(self, cursor: Cursor) -> Place | None:
        """The place behind a line, also of a line that is evicted but still remembered."""
        if cursor == self.origin:
            return Place(0, 0, 0)
        if cursor in self._evicted:
            return self._evicted[cursor]
        ns, ordinal = cursor
        entry = self._first + len(self._entries)
        for held in reversed(self._entries):
            entry -= 1
            lines = held.lines
            for index in range(len(lines) - 1, -1, -1):
                if lines[index][0] == ns and lines[index][1] == ordinal:
                    return Place(entry, index + 1, held.start + index + 1)
        return None

    def locate_evicted(self, lines: list[LogLine]) -> tuple[int, Place] | None:
        """The first of these lines that ended an evicted entry: its index, and its place."""
        known = self._evicted_ns
        for index, line in enumerate(lines):
            if line[0] in known and (place := self._evicted.get(Cursor(line[0], line[1]))):
                return index, place
        return None

    def _add(self, entry: _Entry) -> None:
        self._entries.append(entry)
        self._cost += entry.cost
        while self._cost > self._limit and len(self._entries) > 1:
            self._evict()

    def _evict(self) -> None:
        gone = self._entries.popleft()
        self._first += 1
        self._cost -= gone.cost
        if not gone.lines:
            return
        ns, ordinal, *_ = gone.lines[-1]
        self._evicted[Cursor(ns, ordinal)] = Place(self._first, 0, gone.start + len(gone.lines))
        self._evicted_ns.add(ns)
        if len(self._evicted) > PLACES_KEPT:
            forgotten, _ = self._evicted.popitem(last=False)
            self._evicted_ns.discard(forgotten.ns)


def _from(batch: LogBatch, offset: int) -> LogBatch:
    if not offset:
        return batch
    lines = batch.lines[offset:]
    return LogBatch(lines, sum(len(line.data) for line in lines))


def joined(batches: list[LogBatch]) -> list[LogBatch]:
    """All in one new batch, if there are any; the held lists stay as they are."""
    if len(batches) < 2:
        return [LogBatch(batch.lines, batch.size) for batch in batches]
    lines = list(chain.from_iterable(batch.lines for batch in batches))
    return [LogBatch(lines, sum(batch.size for batch in batches))]
