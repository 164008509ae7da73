"""Log lines as the socket carries them (docs/protocols.md, Logs). Pure."""

import json
import struct
from collections.abc import Iterator, Sequence
from typing import Any

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


def news(event: str, **fields: Any) -> bytes:
    """An event in words: skipped, divider, reconnecting, ended, error."""
    return b"\1" + json.dumps({"event": event, **fields}).encode()


def cursor(text: str) -> Cursor | None:
    """``<ns>.<ordinal>`` as a cursor; None where it is none."""
    ns, dot, ordinal = text.partition(".")
    if not (dot and ns.isdigit() and ordinal.isdigit() and len(ns) < 20 and len(ordinal) < 10):
        return None
    return Cursor(int(ns), int(ordinal))
