"""The last events of one engine, kept so that whoever comes later sees what led here."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from operator import attrgetter

from engine.helpers import is_of_helper
from engine.types import ContainerRow, EngineEvent

MOST, MOST_FLOODS = 1000, 300
HOUR_NS = 3600 * 1_000_000_000
# Health checks and shells make so many of these that they would push all else out.
FLOODS = frozenset({"exec_create", "exec_start", "exec_die", "exec_detach", "top", "resize"})
Ask = Callable[[int, int], list[EngineEvent]]


@dataclass(frozen=True, slots=True)
class PastEvent:
    """``row`` is what was known of its container then; ``key`` tells nothing of other events."""

    place: int  # of arrival
    event: EngineEvent
    row: ContainerRow | None

    @property
    def key(self) -> str:
        what = f"{self.event.kind} {self.event.action} {self.event.id}"
        return f"{self.event.time_ns}-{sha256(what.encode()).hexdigest()[:8]}"

    @property
    def is_flood(self) -> bool:
        return is_flood(self.event)


def is_flood(event: EngineEvent) -> bool:
    return event.action.partition(":")[0] in FLOODS


class PastEvents:
    """Written on the loop, read from any thread. The oldest go; ``heard`` counts all."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: deque[PastEvent] = deque(maxlen=MOST)
        self._floods: deque[PastEvent] = deque(maxlen=MOST_FLOODS)
        self._missing: list[tuple[int, int]] = []  # spans of the engine's time, nanoseconds
        self._last_ns = 0
        self.heard = 0

    def push(self, event: EngineEvent, row: ContainerRow | None = None) -> None:
        with self._lock:
            self.heard += 1
            self._last_ns = max(self._last_ns, event.time_ns)
            ring = self._floods if is_flood(event) else self._kept
            ring.append(PastEvent(self.heard, event, row))

    def opened(self, since_ns: int | None) -> None:
        """The engine is listened to from then on: what it did before is not known yet."""
        if since_ns is not None:
            with self._lock:
                begins = self._last_ns or since_ns - HOUR_NS
                self._missing = [*self._missing, (begins, since_ns)][-5:]

    def fill(self, ask: Ask) -> None:
        """Ask the engine, which remembers a few hundred, for what happened unheard. Raises what
        ``ask`` does; the next call tries again."""
        with self._lock:
            missing, self._missing = self._missing, []
        while missing:
            try:
                found = ask(*missing[0])
            except Exception:
                with self._lock:
                    self._missing = missing + self._missing
                raise
            known = {past.key for past in self.picture()}
            for event in found:
                if PastEvent(0, event, None).key not in known and not is_of_helper(event):
                    self.push(event)
            del missing[0]

    def last(self, id: str, action: str) -> int | None:
        """When a container last had this event, in the engine's nanoseconds; None: not kept."""
        with self._lock:
            kept = [past.event for past in self._kept]
        times = (one.time_ns for one in kept if one.id == id and one.action == action)
        return max(times, default=None)

    def picture(self) -> list[PastEvent]:
        """All that is kept, by the engine's time."""
        with self._lock:
            both = [*self._kept, *self._floods]
        return sorted(both, key=attrgetter("event.time_ns", "place"))
