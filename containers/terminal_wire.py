"""The messages of the terminal socket (docs/protocols.md): bytes both ways. Pure."""

import json
from dataclasses import dataclass
from typing import Any

from web.sockets import uint64

OUTPUT, NEWS, PONG = b"\x00", b"\x01", b"\x02"
INPUT, SIZE, ACK, PING = 0, 1, 2, 3
MOST_INPUT = 64 * 1024
MOST_CELLS = 1000
_MOST_JSON = 100


@dataclass(frozen=True, slots=True)
class Input:
    data: bytes


@dataclass(frozen=True, slots=True)
class Size:
    cols: int
    rows: int


@dataclass(frozen=True, slots=True)
class Ack:
    total: int


@dataclass(frozen=True, slots=True)
class Ping:
    pass


Message = Input | Size | Ack | Ping


def parse(message: bytes) -> Message:
    """What a browser sent. Raises ValueError where it breaks the protocol."""
    if not message:
        raise ValueError("an empty message")
    kind, body = message[0], message[1:]
    if kind == INPUT and len(body) <= MOST_INPUT:
        return Input(body)
    if kind == SIZE and len(body) <= _MOST_JSON:
        return size(json.loads(body))
    if kind == ACK and (total := uint64(body)) is not None:
        return Ack(total)
    if kind == PING:
        return Ping()
    raise ValueError(f"a message of type {kind} and {len(body)} bytes")


def size(value: Any) -> Size:
    """``{"cols", "rows"}``, whole numbers from 1 to 1000. Raises ValueError."""
    asked = value if isinstance(value, dict) else {}
    return Size(cells(asked.get("cols")), cells(asked.get("rows")))


def cells(value: Any) -> int:
    if type(value) is not int or not 1 <= value <= MOST_CELLS:  # True is an int, too
        raise ValueError(f"a terminal has 1 to {MOST_CELLS} columns and rows, not {value!r}")
    return value


def news(event: str, **fields: Any) -> bytes:
    return NEWS + json.dumps({"event": event, **fields}).encode()
