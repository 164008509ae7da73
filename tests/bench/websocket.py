"""A websocket client that costs little, so that what is measured is the server.

It sends with an all-zero mask (RFC 6455 allows any) and wants no compression. Written on plain
asyncio streams: a library's queues and tasks cost more than an echo takes.
"""

import asyncio
import base64
import json
import os
import struct
from typing import Any

from tests.bench.http import Person, Refused

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
NO_MASK = b"\0\0\0\0"
ROOM = 8 * 2**20


class Closed(RuntimeError):
    """The server closed the socket; the message is its code."""


class Socket:
    """One open socket. ``receive`` gives whole messages; pings are answered on the way."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._pong = asyncio.Event()

    @classmethod
    async def open(cls, person: Person, path: str, ticket: str = "") -> "Socket":
        streams = await asyncio.open_connection(
            person.where.hostname, person.where.port, limit=ROOM
        )
        protocols = f"wharfinger.1, ticket.{ticket}" if ticket else "wharfinger.1"
        head = (
            f"GET {path} HTTP/1.1\r\nHost: {person.where.netloc}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nOrigin: {person.site.url}\r\n"
            f"Sec-WebSocket-Key: {base64.b64encode(os.urandom(16)).decode()}\r\n"
            f"Sec-WebSocket-Protocol: {protocols}\r\nCookie: {person.cookie}\r\n\r\n"
        )
        streams[1].write(head.encode())
        answer = await streams[0].readuntil(b"\r\n\r\n")
        if b" 101 " not in answer.split(b"\r\n", 1)[0]:
            raise Refused(f"{path}: {answer[:100]!r}")
        return cls(*streams)

    async def receive(self) -> bytes:
        """The next message. Raises Closed."""
        message = b""
        while True:
            first, kind, data = await self._frame()
            if kind == PING:
                self._send(PONG, data)
            elif kind == PONG:
                self._pong.set()
            elif kind == CLOSE:
                raise Closed(str(struct.unpack(">H", data[:2])[0] if data else 1005))
            else:
                message += data
                if first & 0x80:
                    return message

    async def _frame(self) -> tuple[int, int, bytes]:
        first, size = await self._reader.readexactly(2)
        if size == 126:
            (size,) = struct.unpack(">H", await self._reader.readexactly(2))
        elif size == 127:
            (size,) = struct.unpack(">Q", await self._reader.readexactly(8))
        return first, first & 0x0F, await self._reader.readexactly(size)

    def _send(self, kind: int, data: bytes) -> None:
        size = len(data)
        if size < 126:
            head = struct.pack(">BB", 0x80 | kind, 0x80 | size)
        elif size < 65536:
            head = struct.pack(">BBH", 0x80 | kind, 0x80 | 126, size)
        else:
            head = struct.pack(">BBQ", 0x80 | kind, 0x80 | 127, size)
        self._writer.write(head + NO_MASK + data)

    def send(self, data: bytes) -> None:
        self._send(BINARY, data)

    def say(self, **message: Any) -> None:
        self._send(TEXT, json.dumps(message).encode())

    def ping(self) -> None:
        """Its pong is an event for ``ponged``; somebody must be receiving."""
        self._pong.clear()
        self._send(PING, b"")

    async def ponged(self) -> None:
        await self._pong.wait()

    async def close(self) -> None:
        self._writer.transport.abort()
        await asyncio.sleep(0)
