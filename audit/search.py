"""What is asked of the record, as a condition of the database."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from audit.models import Entry, Result

RESULTS = (*Result.values, "open", "all")
AGO = re.compile(r"(\d{1,6})([smhdw])")
TIME = re.compile(
    r"\d{1,6}[smhdw]|\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?\S{0,6})?", re.IGNORECASE
)
NUMBER = re.compile(r"\d{1,18}")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_TEXTS = ("user", "event", "object_name", "command_line", "reason")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One word: any of the values, or with ``negated`` none. ``key`` "" is plain text."""

    key: str
    values: tuple[str, ...]
    negated: bool = False


def begins(field: str, text: str) -> Q:
    """A prefix; on SQLite as a range, which an index serves (LIKE is served by none)."""
    if connection.vendor == "sqlite":
        return Q(**{f"{field}__gte": text, f"{field}__lt": f"{text}\U0010ffff"})
    return Q(**{f"{field}__startswith": text})


def exact(field: str) -> Callable[[str], Q]:
    """The value itself, in the letters it was typed with or small ones; ``va*`` its beginning."""

    def ask(value: str) -> Q:
        if value.endswith("*"):
            return begins(field, value[:-1])
        return Q(**{f"{field}__in": sorted({value, value.lower()})})

    return ask


def event(value: str) -> Q:
    """``container.stop``, ``container.*``, or ``container`` for all of them."""
    return exact("event")(value if "." in value or value.endswith("*") else f"{value}.*")


def address(value: str) -> Q:
    return exact("address")(f"{value}*" if value.endswith((".", ":")) else value)


def result(value: str) -> Q:
    if value == "open":
        return Q(result=Result.INTENT) & ~Q(answered())
    return Q() if value == "all" else Q(result=value)


def text(value: str) -> Q:
    found = begins("object_id", value) | begins("address", value)
    for field in _TEXTS:
        found |= Q(**{f"{field}__icontains": value})
    return found


def number(field: str) -> Callable[[str], Q]:
    return lambda value: Q(**{field: int(value)}) if NUMBER.fullmatch(value) else Q(pk__in=[])


KEYS: Mapping[str, Callable[[str], Q]] = {
    "": text,
    "user": exact("user"),
    "event": event,
    "result": result,
    "host": exact("host"),
    "kind": exact("object_kind"),
    "object": lambda value: Q(object_name__icontains=value) | begins("object_id", value),
    "id": lambda value: begins("object_id", value),
    "address": address,
    "token": exact("token"),
    "request": exact("request_id"),
    "from": lambda value: Q(time__gte=moment(value)),
    "to": lambda value: Q(time__lte=moment(value, end=True)),
    "row": number("seq"),
    "intent": number("intent_seq"),
}


def condition(words: Iterable[Wanted]) -> Q:
    """All words must hold."""
    found = Q()
    for word in words:
        one = Q()
        for value in word.values:
            one |= KEYS[word.key](value)
        found &= ~one if word.negated else one
    return found


def answered() -> Exists:
    """For intents: whether a result of theirs is there."""
    return Exists(Entry.objects.filter(intent_seq=OuterRef("seq")))


def folded(found: QuerySet[Entry]) -> QuerySet[Entry]:
    """Without the intents that have their result: one row for each thing that was done."""
    return found.exclude(Q(result=Result.INTENT) & Q(answered()))


def moment(value: str, end: bool = False) -> datetime:
    """``2026-11-28``, ``2026-11-28T10:30``, ``3d`` (ago). ``end``: a day or a minute to its end.

    Without a zone it is of the site's. Raises ValueError for a day that is none, and for the first
    and the last year that there are: there is no room beside them for a zone or an end.
    """
    if ago := AGO.fullmatch(value):
        return timezone.now() - min(timedelta(**{_UNITS[ago[2]]: int(ago[1])}), timedelta(36500))
    if day := parse_date(value):
        found, length = datetime(day.year, day.month, day.day), timedelta(days=1)
    elif parsed := parse_datetime(value):
        found, length = parsed, timedelta(minutes=1) if value.count(":") == 1 else timedelta()
    else:
        raise ValueError(value)
    if not MINYEAR < found.year < MAXYEAR:
        raise ValueError(value)
    aware = found if timezone.is_aware(found) else timezone.make_aware(found)
    return aware + length - timedelta(microseconds=1) if end and length else aware


def understood(value: str) -> bool:
    try:
        moment(value)
    except ValueError:
        return False
    return True


def span(words: Iterable[Wanted]) -> tuple[int, int | None]:
    """Between which rows the wanted times lie: (after, up to), with room for a clock that jumps."""
    after, up_to = 0, None
    for word in words:
        if word.negated or len(word.values) != 1:
            continue
        if word.key == "from" and (row := nearest(time__lt=moment(word.values[0]))) is not None:
            after = max(after, row - JUMP)
        if word.key == "to" and (row := nearest(time__lte=moment(word.values[0], end=True))):
            up_to = row + JUMP
    return after, up_to


JUMP = 1000  # rows


def nearest(**bound: Any) -> int | None:
    """The newest row by the clock within the bound."""
    found = Entry.objects.filter(**bound).order_by("-time").values_list("seq", flat=True)
    return found.first()
