"""Calls about the engine as a whole, and what is neither container nor image."""

import json
from typing import Any

from engine import answers
from engine.answers import seconds_text
from engine.commands.calls import DEADLINE, Calls
from engine.commands.client import Client
from engine.types import EngineEvent, EngineFacts

DISK_USAGE_DEADLINE = 60.0


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
        return self._calls.make(lambda client: client.df(), DISK_USAGE_DEADLINE, long=True)

    def events(self, since_ns: int, until_ns: int) -> list[EngineEvent]:
        """What the engine remembers of that span of its time: it keeps its last 256 events."""
        params = {"since": seconds_text(since_ns), "until": seconds_text(until_ns)}

        def use(client: Client) -> list[EngineEvent]:
            lines = client.get_text("/events", params).splitlines()
            return [answers.event(json.loads(line)) for line in lines if line.strip()]

        return self._calls.make(use)

    def networks(self) -> list[dict[str, Any]]:
        return self._calls.make(lambda client: client.networks())

    def volumes(self) -> list[dict[str, Any]]:
        return self._calls.make(lambda client: client.volumes().get("Volumes") or [])
