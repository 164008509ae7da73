"""asciicast v2: a header, then one JSON array a line. Pure."""

import codecs
import json
from typing import Any


def header(cols: int, rows: int, timestamp: int, title: str, command: str) -> bytes:
    return line(
        {
            "version": 2,
            "width": cols,
            "height": rows,
            "timestamp": timestamp,
            "title": title,
            "command": command,
            "env": {"TERM": "xterm-256color"},
        }
    )


def line(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


class Lines:
    """Events of one recording. A character whose bytes come in two pieces stands in the second;
    bytes that are no UTF-8 become U+FFFD, as on the screen: the format knows text only."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def output(self, at: float, data: bytes, last: bool = False) -> bytes:
        """``at``: seconds since the beginning. Empty where no character is whole yet."""
        text = self._decoder.decode(data, last)
        return line([round(at, 6), "o", text]) if text else b""

    def resize(self, at: float, cols: int, rows: int) -> bytes:
        return line([round(at, 6), "r", f"{cols}x{rows}"])


def time_of(event: bytes) -> float:
    """When an event happened; 0 for what is none."""
    try:
        found = json.loads(event)
        return float(found[0]) if isinstance(found, list) else 0.0
    except (ValueError, IndexError, TypeError):
        return 0.0
