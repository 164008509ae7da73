"""Bytes of engine streams → chunks, frames, log lines, JSON objects. Pure and incremental.

Every parser takes pieces cut anywhere and gives the same output as for the whole.
"""

import json
import struct
from typing import Any

from engine.errors import EngineError

LARGEST_FRAME = 16 * 1024 * 1024
LARGEST_OBJECT = 16 * 1024 * 1024
LONGEST_SIZE_LINE = 1024
HEAD = struct.Struct(">B3xI")
HEADER = HEAD.size


class Chunks:
    """HTTP/1.1 chunked coding → its payload. ``done`` once the last chunk was seen."""

    def __init__(self) -> None:
        self.done = False
        self._rest = b""
        self._left = 0  # bytes of the open chunk still to come
        self._skip = 0  # bytes of the line end behind it

    def feed(self, data: bytes) -> bytes:
        """The payload in ``data``. Raises EngineError where the coding is broken."""
        buffer = self._rest + data if self._rest else data
        self._rest = b""
        parts: list[bytes] = []
        position = self._finish_open(buffer, parts)
        size, find, keep = len(buffer), buffer.find, parts.append
        while position < size and not self.done:
            line_end = find(b"\r\n", position)
            if line_end < 0:
                self._rest = self._short(buffer[position:])
                break
            length = _chunk_size(buffer[position:line_end])
            end = line_end + 2 + length
            position = end + 2
            keep(buffer[line_end + 2 : end])
            if position > size:
                self._left = max(0, end - size)
                self._skip = position - max(end, size)
            self.done = not length
        return b"".join(parts)

    def _finish_open(self, buffer: bytes, parts: list[bytes]) -> int:
        """Take what is missing of the chunk that the last piece cut; where to go on."""
        taken = min(self._left, len(buffer))
        if taken:
            parts.append(buffer[:taken])
            self._left -= taken
        skipped = min(self._skip, len(buffer) - taken) if not self._left else 0
        self._skip -= skipped
        return taken + skipped

    @staticmethod
    def _short(line: bytes) -> bytes:
        if len(line) > LONGEST_SIZE_LINE:
            raise EngineError("The engine's answer is broken: a chunk without a size.")
        return line


def _chunk_size(line: bytes) -> int:
    try:
        size = int(line, 16)
    except ValueError:
        size = _extended_size(line)
    if size < 0:
        raise EngineError("The engine's answer is broken: a chunk without a size.")
    return size


def _extended_size(line: bytes) -> int:
    """The size in front of a chunk extension; -1 where there is none."""
    try:
        return int(line.partition(b";")[0], 16)
    except ValueError:
        return -1


class Frames:
    """The engine's 8-byte framing → (stream, payload): 1 is stdout, 2 is stderr."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """The whole frames so far. Raises EngineError where this is no framed stream."""
        buffer = self._rest + data if self._rest else data
        found: list[tuple[int, bytes]] = []
        position, last, unpack, keep = 0, len(buffer) - HEADER, HEAD.unpack_from, found.append
        while position <= last:
            stream, length = unpack(buffer, position)
            if stream > 3 or length > LARGEST_FRAME:
                raise EngineError("The engine's stream is broken: this is not a frame.")
            end = position + HEADER + length
            if end > last + HEADER:
                break
            keep((stream, buffer[position + HEADER : end]))
            position = end
        self._rest = buffer[position:]
        return found


class JsonLines:
    """Objects divided by newlines, as events, stats and progress come."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> list[dict[str, Any]]:
        """The whole objects so far. Raises EngineError where one is no JSON object."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LARGEST_OBJECT:
            raise EngineError("The engine sent an object that is larger than any honest one.")
        return [_json_object(line) for line in lines if line.strip()]

    def end(self) -> list[dict[str, Any]]:
        """The last object, where no newline follows it."""
        rest, self._rest = self._rest, b""
        return [_json_object(rest)] if rest.strip() else []


def _json_object(line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError as error:
        raise EngineError(f"The engine's answer is not JSON: {error}.") from error
    if not isinstance(value, dict):
        raise EngineError("The engine's answer is JSON, but no object.")
    return value
