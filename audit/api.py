"""The record in the JSON API: to read."""

from datetime import datetime
from typing import Any, Literal

from django.utils.translation import gettext as _

from access import sight
from audit.models import Entry
from web import fetch
from web.operations import Operations, Out
from web.paging import cut, key_of
from web.problems import Problem
from web.request import Request
from web.typed import PAGE, Cursor, Limit, Words

audit = Operations("audit")
Kind = Literal["", "intent", "ok", "denied", "failed", "unknown"]


class EntryOut(Out):
    """One row of the record. ``intent_seq`` is the intent that this is the result of."""

    seq: int
    time: datetime
    event: str
    result: str
    intent_seq: int | None
    user: str
    token: str
    address: str
    browser: str
    host: str
    object_kind: str
    object_id: str
    object_name: str
    image_digest: str
    request_id: str
    command_line: str
    parameters: dict[str, Any]
    reason: str
    duration_us: int | None
    bytes: int | None
    sha256: str
    previous_hash: str
    hash: str


class EntryPage(Out):
    items: list[EntryOut]
    next: str | None


@audit.get("/audit", "audit.see", EntryPage)
def audit_list(
    request: Request,
    event: Words = "",
    result: Kind = "",
    user: Words = "",
    host: Words = "",
    object_id: Words = "",
    cursor: Cursor = "",
    limit: Limit = PAGE,
) -> Any:
    """The rows of the record that you may read, the newest first. Filters are equal to a value."""
    fetch.site(request)
    asked = {"event": event, "result": result, "user": user, "host": host, "object_id": object_id}
    rows = sight.entries(request.actor).filter(**{k: text for k, text in asked.items() if text})
    if cursor:
        rows = rows.filter(seq__lt=seq_of(cursor))
    shown, rest = cut(list(rows.order_by("-seq")[: limit + 1]), key, limit)
    return EntryPage(items=[EntryOut.from_orm(row) for row in shown], next=rest)


def key(row: Entry) -> tuple[str, ...]:
    return (str(row.seq),)


def seq_of(cursor: str) -> int:
    text = key_of(cursor)[:1]
    if not text or not text[0].isdecimal() or len(text[0]) > 18:
        words = _("This is no cursor of a page: begin without one.")
        raise Problem(422, words, [("cursor", words)])
    return int(text[0])
