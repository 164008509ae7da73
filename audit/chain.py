"""Writing the record: one writer at a time, each row hashed together with the one before.

The hash is SHA-256(previous hash ‖ canonical JSON of the row): sorted keys, UTF-8, no floats.
"""

import hashlib
import json
import logging
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from audit.models import Entry, Result

FIRST = "0" * 64
HEAD_EVERY = 100
_LOCK = 0x77686172  # any constant: PostgreSQL's advisory lock of the chain
log = logging.getLogger("audit")


def append(event: str, result: Result, **fields: Any) -> Entry:
    """Write one row and return it. Raises DatabaseError where it cannot be written."""
    with transaction.atomic():
        take_turn()
        last = Entry.objects.order_by("-seq").values("seq", "hash").first()
        entry = Entry(
            seq=last["seq"] + 1 if last else 1,
            time=datetime.now(UTC),
            event=event,
            result=result,
            previous_hash=last["hash"] if last else FIRST,
            **shortened(fields),
        )
        entry.hash = hash_of(entry)
        entry.save(force_insert=True)
    announce(entry)
    return entry


def take_turn() -> None:
    """SQLite's atomic block is IMMEDIATE already (settings); PostgreSQL needs a lock."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def shortened(fields: dict[str, Any]) -> dict[str, Any]:
    """Cut texts to their columns: a browser's name of 4 KiB must not stop the record."""
    cut = dict(fields)
    for name, value in fields.items():
        width = getattr(Entry._meta.get_field(name), "max_length", None)
        if isinstance(value, str) and width:
            cut[name] = value[:width]
    return cut


def canonical(entry: Entry) -> bytes:
    row: dict[str, Any] = {}
    for field in Entry._meta.concrete_fields:
        if field.name in ("hash", "previous_hash"):
            continue
        value = getattr(entry, field.name)
        if isinstance(value, datetime):
            value = value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        row[field.name] = value
    return json.dumps(row, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def hash_of(entry: Entry) -> str:
    return hashlib.sha256(entry.previous_hash.encode() + canonical(entry)).hexdigest()


def announce(entry: Entry) -> None:
    """One JSON line per row on stdout's log; the head hash every HEAD_EVERY rows."""
    log.info("%s", canonical(entry).decode())
    if entry.seq % HEAD_EVERY == 0:
        log.info("head %d %s", entry.seq, entry.hash)


def verify() -> tuple[int, int | None]:
    """Walk the chain: (rows read, first broken row or None)."""
    previous, expected, count = FIRST, 1, 0
    for entry in Entry.objects.order_by("seq").iterator():
        if entry.seq != expected or entry.previous_hash != previous or entry.hash != hash_of(entry):
            return count, expected if entry.seq != expected else entry.seq
        previous, expected, count = entry.hash, entry.seq + 1, count + 1
    return count, None


def close_open_intents() -> int:
    """At start: each intent without a result gets a row ``unknown``. Returns how many."""
    answered = Entry.objects.exclude(intent_seq=None).values("intent_seq")
    open_intents = list(Entry.objects.filter(result=Result.INTENT).exclude(seq__in=answered))
    for intent in open_intents:
        append(
            intent.event,
            Result.UNKNOWN,
            intent_seq=intent.seq,
            user_id=intent.user_id,
            user=intent.user,
            host=intent.host,
            object_kind=intent.object_kind,
            object_id=intent.object_id,
            object_name=intent.object_name,
            reason="The server stopped before the result was written.",
        )
    return len(open_intents)
