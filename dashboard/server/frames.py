"""Websocket messages on their way out: at once where nothing waits before them. RFC 6455, 5.2."""

import struct
from typing import Any

FIN_TEXT, FIN_BINARY = 0x81, 0x82
_SHORT, _MIDDLE, _LONG = struct.Struct(">BB"), struct.Struct(">BBH"), struct.Struct(">BBQ")


def head(first: int, length: int) -> bytes:
    """What stands before an unmasked payload of ``length`` bytes."""
    if length < 126:
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


def buffered(transport: Any) -> bool:
    """Whether bytes wait in a Twisted transport, in either of its two buffers."""
    return bool(transport._tempDataBuffer) or transport.offset < len(transport.dataBuffer)
