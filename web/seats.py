"""How many sockets a person may hold at once, in this process."""

from collections import Counter


class Seats:
    """Counts by key; on the loop only."""

    def __init__(self) -> None:
        self._taken: Counter[int] = Counter()

    def take(self, key: int, most: int) -> bool:
        """Whether there was one left; if so it is taken."""
        if self._taken[key] >= most:
            return False
        self._taken[key] += 1
        return True

    def leave(self, key: int) -> None:
        self._taken[key] -= 1
        if self._taken[key] <= 0:
            del self._taken[key]


seats = Seats()
