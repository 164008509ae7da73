"""Beyond the fence: for an hour, one login of one person enters one container, and said why.

A host has it switched off unless a superuser switched it on; the gate asks for that each time,
so switching it off ends what was given. Kept in memory: a restart ends it, too.
"""

import threading
from dataclasses import dataclass
from time import monotonic

from access.actors import Actor

RIGHT = "container.beyond_fence"
PASS_SECONDS = 3600.0
Key = tuple[int, str, str, str]  # user, session, host, container


@dataclass(frozen=True, slots=True)
class Pass:
    """``until`` is of ``time.monotonic``."""

    reason: str
    until: float


class Passes:
    """Those of this process; from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._passes: dict[Key, Pass] = {}

    def give(self, actor: Actor, host: str, container_id: str, reason: str) -> None:
        now = monotonic()
        with self._lock:
            self._passes = {k: each for k, each in self._passes.items() if each.until > now}
            self._passes[key_of(actor, host, container_id)] = Pass(reason, now + PASS_SECONDS)

    def take(self, actor: Actor, host: str, container_id: str) -> None:
        with self._lock:
            self._passes.pop(key_of(actor, host, container_id), None)

    def end(self, host: str) -> None:
        """All of a host: its switch is off, and once it is on again each says why anew."""
        with self._lock:
            self._passes = {key: each for key, each in self._passes.items() if key[2] != host}

    def reason(self, actor: Actor, host: str, container_id: str) -> str:
        """Why this login may; "" where it may not (any more). A token has no login."""
        found = self._passes.get(key_of(actor, host, container_id))
        if found is None or not actor.session or found.until <= monotonic():
            return ""
        return found.reason


def key_of(actor: Actor, host: str, container_id: str) -> Key:
    return actor.user_id or 0, actor.session, host, container_id


passes = Passes()
