"""What the address of the audit log asks for: the filter box's text, as a condition on rows."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import search
from audit.models import Entry
from audit.search import Wanted
from web.filters import Grammar, Query, Shape, Term
from web.request import Request

MOST_TEXT = 1000
MOST_VALUES = 40  # in all words together: each is looked for in five columns of each row
FIELDS = ("user", "event", "result", "host", "object", "address", "from", "to")


def in_database(row: Entry, value: str, now: datetime) -> bool:
    raise NotImplementedError("The record is searched by the database.")


_TIME = Shape(
    search.TIME,
    gettext_lazy("%(value)s is no time: write 2026-11-28, 2026-11-28T10:30 or 2h (ago)."),
)
_NUMBER = Shape(search.NUMBER, gettext_lazy("%(value)s is no number of a row."))
GRAMMAR: Grammar[Entry] = Grammar(
    tests=dict.fromkeys(search.KEYS, in_database),
    words={"result": search.RESULTS},
    shapes={"from": _TIME, "to": _TIME, "row": _NUMBER, "intent": _NUMBER},
)


@dataclass(frozen=True)
class Asked:
    """``text`` is what stands in the filter box; ``problems`` are sentences on it."""

    text: str
    query: Query[Entry]
    words: tuple[Wanted, ...]
    problems: tuple[str, ...]

    @classmethod
    def of(cls, request: Request) -> "Asked":
        """From ``q``, and from the single fields where their form was sent (``fields``)."""
        query = GRAMMAR.parse(text_of(request))
        words = tuple(wanted(term) for term in query.terms if term.values)
        problems = query.problems or (*too_many(words), *no_days(words))
        return cls(str(query), query, words, problems)

    @property
    def folds(self) -> bool:
        """Whether intents are shown as one with their results: unless results are asked for."""
        return not any(word.key in ("result", "row", "intent") for word in self.words)

    def among(self, found: QuerySet[Entry]) -> QuerySet[Entry]:
        return found.none() if self.problems else found.filter(search.condition(self.words))

    def value_of(self, key: str) -> str:
        """What a single field shows: the value of the one word that it could have written."""
        fits = [word for word in self.words if word.key == key and not word.negated]
        return fits[0].values[0] if len(fits) == 1 and len(fits[0].values) == 1 else ""

    def address(self, **more: Any) -> str:
        parts = {"q": self.text} | more
        return "?" + urlencode({name: value for name, value in parts.items() if value})

    def with_result(self, value: str) -> str:
        """The text with ``result:value`` in place of its result words; "" takes them out."""
        kept = [term.source for term in self.query.terms if term.key != "result"]
        return " ".join([*kept, *([f"result:{value}"] if value else [])])


def text_of(request: Request) -> str:
    text = request.GET.get("q", "").replace("\0", "")[:MOST_TEXT].strip()
    if "fields" not in request.GET:
        return text
    kept = [term.source for term in GRAMMAR.parse(text).terms if not could_write(term)]
    given = {key: request.GET.get(key, "").replace("\0", "").strip()[:200] for key in FIELDS}
    return " ".join([*kept, *(f"{key}:{quoted(value)}" for key, value in given.items() if value)])


def could_write(term: Term) -> bool:
    """Whether one of the single fields stands for this word."""
    return term.key in FIELDS and not term.negated and len(term.values) <= 1


def quoted(value: str) -> str:
    plain = value.replace('"', "")
    return f'"{plain}"' if re.search(r"[\s,]", plain) else plain


def wanted(term: Term) -> Wanted:
    values = term.values if term.key == "result" else term.written
    return Wanted(term.key, tuple(values), term.negated)


def too_many(words: tuple[Wanted, ...]) -> list[str]:
    if sum(len(word.values) for word in words) <= MOST_VALUES:
        return []
    return [_("Ask for at most %(count)d words at a time.") % {"count": MOST_VALUES}]


def no_days(words: tuple[Wanted, ...]) -> list[str]:
    """Of times that look like one: there is no 30th of February."""
    values = [value for word in words if word.key in ("from", "to") for value in word.values]
    return [
        _("%(value)s is no time: there is no such day or hour.") % {"value": value}
        for value in values
        if not search.understood(value)
    ]
