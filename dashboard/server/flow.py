"""Flow control both ways: the gate waits for a slow client, the inboxes for a slow application."""

import asyncio
import io
import os
import tempfile
from typing import IO, Any, cast

from dashboard.server.bodies import ANONYMOUS

PIECE = 64 * 1024
MOST_BYTES = 256 * 1024
MOST_MESSAGES = 512


class Gate:
    """A push producer: shut while the transport's buffer is full, open for good once it is gone."""

    def __init__(self, transport: Any, shut: bool = False) -> None:
        self._transport = transport
        self._open = asyncio.Event()
        if not shut:
            self._open.set()

    @property
    def shut(self) -> bool:
        return not self._open.is_set()

    async def wait(self) -> None:
        await self._open.wait()

    def pauseProducing(self) -> None:
        self._open.clear()

    def resumeProducing(self) -> None:
        self._open.set()
        # A transport that is closing stops after this call, before its last look at the buffer:
        # without a producer it looks again and closes.
        if getattr(self._transport, "disconnecting", False):
            self._transport.unregisterProducer()

    def stopProducing(self) -> None:
        self._open.set()


class BodyInbox:
    """What an HTTP application receives: the body, read from ``content`` as it asks for it.

    Of Daphne's messages only the end of the connection is taken, so that memory holds one piece
    of the body.
    """

    def __init__(self, content: IO[bytes]) -> None:
        self._content = content
        self._position = 0
        self._complete = False
        self._gone = asyncio.Event()

    def put_nowait(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.disconnect":
            self._gone.set()

    def whole(self) -> IO[bytes] | None:
        """The body as a file of the caller's own, in place of its messages: a copy in memory of
        a short one, the same bytes on the disk of a long one. None where the client has left.
        """
        if self._content.closed:
            return None
        self._complete = True
        size = self._content.seek(0, os.SEEK_END)
        self._content.seek(0)
        if size <= ANONYMOUS:
            return io.BytesIO(self._content.read())
        return os.fdopen(os.dup(self._content.fileno()), "rb")

    async def get(self) -> dict[str, Any]:
        if self._complete or self._content.closed:
            await self._gone.wait()
            return {"type": "http.disconnect"}
        self._content.seek(self._position)
        piece = self._content.read(PIECE)
        self._position += len(piece)
        self._complete = len(piece) < PIECE
        return {"type": "http.request", "body": piece, "more_body": not self._complete}


class Handed:
    """A request's body once the inbox has it: Daphne would read all of it again, to no end."""

    def __init__(self, content: IO[bytes]) -> None:
        self._content = content

    @property
    def closed(self) -> bool:
        return self._content.closed

    def read(self, size: int = -1) -> bytes:
        return b""

    def close(self) -> None:
        self._content.close()


class MessageInbox(asyncio.Queue[dict[str, Any]]):
    """What a socket application receives; while too much waits in it, the socket is not read."""

    def __init__(self, transport: Any) -> None:
        super().__init__()
        self._transport = transport
        self._bytes = 0
        self._paused = False

    def put_nowait(self, message: dict[str, Any]) -> None:
        super().put_nowait(message)
        self._bytes += size(message)
        if not self._paused and (self._bytes > MOST_BYTES or self.qsize() > MOST_MESSAGES):
            self._paused = True
            self._transport.pauseProducing()

    async def get(self) -> dict[str, Any]:
        message = await super().get()
        self._bytes -= size(message)
        if self._paused and self._bytes <= MOST_BYTES // 2 and self.qsize() <= MOST_MESSAGES // 2:
            self._paused = False
            self._transport.resumeProducing()
        return message


def new_content(folder: str | None) -> IO[bytes]:
    """A file for one body; it is in memory up to what an anonymous client may send."""
    return cast(IO[bytes], tempfile.SpooledTemporaryFile(ANONYMOUS, dir=folder))


def size(message: dict[str, Any]) -> int:
    return len(message.get("bytes") or message.get("text") or "")
