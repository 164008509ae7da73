"""The filter box of a list: its text as a condition on rows. Pure.

Words stand apart by blanks and all must hold. ``key:value,value`` asks for one of the values,
``-word`` for the opposite, ``"quotes"`` hold blanks and colons together as plain text. Which keys
there are is a list's own ``Grammar``.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Generic, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _

Row = TypeVar("Row")
Test = Callable[[Row, str, datetime], bool]
_WORD = re.compile(r'(?:"[^"]*"?|[^\s"])+')
_KEY = re.compile(r"([A-Za-z_][\w-]*):(.*)", re.DOTALL)
_PART = re.compile(r'(?:"[^"]*"?|[^,"])+')
_APART = re.compile(r"[\s,]")  # what parts words and values


@dataclass(frozen=True, slots=True)
class Term:
    """One word of the text; ``key`` is "" for plain text. ``source`` is the word as written."""

    source: str
    key: str
    values: tuple[str, ...]
    negated: bool = False

    @property
    def written(self) -> tuple[str, ...]:
        """The values in the letters they were typed with."""
        word = self.source[self.negated :]
        match = _KEY.fullmatch(word) if self.key else None
        parts = [word] if match is None else _PART.findall(match[2])
        return tuple(filter(None, (part.replace('"', "") for part in parts)))


@dataclass(frozen=True, slots=True)
class Shape:
    """What a key's values look like; ``sentence`` has ``%(value)s`` for one that does not."""

    pattern: re.Pattern[str]
    sentence: str | Promise


@dataclass(frozen=True, slots=True)
class Grammar(Generic[Row]):
    """The keys of one list: ``tests`` by key ("" is plain text; values come in small letters),
    ``words`` for keys that take only these values, ``shapes`` for those of a certain form."""

    tests: Mapping[str, Test[Row]]
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    shapes: Mapping[str, Shape] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(key for key in self.tests if key)

    def parse(self, text: str) -> "Query[Row]":
        """Read the text; never raises. A half-typed word (``image:``) asks for nothing yet."""
        terms = tuple(term(word) for word in _WORD.findall(text))
        return Query(self, terms, tuple(filter(None, map(self.problem, terms))))

    def problem(self, term: Term) -> str:
        """A sentence where the word cannot be understood, else ""."""
        if term.key not in self.tests:
            return unknown_key(term.key, self.keys)
        allowed, shape = self.words.get(term.key), self.shapes.get(term.key)
        for value in term.values:
            if allowed and value not in allowed:
                return unknown_value(term.key, value, allowed)
            if shape and not shape.pattern.fullmatch(value):
                return str(shape.sentence) % {"value": value}
        return ""


@dataclass(frozen=True, slots=True)
class Query(Generic[Row]):
    """What the text asks for. ``problems`` are sentences; a query that has one matches nothing."""

    grammar: Grammar[Row]
    terms: tuple[Term, ...] = ()
    problems: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " ".join(term.source for term in self.terms)

    def matches(self, row: Row, now: datetime) -> bool:
        tests = self.grammar.tests
        return not self.problems and all(
            any(tests[term.key](row, value, now) for value in term.values) != term.negated
            for term in self.terms
            if term.values
        )

    def select(self, rows: Iterable[Row], now: datetime | None = None) -> list[Row]:
        moment = now or datetime.now(UTC)
        return [row for row in rows if self.matches(row, moment)]

    @property
    def state(self) -> str:
        """The value of the one ``state:`` word, or "" where there is none or are several."""
        return self.only("state")

    def only(self, key: str) -> str:
        found = [term for term in self.terms if term.key == key]
        return (
            found[0].values[0]
            if len(found) == 1 and len(found[0].values) == 1 and not found[0].negated
            else ""
        )

    def with_state(self, value: str) -> "Query[Row]":
        return self.with_only("state", value)

    def with_only(self, key: str, value: str) -> "Query[Row]":
        """The same text with ``key:value`` in place of its words of that key; "" takes them out."""
        terms = tuple(term for term in self.terms if term.key != key)
        if value:
            terms += (Term(f"{key}:{value}", key, (value,)),)
        return Query(self.grammar, terms, self.problems)

    def asks(self, key: str, value: str) -> bool:
        """Whether it is one of the values that a row may have."""
        return any(asks(term, key, value) for term in self.terms)

    def toggled(self, key: str, value: str, apart: bool = False) -> "Query[Row]":
        """The same text without ``key:value`` where it asks for that, else with it: beside the
        key's other values, one of which has to be true, or ``apart`` as a word of its own."""
        if self.asks(key, value):
            left = (without(term, value) if asks(term, key, value) else term for term in self.terms)
            return Query(self.grammar, tuple(filter(None, left)), self.problems)
        there = [term for term in self.terms if term.key == key and not term.negated]
        if apart or not there:
            return Query(self.grammar, (*self.terms, word(key, (value,))), self.problems)
        joined = word(key, (*there[-1].written, value))
        terms = tuple(joined if term is there[-1] else term for term in self.terms)
        return Query(self.grammar, terms, self.problems)


def term(source: str) -> Term:
    negated = len(source) > 1 and source.startswith("-")
    word = source[1:] if negated else source
    match = _KEY.fullmatch(word)
    if match is None:
        plain = word.replace('"', "").casefold()
        return Term(source, "", (plain,) if plain else (), negated)
    parts = (part.replace('"', "").casefold() for part in _PART.findall(match[2]))
    return Term(source, match[1].lower(), tuple(part for part in parts if part), negated)


def word(key: str, values: Iterable[str]) -> Term:
    """``key:value,"one with blanks"``."""
    said = (f'"{value}"' if _APART.search(value) else value for value in values)
    return term(f"{key}:{','.join(said)}")


def asks(term: Term, key: str, value: str) -> bool:
    return term.key == key and not term.negated and value.casefold() in term.values


def without(term: Term, value: str) -> Term | None:
    left = [each for each in term.written if each.casefold() != value.casefold()]
    return word(term.key, left) if left else None


def unknown_key(key: str, keys: tuple[str, ...]) -> str:
    near = get_close_matches(key, keys, 1, 0.6)
    ask = _("There is no filter %(key)s:.") % {"key": key}
    if near:
        return ask + " " + _("Did you mean %(near)s:?") % {"near": near[0]}
    return ask + " " + _("To look for the text itself, put it in double quotes.")


def unknown_value(key: str, value: str, allowed: tuple[str, ...]) -> str:
    return _("%(key)s:%(value)s is unknown: use %(words)s.") % {
        "key": key,
        "value": value,
        "words": ", ".join(get_close_matches(value, allowed, 1, 0.5) or allowed),
    }


def has_label(labels: Mapping[str, str], value: str) -> bool:
    """Whether ``key`` or ``key=value`` (in small letters) is among the labels."""
    key, equals, wanted = value.partition("=")
    return any(
        name.casefold() == key and (not equals or text.casefold() == wanted)
        for name, text in labels.items()
    )
