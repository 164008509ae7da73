"""How fast one client may talk: tiny messages cost the time of everybody on the loop."""

import time
from collections.abc import Callable


class Rate:
    """``burst`` at once, and ``per_second`` of them over time."""

    def __init__(
        self, per_second: float, burst: float, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_second, self._burst, self._now = per_second, burst, now
        self._left, self._seen = burst, now()

    def take(self) -> bool:
        """Whether there was one left; if so it is taken."""
        now = self._now()
        self._left = min(self._burst, self._left + (now - self._seen) * self._per_second)
        self._seen = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
