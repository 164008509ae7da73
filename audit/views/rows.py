"""Rows of the record as the page shows them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from access.rights import RIGHTS
from audit.events import EVENTS
from audit.models import Entry, Result

TONES = {
    Result.OK: "ok",
    Result.INTENT: "info",
    Result.UNKNOWN: "warn",
    Result.DENIED: "bad",
    Result.FAILED: "bad",
}
CHANGES = ("was", "now")


@dataclass(frozen=True, slots=True)
class Row:
    """One entry. ``object_url`` leads to its object; whether it may be seen is asked there."""

    entry: Entry

    @property
    def tone(self) -> str:
        return TONES[Result(self.entry.result)]

    @property
    def title(self) -> Any:
        """The event in words."""
        right = RIGHTS.get(self.entry.event)
        return right.title if right else EVENTS.get(self.entry.event, "")

    @property
    def object_url(self) -> str:
        entry = self.entry
        if entry.object_kind == "recording" and len(entry.object_id) == 32:
            return reverse("recording", args=[entry.object_id])
        name = {"container": "container-detail", "image": "image-detail"}.get(entry.object_kind)
        if not name or not entry.host or len(entry.object_id) != 64:
            return ""
        return reverse(name, args=[entry.host, entry.object_id])


def rows(entries: Iterable[Entry]) -> list[Row]:
    return [Row(entry) for entry in entries]


@dataclass(frozen=True, slots=True)
class Change:
    """One value before and after; ``same`` where it did not change."""

    name: str
    was: str
    now: str
    same: bool


@dataclass(frozen=True, slots=True)
class Details:
    changes: list[Change]
    parameters: list[tuple[str, str]]
    linked: list[Entry]


def details(entry: Entry, seen: QuerySet[Entry]) -> Details:
    """``linked``: the intent of a result and its other results, or the results of an intent."""
    given = entry.parameters if isinstance(entry.parameters, dict) else {}
    whole = all(isinstance(given.get(key), dict | None) for key in CHANGES)
    changed = whole and any(key in given for key in CHANGES)
    rest = {key: value for key, value in given.items() if not (changed and key in CHANGES)}
    first = entry.intent_seq or entry.seq
    linked = seen.filter(Q(seq=first) | Q(intent_seq=first)).exclude(seq=entry.seq)
    return Details(
        changes_of(given.get("was") or {}, given.get("now") or {}) if changed else [],
        [(key, shown(value)) for key, value in rest.items()],
        list(linked.order_by("seq")[:20]),
    )


def changes_of(was: dict[str, Any], now: dict[str, Any]) -> list[Change]:
    names = [*was, *(name for name in now if name not in was)]
    return [
        Change(name, shown(was.get(name)), shown(now.get(name)), was.get(name) == now.get(name))
        for name in names
    ]


def shown(value: Any) -> str:
    """Plain text as it is, the rest as JSON; nothing for None."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
