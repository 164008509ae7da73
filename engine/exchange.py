"""One HTTP request to an engine and its answer, on a connection of its own.

HTTP/1.1 with chunked coding, so that an answer which was cut off is told from one that
ended. Leaving the context closes the socket at once.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlencode

from engine import dial
from engine.dial import Address, why_down
from engine.errors import EngineDown, EngineError, EngineSilent, from_status
from engine.frames import Chunks

FIRST_BYTE_SECONDS = 10.0
PIECE = 64 * 1024
LARGEST_SENTENCE = 64 * 1024
_UPGRADE = {"Connection": "Upgrade", "Upgrade": "tcp"}


class Answer:
    """A good answer: its status, its headers (lower case) and its body, read once."""

    def __init__(
        self,
        address: Address,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        status: int,
        headers: Mapping[str, str],
    ) -> None:
        self.address = address
        self.reader = reader
        self.writer = writer
        self.status = status
        self.headers = headers

    async def body(self, stall: float | None = None, most: int = PIECE) -> AsyncGenerator[bytes]:
        """Pieces of at most ``most`` bytes as they come.

        Raises EngineDown where it is cut off, EngineSilent after ``stall`` seconds of nothing.
        """
        chunked = "chunked" in self.headers.get("transfer-encoding", "").lower()
        chunks = Chunks() if chunked else None
        length = self.headers.get("content-length")
        left = int(length) if length and length.isdigit() and not chunked else None
        while left != 0 and not (chunks and chunks.done):
            data = await self.read(stall, most)
            if not data:
                if chunks or left:
                    raise self.cut_off()
                return
            if left is not None:
                left -= len(data)
            if data := chunks.feed(data) if chunks else data:
                yield data

    async def read(self, stall: float | None = None, most: int = PIECE) -> bytes:
        """What is there, at most ``most`` bytes; empty at the end."""
        try:
            async with asyncio.timeout(stall) as limit:
                return await self.reader.read(most)
        except OSError as error:
            if limit.expired():
                raise EngineSilent(
                    "The engine at %(address)s sent nothing for %(stall)s s.",
                    address=self.address,
                    stall=f"{stall:g}",
                ) from None
            raise self.cut_off() from error

    def cut_off(self) -> EngineDown:
        return EngineDown(
            "The engine at %(address)s hung up in the middle of its answer.",
            address=self.address,
        )


@asynccontextmanager
async def ask(
    address: Address,
    method: str,
    target: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    first_byte: float | None = FIRST_BYTE_SECONDS,
    upgrade: bool = False,
) -> AsyncIterator[Answer]:
    """Send a request and wait for the head of its answer.

    Raises EngineDown, EngineSilent after ``first_byte`` seconds (None: never, for streams
    that say nothing until there is something), and what a status >= 400 is mapped to.
    """
    reader, writer = await dial.open(address)
    try:
        extra = {**(_UPGRADE if upgrade else {"Connection": "close"}), **(headers or {})}
        if body or (method == "POST" and "Transfer-Encoding" not in extra):
            extra["Content-Length"] = str(len(body))
        try:
            writer.write(_head(method, target, extra) + body)
            status, answered = await first_head(address, reader, first_byte)
        except EOFError as error:
            raise EngineDown(
                "The engine at %(address)s hung up without an answer.",
                address=address,
            ) from error
        except OSError as error:
            raise why_down(address, error) from error
        answer = Answer(address, reader, writer, status, answered)
        if status >= 300:
            raise await refusal(answer)
        yield answer
    finally:
        writer.transport.abort()


def with_query(path: str, params: Mapping[str, Any]) -> str:
    """``path`` with the parameters that are not None; True is 1, False is 0, and
    a list is given as often as it has elements."""
    given = {
        key: int(value) if isinstance(value, bool) else value
        for key, value in params.items()
        if value is not None
    }
    return f"{path}?{urlencode(given, doseq=True)}" if given else path


def json_body(value: Mapping[str, Any]) -> tuple[dict[str, str], bytes]:
    """Headers and bytes of a JSON request."""
    return {"Content-Type": "application/json"}, json.dumps(value).encode()


def _head(method: str, target: str, headers: Mapping[str, str]) -> bytes:
    lines = [f"{method} {target} HTTP/1.1", "Host: engine"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


async def first_head(
    address: Address, reader: asyncio.StreamReader, seconds: float | None
) -> tuple[int, dict[str, str]]:
    try:
        async with asyncio.timeout(seconds) as limit:
            return await read_head(reader)
    except TimeoutError:
        if not limit.expired():  # the connection's own, from the system
            raise
        raise EngineSilent(
            "The engine at %(address)s did not answer within %(seconds)s s.",
            address=address,
            seconds=f"{seconds:g}",
        ) from None


async def read_head(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    """Status and headers (names in lower case) of the next answer on the connection."""
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError as error:
        raise EngineError("The engine's answer is broken: its head never ends.") from error
    first, *rest = raw.decode("latin-1").split("\r\n")
    words = first.split(" ", 2)
    if not first.startswith("HTTP/1.") or len(words) < 2 or not words[1].isdigit():
        raise EngineError("What answers there is no engine: %(first)r.", first=first[:80])
    pairs = (line.partition(":") for line in rest if line)
    return int(words[1]), {name.lower(): value.strip() for name, _, value in pairs}


async def refusal(answer: Answer) -> EngineError:
    """The error for a status >= 300, with the engine's own sentence."""
    text = b""
    try:
        async with asyncio.timeout(FIRST_BYTE_SECONDS):
            async for data in answer.body():
                text += data
                if len(text) > LARGEST_SENTENCE:
                    break
    except (TimeoutError, EngineError):
        text = text[:LARGEST_SENTENCE]  # the status alone says enough
    return from_status(answer.status, sentence(text))


def sentence(body: bytes) -> str:
    """The engine's words in the body of an error: JSON with a message, or short plain text."""
    try:
        return str(json.loads(body)["message"])
    except (ValueError, KeyError, TypeError):
        text = body.decode("utf-8", "replace").strip()
        return "" if text.startswith("<") else text[:1000]
