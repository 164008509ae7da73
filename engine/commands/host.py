"""Calls about the engine as a whole, and what is neither container nor image."""

import json
import time
from collections.abc import Callable
from typing import Any, TypeVar

from engine import answers
from engine.answers import seconds_text
from engine.commands.calls import DEADLINE, Calls
from engine.commands.client import Client
from engine.errors import Refused
from engine.types import EngineEvent, EngineFacts

DISK_USAGE_DEADLINE = 60.0
BUSY_SECONDS = 0.2
T = TypeVar("T")


def once_free(ask: Callable[[], T]) -> T:
    """An engine measures one thing at a time and refuses whoever comes meanwhile: ask again."""
    ends = time.monotonic() + DISK_USAGE_DEADLINE
    while True:
        try:
            return ask()
        except Refused as error:
            if "already running" not in error.message or time.monotonic() > ends:
                raise
        time.sleep(BUSY_SECONDS)


class HostCommands:
    _calls: Calls

    def version(self) -> dict[str, Any]:
        """``/version`` as answered."""
        return self._calls.make(lambda client: client.version(api_version=False))

    def ping(self, deadline: float = DEADLINE) -> None:
        """Return if the engine answers."""
        self._calls.make(lambda client: client.ping(), deadline)

    def facts(self) -> EngineFacts:
        """``/info`` and ``/version``: 8 ms and more of the engine, so never on a hot path."""
        return self._calls.make(
            lambda client: answers.facts(
                client.info(), client.version(api_version=False), client.api_version
            )
        )

    def disk_usage(self) -> dict[str, Any]:
        """``/system/df`` as answered; it walks every layer and volume (deadline 60 s)."""
        return once_free(
            lambda: self._calls.make(lambda client: client.df(), DISK_USAGE_DEADLINE, long=True)
        )

    def events(self, since_ns: int, until_ns: int) -> list[EngineEvent]:
        """What the engine remembers of that span of its time: it keeps its last 256 events."""
        params = {"since": seconds_text(since_ns), "until": seconds_text(until_ns)}

        def use(client: Client) -> list[EngineEvent]:
            lines = client.get_text("/events", params).splitlines()
            return [answers.event(json.loads(line)) for line in lines if line.strip()]

        return self._calls.make(use)
