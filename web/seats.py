"""How many connections that last a person may hold at once, in this process: sockets, and logs
that are followed by API."""

import threading
from collections import Counter


class Seats:
    """Counts by key; on the loop and in threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: Counter[int] = Counter()

    def take(self, key: int, most: int) -> bool:
        """Whether there was one left; if so it is taken."""
        with self._lock:
            if self._taken[key] >= most:
                return False
            self._taken[key] += 1
            return True

    def leave(self, key: int) -> None:
        with self._lock:
            self._taken[key] -= 1
            if self._taken[key] <= 0:
                del self._taken[key]


seats = Seats()
