"""How often one token, or one login, may ask the API: so many times in each minute."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

SECONDS = 60
MOST_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Standing:
    """``left`` requests in the next ``seconds``; ``good`` where this one was among them."""

    good: bool
    most: int
    left: int
    seconds: int

    def headers(self) -> dict[str, str]:
        """draft-ietf-httpapi-ratelimit-headers."""
        headers = {
            "RateLimit-Policy": f'"minute";q={self.most};w={SECONDS}',
            "RateLimit": f'"minute";r={self.left};t={self.seconds}',
        }
        return headers if self.good else headers | {"Retry-After": str(self.seconds)}


class Allowance:
    """From any thread. A window begins with somebody's first request."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now, self._lock = now, threading.Lock()
        self._windows: dict[str, tuple[float, int]] = {}  # who → begin, requests

    def take(self, who: str, most: int) -> Standing:
        now = self._now()
        with self._lock:
            began, count = self._windows.get(who, (now, 0))
            if now - began >= SECONDS:
                began, count = now, 0
            if who not in self._windows and len(self._windows) >= MOST_KEPT:
                self._forget(now)
            good = count < most
            self._windows[who] = began, count + good
        return Standing(good, most, max(0, most - count - 1), int(began + SECONDS - now) + 1)

    def _forget(self, now: float) -> None:
        live = {who: each for who, each in self._windows.items() if now - each[0] < SECONDS}
        self._windows = live if len(live) < MOST_KEPT else {}


allowance = Allowance()
