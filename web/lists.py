"""What the addresses of lists have in common: filter, sort, pages, segments and columns."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic
from urllib.parse import urlencode

from django.utils.functional import Promise

from web.filters import Grammar, Query, Row
from web.request import Request

PAGE = 200  # rows
MOST_PAGES = 50
DEFAULT_SORT = "name"


@dataclass(frozen=True)
class Asked(Generic[Row]):
    """What the address asks for; each part stands in the address only where it says something.

    ``pages`` 0: only ``page``; else all pages up to this one, for a refresh.
    """

    host: str
    text: str
    query: Query[Row]
    sort: str
    page: int
    pages: int

    @property
    def first(self) -> int:
        return 0 if self.pages else (self.page - 1) * PAGE

    @property
    def last(self) -> int:
        return (self.pages or self.page) * PAGE

    def parts(self) -> dict[str, str]:
        return {"q": self.text, "sort": "" if self.sort == DEFAULT_SORT else self.sort}

    def address(self, **changed: str) -> str:
        """``?…`` with these parts changed."""
        parts = self.parts() | changed
        return "?" + urlencode({name: value for name, value in parts.items() if value})


def asked_parts(request: Request, host: str, grammar: Grammar[Any]) -> dict[str, Any]:
    """The fields of an ``Asked``."""
    text = request.GET.get("q", "").strip()[:1000]
    return {
        "host": host,
        "text": text,
        "query": grammar.parse(text),
        "sort": request.GET.get("sort", DEFAULT_SORT),
        "page": number(request, "page", 1),
        "pages": number(request, "pages", 0),
    }


def in_order(
    rows: Iterable[Row],
    sort: str,
    by_name: Callable[[Row], Any],
    keys: Mapping[str, Callable[[Row], Any]],
) -> tuple[Row, ...]:
    """``sort`` is a column of ``keys``, with ``-`` in front for descending; rows that are equal
    there, and all by any other word, stand by name."""
    found = sorted(rows, key=by_name)
    found.sort(key=keys.get(sort.lstrip("-"), by_name), reverse=sort.startswith("-"))
    return tuple(found)


def number(request: Request, name: str, default: int) -> int:
    text = request.GET.get(name, "")
    return min(MOST_PAGES, max(default, int(text))) if text.isdecimal() else default


@dataclass(frozen=True, slots=True)
class Segment:
    """One of the list's views: it writes ``state:…`` into the filter's text."""

    url: str
    label: str | Promise
    tone: str
    count: int
    current: bool
    text: str  # what it writes into the filter box


@dataclass(frozen=True, slots=True)
class Column:
    url: str
    label: str | Promise
    css: str
    order: str  # ascending, descending or ""


def segments(
    asked: Asked[Any],
    address: str,
    counts: Mapping[str, int],
    table: Iterable[tuple[str, Promise, str]],
) -> list[Segment]:
    """``table`` has state word, label and tone of each."""
    found = []
    for key, label, tone in table:
        text = str(asked.query.with_state(key))
        url = address + asked.address(q=text)
        found.append(Segment(url, label, tone, counts[key], is_open(asked.query, key), text))
    return found


def is_open(query: Query[Any], key: str) -> bool:
    """Several states together are none of the segments, and not all either."""
    return query.state == key if key else not any(term.key == "state" for term in query.terms)


def columns(
    asked: Asked[Any], address: str, table: Iterable[tuple[str, Promise, str]]
) -> list[Column]:
    """A click sorts by the column, a second one the other way round; never by two words."""
    column, down = asked.sort.lstrip("-"), asked.sort.startswith("-")
    text = str(asked.query.with_only("sort", ""))
    return [
        Column(
            address + asked.address(q=text, sort=f"-{key}" if key == column and not down else key),
            label,
            css,
            ("descending" if down else "ascending") if key == column else "",
        )
        for key, label, css in table
    ]
