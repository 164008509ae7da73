"""How a call is made: a slot, a client of the negotiated version, a deadline, mapped errors."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from engine.commands.client import Client
from engine.commands.explain import RAISED, explain
from engine.dial import Address
from engine.errors import EngineDown, EngineSilent, Refused
from engine.versions import NEWEST_API, choose, wrong_version

T = TypeVar("T")

DEADLINE = 10.0


class Calls:
    """At most ``limit`` calls at a time; long ones never take the last two slots."""

    def __init__(self, address: Address, limit: int) -> None:
        self.address = address
        self._limit = limit
        self._slots = threading.BoundedSemaphore(limit)
        self._long_slots = threading.BoundedSemaphore(max(1, limit - 2))
        self._lock = threading.Lock()
        self._idle: list[Client] = []
        self._generation = 0
        self._version = ""
        self._engine_version = ""

    @property
    def api_version(self) -> str:
        with self._lock:
            if self._version:
                return self._version
        return self.make(lambda client: client.api_version)

    def make(self, use: Callable[[Client], T], deadline: float = DEADLINE, long: bool = False) -> T:
        """Let ``use`` work with a client for at most ``deadline`` seconds, the queue included.

        ``long`` is for calls that the engine holds on purpose (stop, restart, remove).
        """
        ends = time.monotonic() + deadline
        with self._slot(ends, long):
            try:
                return self._try(use, ends, deadline)
            except Refused as error:
                if not wrong_version(error):
                    raise
            self.renew()
            return self._try(use, ends, deadline)

    def renew(self) -> None:
        """Forget the negotiated version and every idle client."""
        with self._lock:
            self._generation += 1
            self._version = self._engine_version = ""
            idle, self._idle = self._idle, []
        for client in idle:
            client.close()

    def _try(self, use: Callable[[Client], T], ends: float, deadline: float) -> T:
        try:
            generation, client = self._client(ends)
            try:
                client.ends = ends
                return use(client)
            finally:
                self._give_back(client, generation)
        except RAISED as error:
            mapped = explain(error, self.address, deadline)
            if isinstance(mapped, EngineDown):
                self.renew()
            raise mapped from error

    @contextmanager
    def _slot(self, ends: float, long: bool) -> Iterator[None]:
        wanted = [self._long_slots, self._slots] if long else [self._slots]
        held: list[threading.BoundedSemaphore] = []
        try:
            for slots in wanted:
                if not slots.acquire(timeout=max(0.0, ends - time.monotonic())):
                    raise EngineSilent(
                        "The engine at %(address)s is busy: %(limit)d calls are waiting for its"
                        " answers.",
                        address=self.address,
                        limit=self._limit,
                    )
                held.append(slots)
            yield
        finally:
            for slots in reversed(held):
                slots.release()

    def _client(self, ends: float) -> tuple[int, Client]:
        with self._lock:
            generation, version = self._generation, self._version
            if self._idle:
                return generation, self._idle.pop()
        if not version:
            version = self._negotiate(ends, generation)
        return generation, Client(self.address, version)

    def _negotiate(self, ends: float, generation: int) -> str:
        client = Client(self.address, NEWEST_API)
        try:
            client.ends = ends
            answer = client.version(api_version=False)
        finally:
            client.close()
        engine = str(answer["ApiVersion"])
        version = choose(engine, str(answer.get("MinAPIVersion") or ""))
        with self._lock:
            if generation == self._generation:
                self._version, self._engine_version = version, engine
        return version

    def _give_back(self, client: Client, generation: int) -> None:
        seen = client.engine_version
        with self._lock:
            changed = bool(seen and self._engine_version and seen != self._engine_version)
            fresh = generation == self._generation and not changed
            if fresh:
                self._idle.append(client)
        if not fresh:
            client.close()
        if changed and generation == self._generation:
            self.renew()
