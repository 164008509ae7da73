"""What a job can be refused for, and how it can fail half-way."""

from collections.abc import Mapping
from typing import Any

from access.errors import Denied
from engine.errors import EngineError


class TooMany(Denied):
    """One person runs as many jobs of this kind as are allowed at a time: 429."""

    status = 429


class Unfinished(EngineError):
    """The job failed and something of it is left: ``result`` says what, for its page."""

    status = 409

    def __init__(self, message: str, result: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.result = result
