"""What can go wrong with an engine, in our words; the engine's own sentence is kept."""


class EngineError(Exception):
    """Base of all engine errors. ``message`` is a sentence for a person."""

    status = 502

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class EngineDown(EngineError):
    """Nothing listens at the engine's address, or it hung up before answering."""

    status = 503


class EngineSilent(EngineError):
    """The engine took the request and did not answer before the deadline."""

    status = 504


class NotFound(EngineError):
    """The engine has no such object (404)."""

    status = 404


class Conflict(EngineError):
    """The object's state forbids it (409, and 304 where nothing was to be done)."""

    status = 409


class Refused(EngineError):
    """The engine understood and refused (400, 403, 422, 500 with a sentence)."""

    status = 422


def from_status(status: int, sentence: str) -> EngineError:
    """The error for an HTTP status of the engine; ``sentence`` is what the engine said."""
    sentence = sentence.strip()
    if status == 304:
        return Conflict(sentence or "The engine had nothing to do: it is in that state already.")
    if status == 404:
        return NotFound(sentence or "The engine has no such object.")
    if status == 409:
        return Conflict(sentence or "The state of the object forbids it.")
    if sentence:
        return Refused(sentence)
    return EngineError(f"The engine answered {status} without a word.")
