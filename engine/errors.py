"""What can go wrong with an engine, in our words; the engine's own sentence is kept."""

from engine.sentences import Sentence, gettext_noop, said


class EngineError(Exception):
    """Base of all engine errors. ``message`` is a sentence for a person, in the language of the
    thread that asks; ``str()`` is the English one. Texts written out where one is raised are
    in the catalogues; the engine's own words are given as they are.
    """

    status = 502

    def __init__(self, text: str, **values: object) -> None:
        self.sentence = Sentence(text, values)
        super().__init__(str(self.sentence))

    @property
    def message(self) -> str:
        return said(self.sentence)


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
        return Conflict(
            sentence or gettext_noop("The engine had nothing to do: it is in that state already.")
        )
    if status == 404:
        return NotFound(sentence or gettext_noop("The engine has no such object."))
    if status == 409:
        return Conflict(sentence or gettext_noop("The state of the object forbids it."))
    if sentence:
        return Refused(sentence)
    return EngineError("The engine answered %(status)s without a word.", status=status)
