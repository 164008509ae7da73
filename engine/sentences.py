"""Sentences for a person that a later layer may translate: a text and the values in it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


def gettext_noop(message: str) -> str:
    """Mark ``message`` for the catalogue; whoever shows it translates it."""
    return message


@dataclass(frozen=True, slots=True)
class Sentence:
    """``text`` has %(name)s places for ``values``; ``str()`` is the English sentence."""

    text: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text % self.values if self.values else self.text


_speak: Callable[[Sentence], str] = str


def spoken_by(words: Callable[[Sentence], str]) -> None:
    """Let whoever knows the reader's language (``web.wording``) say all sentences from now on."""
    global _speak
    _speak = words


def said(sentence: Sentence) -> str:
    return _speak(sentence)


class BadValue(ValueError):
    """A value that the option it was given to cannot take."""

    def __init__(self, text: str, **values: object) -> None:
        self.sentence = Sentence(text, values)
        super().__init__(str(self.sentence))
