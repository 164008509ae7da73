"""What the engine's disk is used for: one ``system df`` at a time, shared by all who ask."""

import threading
import time
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.commands import Commands
from engine.commands.host import DISK_USAGE_DEADLINE
from engine.errors import EngineSilent
from engine.helpers import is_helper
from engine.rows import container_from_list

KEPT = timedelta(minutes=15)
RETRY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Measured:
    """``/system/df`` as answered, and when it was."""

    at: datetime
    usage: Mapping[str, Any]

    @property
    def volume_sizes(self) -> dict[str, int]:
        """Name → bytes, of those that the engine can measure."""
        found = {}
        for each in self.usage.get("Volumes") or ():
            size = (each.get("UsageData") or {}).get("Size", -1)
            if size >= 0:
                found[str(each["Name"])] = int(size)
        return found


def shown(usage: Mapping[str, Any]) -> Mapping[str, Any]:
    """Without the containers that stand in no list."""
    rows = usage.get("Containers") or ()
    kept = [row for row in rows if not is_helper(container_from_list(row))]
    return {**usage, "Containers": kept}


class DiskUsage:
    """For threads. ``last`` is what was measured last, whoever asked for it."""

    def __init__(self, commands: Commands) -> None:
        self.last: Measured | None = None
        self._commands = commands
        self._lock = threading.Lock()
        self._under_way: Future[Measured] | None = None
        self._outdated = False
        self._failed = float("-inf")

    @property
    def due(self) -> bool:
        """Whether ``last`` is too old to be shown for long. Not within a minute of a failure:
        whoever looks would ask an engine that cannot answer."""
        if time.monotonic() - self._failed < RETRY_SECONDS:
            return False
        last = self.last
        return last is None or self._outdated or datetime.now(UTC) - last.at > KEPT

    def outdated(self) -> None:
        """Much has changed since: who looks next measures again."""
        self._outdated = True

    def recent(self) -> Measured:
        """What was measured last, or what is measured now where that is too old; as ``measure``."""
        last = self.last
        return last if last is not None and not self.due else self.measure()

    def measure(self) -> Measured:
        """Now, or with those who are waiting for it already. It walks every layer and volume:
        up to a minute. Raises EngineErrors."""
        with self._lock:
            first = self._under_way is None
            shared = self._under_way = self._under_way or Future()
        if first:
            self._ask(shared)
        try:
            return shared.result(DISK_USAGE_DEADLINE + 5)
        except TimeoutError as error:
            raise EngineSilent("The engine took too long to measure its disk.") from error

    def _ask(self, shared: "Future[Measured]") -> None:
        try:
            self._outdated = False
            self.last = Measured(datetime.now(UTC), shown(self._commands.disk_usage()))
            shared.set_result(self.last)
        except BaseException as error:
            self._failed = time.monotonic()
            shared.set_exception(error)
        finally:
            with self._lock:
                self._under_way = None
