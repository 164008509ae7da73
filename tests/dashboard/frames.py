"""Websocket frames by hand (RFC 6455), so that they may be wrong."""

import socket
import struct

CONTINUED, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
LAST = 0x80


def frame(first: int, data: bytes) -> bytes:
    """One client's frame with this first byte; its mask is zero, which any server must take."""
    size = len(data)
    if size < 126:
        head = struct.pack(">BB", first, 0x80 | size)
    elif size < 65536:
        head = struct.pack(">BBH", first, 0x80 | 126, size)
    else:
        head = struct.pack(">BBQ", first, 0x80 | 127, size)
    return head + bytes(4) + data


def read_frame(client: socket.socket) -> tuple[int, bytes]:
    """First byte and data of the server's next frame; (0, b"") where it hung up."""
    try:
        first, size = exactly(client, 2)
        if size == 126:
            (size,) = struct.unpack(">H", exactly(client, 2))
        elif size == 127:
            (size,) = struct.unpack(">Q", exactly(client, 8))
        return first, exactly(client, size)
    except (EOFError, ConnectionError):
        return 0, b""


def exactly(client: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = client.recv(count - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data
