"""What the containers of a host that run use together, of those that one viewer sees."""

import time
from collections import deque
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from engine.meter import TRAIL, Reading

PACE = 4.5  # seconds between two sums: each container is read once in five
PATIENCE = 10.0  # before a sum is told that is not of all
STALE = 30.0  # seconds; older readings are of containers that do not answer


class Sums:
    """One viewer's: what they were told of the CPU, and when."""

    def __init__(self) -> None:
        self._begun = time.monotonic()
        self._told: float | None = None
        self._trail: deque[float] = deque(maxlen=TRAIL)

    def due(self, readings: Mapping[str, Reading], ids: frozenset[str]) -> dict[str, Any] | None:
        """``cpu``: percents of one core, the latest at the end; ``memory`` in bytes; ``measured``
        of the ``running``. None where it is too soon for anything new or true."""
        now = time.monotonic()
        if self._told is not None and now - self._told < PACE:
            return None
        known = [each for id in ids if (each := readings.get(id)) is not None and counts(each)]
        if len(known) < len(ids) and now - self._begun < PATIENCE:
            return None
        if self._told is None:
            self._trail.extend(together(each.trail for each in known))
        else:
            self._trail.append(round(sum(each.cpu or 0 for each in known), 2))
        self._told = now
        memory = sum(each.memory for each in known)
        counted = {"measured": len(known), "running": len(ids)}
        return {"cpu": list(self._trail), "memory": memory} | counted


def counts(reading: Reading) -> bool:
    return reading.cpu is not None and (datetime.now(UTC) - reading.at).total_seconds() < STALE


def together(trails: Iterable[tuple[float, ...]]) -> list[float]:
    """Sums of shares of the same time, as far back as all have them; nothing uses nothing."""
    back = [trail[::-1] for trail in trails]
    return [round(sum(shares), 2) for shares in zip(*back, strict=False)][::-1] or [0.0]
