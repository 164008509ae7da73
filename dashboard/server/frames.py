"""Short ways for websocket messages, in and out. RFC 6455, 5.2."""

import struct
from typing import Any

FIN_TEXT, FIN_BINARY = 0x81, 0x82
MASKED = 0x80
HEAD = 6  # bytes before a short masked payload
SHORTEST_LONG = 126
_SHORT, _MIDDLE, _LONG = struct.Struct(">BB"), struct.Struct(">BBH"), struct.Struct(">BBQ")


def head(first: int, length: int) -> bytes:
    """What stands before an unmasked payload of ``length`` bytes."""
    if length < SHORTEST_LONG:
        return _SHORT.pack(first, length)
    if length < 65536:
        return _MIDDLE.pack(first, 126, length)
    return _LONG.pack(first, 127, length)


def write_at_once(transport: Any, start: bytes, payload: bytes) -> None:
    """As ``transport.write``, which would send in the loop's next turn only, after a copy."""
    sent = 0
    if transport.connected and not transport.disconnecting and not buffered(transport):
        try:
            sent = transport.socket.sendmsg((start, payload))
        except OSError:
            sent = 0  # it is full, or gone: ``write`` finds out which
    if sent < len(start):
        transport.write(start[sent:] + payload)
    elif sent < len(start) + len(payload):
        transport.write(payload[sent - len(start) :])


def small_message(data: bytes) -> bytes | None:
    """The payload, where ``data`` is one whole masked message of less than 126 bytes: a key, an
    acknowledgement. None for everything else, a text that is no UTF-8 included."""
    length = len(data) - HEAD
    if not 0 <= length < SHORTEST_LONG or data[1] != MASKED | length:
        return None
    if data[0] not in (FIN_TEXT, FIN_BINARY):
        return None
    key = (data[2:HEAD] * (length // 4 + 1))[:length]
    plain = int.from_bytes(data[HEAD:], "big") ^ int.from_bytes(key, "big")
    payload = plain.to_bytes(length, "big")
    if data[0] == FIN_TEXT:
        try:
            payload.decode()
        except UnicodeDecodeError:
            return None
    return payload


def buffered(transport: Any) -> bool:
    """Whether bytes wait in a Twisted transport, in either of its two buffers."""
    return bool(transport._tempDataBuffer) or transport.offset < len(transport.dataBuffer)
