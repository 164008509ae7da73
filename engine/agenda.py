"""What to ask the engine next about one kind of object, so that a storm costs few calls. Pure."""

from dataclasses import dataclass

LIST_EVERY = 2.0  # seconds from the start of a list to the earliest start of the next
RECONCILE_EVERY = 60.0
BURST = 20  # single objects that may be asked for at once after a quiet second
PER_SECOND = 20.0


@dataclass(frozen=True, slots=True)
class Read:
    """Ask for these objects one by one: a row follows its event within milliseconds."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ListAll:
    """Ask for all of them at once. ``touched`` are those that events named."""

    touched: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing may be asked for these seconds, unless something is touched."""

    seconds: float


class Agenda:
    """Touched objects that wait to be asked for. Times are monotonic seconds, given by the caller.

    Few are read one by one, within a budget that refills; past it one list answers for all, at
    most every two seconds; and once a minute a list reconciles whatever no event told.
    """

    def __init__(self) -> None:
        self._touched: dict[str, None] = {}
        self._listed_at = float("-inf")
        self._wait_for_list: dict[str, None] = {}
        self._budget = float(BURST)
        self._counted_at = 0.0

    def touch(self, key: str) -> None:
        self._touched[key] = None

    def want_list(self, key: str) -> None:
        """Only a list can tell of this object; empty: of any."""
        self._wait_for_list[key] = None

    def listed(self, now: float) -> None:
        """A list was made outside the agenda."""
        self._listed_at = now

    def forget(self, key: str) -> None:
        self._touched.pop(key, None)

    def waits_for(self, key: str) -> bool:
        return key in self._touched or key in self._wait_for_list or "" in self._wait_for_list

    def next(self, now: float) -> Read | ListAll | Wait:
        """The next step, taken out of the agenda."""
        self._refill(now)
        count, list_at = len(self._touched), self._listed_at + LIST_EVERY
        if now >= self._listed_at + RECONCILE_EVERY:
            return self._list(now)
        if count and count <= self._budget:
            self._budget -= count
            return Read(self._take())
        if not count and not self._wait_for_list:
            return Wait(self._listed_at + RECONCILE_EVERY - now)
        if now >= list_at:
            return self._list(now)
        affordable_in = (count - self._budget) / PER_SECOND if count else LIST_EVERY
        return Wait(min(list_at - now, affordable_in))

    def take_one(self, now: float) -> bool:
        """Whether one object more may be asked for, which nothing touched: within the budget."""
        self._refill(now)
        if self._budget < 1:
            return False
        self._budget -= 1
        return True

    def _list(self, now: float) -> ListAll:
        self._listed_at = now
        self._touched.update(self._wait_for_list)
        self._wait_for_list.clear()
        return ListAll(self._take())

    def _take(self) -> tuple[str, ...]:
        keys = tuple(self._touched)
        self._touched.clear()
        return keys

    def _refill(self, now: float) -> None:
        gained = max(0.0, now - self._counted_at) * PER_SECOND
        self._budget = min(float(BURST), self._budget + gained)
        self._counted_at = now
