"""Log lines as the socket carries them (docs/protocols.md, Logs). Pure."""

import json
import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from engine.log_items import LogBatch
from engine.log_search import Found
from engine.types import Cursor, LogLine

HEAD = struct.Struct(">BqHI")  # stream, ns, ordinal, length
MOST = 256 * 1024
LAST_ORDINAL = 0xFFFF


def messages(lines: Sequence[LogLine]) -> Iterator[bytes]:
    """Batches of at most 256 KiB; a line that is longer than that travels alone."""
    parts: list[bytes] = [b"\0"]
    size = 1
    pack = HEAD.pack
    for ns, ordinal, stream, data in lines:
        if size + len(data) + HEAD.size > MOST and size > 1:
            yield b"".join(parts)
            parts, size = [b"\0"], 1
        parts += (pack(stream, ns, min(ordinal, LAST_ORDINAL), len(data)), data)
        size += len(data) + HEAD.size
    if size > 1:
        yield b"".join(parts)


def messages_of(batch: LogBatch) -> list[bytes]:
    """The same of one batch, made once for all who are sent it."""
    made: list[bytes] | None = batch.derived.get("messages")
    if made is None:
        made = batch.derived["messages"] = list(messages(batch.lines))
    return made


def merged_messages(lines: Iterable[tuple[int, LogLine]]) -> Iterator[bytes]:
    """The same of several containers, each line with the place of its own."""
    return _batches(b"\3", ((bytes((place,)), line) for place, line in lines))


def found_messages(number: int, found: Iterable[Found]) -> Iterator[bytes]:
    """Lines that a search found."""
    start = b"\2" + number.to_bytes(4, "big")
    return _batches(start, ((bytes(one[:2]), one.line) for one in found))


def _batches(start: bytes, lines: Iterable[tuple[bytes, LogLine]]) -> Iterator[bytes]:
    batch = bytearray(start)
    for tag, (ns, ordinal, stream, data) in lines:
        if len(batch) + len(tag) + HEAD.size + len(data) > MOST and len(batch) > len(start):
            yield bytes(batch)
            batch = bytearray(start)
        head = HEAD.pack(stream, ns, min(ordinal, LAST_ORDINAL), len(data))
        batch += tag + head + data
    if len(batch) > len(start):
        yield bytes(batch)


def news(event: str, **fields: Any) -> bytes:
    """An event in words: skipped, divider, reconnecting, ended, error, search, …"""
    return b"\1" + json.dumps({"event": event, **fields}).encode()


def cursor(text: str) -> Cursor | None:
    """``<ns>.<ordinal>`` as a cursor; None where it is none."""
    ns, dot, ordinal = text.partition(".")
    if not (dot and ns.isdigit() and ordinal.isdigit() and len(ns) < 20 and len(ordinal) < 10):
        return None
    return Cursor(int(ns), int(ordinal))


def cursor_text(line: LogLine | None) -> str:
    return f"{line.ns}.{line.ordinal}" if line else ""
