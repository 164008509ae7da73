"""Writing the record: one writer at a time, each row hashed together with the one before.

The hash is SHA-256(previous hash ‖ canonical JSON of the row): sorted keys, UTF-8, no floats.
"""

import hashlib
import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from audit.models import Entry, Result
from audit.tail import tail

FIRST = "0" * 64
HEAD_EVERY = 100
MOST_TEXT, MOST_PARAMETERS = 16 * 1024, 64 * 1024  # characters
COLUMNS = tuple(field.name for field in Entry._meta.concrete_fields)  # as they stand in an export
HASHES = ("previous_hash", "hash")
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
            **fitted(fields),
        )
        entry.hash = hash_of(entry)
        entry.save(force_insert=True)
    transaction.on_commit(lambda: announce(entry))
    return entry


def take_turn() -> None:
    """SQLite's atomic block is IMMEDIATE already (settings); PostgreSQL needs a lock."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def fitted(fields: dict[str, Any]) -> dict[str, Any]:
    """As the database can hold it and gives it back: a browser's name of 4 KiB, a file's name that
    is no text, a command line of a megabyte must not stop the record, nor the reading of it."""
    fits = {name: plain(value) for name, value in fields.items()}
    for name, value in fits.items():
        if isinstance(value, str):
            width = getattr(Entry._meta.get_field(name), "max_length", None)
            fits[name] = value[:width] if width else cut(value, MOST_TEXT)
    text = packed(fits.get("parameters", {}))
    if len(text) > MOST_PARAMETERS:
        fits["parameters"] = {"too_long": cut(text, MOST_TEXT)}
    return fits


def plain(value: Any) -> Any:
    """Lists, dicts with text for keys, and text that is UTF-8 and has no NUL."""
    if isinstance(value, str):
        return value.replace("\0", "\\x00").encode(errors="backslashreplace").decode()
    if isinstance(value, Mapping):
        return {plain(str(key)): plain(part) for key, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, list | tuple) else value


def cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


def canonical(row: Mapping[str, Any]) -> bytes:
    """The columns that are hashed, as JSON: sorted keys, UTF-8, no floats."""
    return packed({name: text_of(row[name]) for name in COLUMNS if name not in HASHES}).encode()


def line_of(row: Mapping[str, Any]) -> str:
    """The whole row as one line of JSON, both hashes with it: what the log and exports show."""
    return packed({name: text_of(row[name]) for name in COLUMNS})


def packed(row: Any) -> str:
    return json.dumps(row, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def text_of(value: Any) -> Any:
    """Times as text in UTC, to the microsecond; everything else as it is."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return value


def row_of(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in COLUMNS}


def hash_of(entry: Entry) -> str:
    return hash_of_row(row_of(entry))


def hash_of_row(row: Mapping[str, Any]) -> str:
    return hashlib.sha256(row["previous_hash"].encode() + canonical(row)).hexdigest()


def announce(entry: Entry) -> None:
    """After the commit: one JSON line per row in the log, the head every HEAD_EVERY rows."""
    log.info("%s", line_of(row_of(entry)))
    if entry.seq % HEAD_EVERY == 0:
        log.info("head %d %s", entry.seq, entry.hash)
    tail.touch()


def close_open_intents() -> int:
    """At start: each intent without a result gets a row ``unknown``. Returns how many."""
    answered = Entry.objects.filter(intent_seq=OuterRef("seq"))
    intents = Entry.objects.filter(~Exists(answered), result=Result.INTENT)
    open_intents = list(intents.order_by("seq"))
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
