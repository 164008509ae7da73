"""Pieces of a file on our disk that go to an engine without passing through our memory."""

import asyncio
import os
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from engine.threads import door

PART = 1024 * 1024
READ = 256 * 1024


@dataclass(frozen=True, slots=True)
class FilePart:
    """``size`` bytes of an open file from ``offset`` on."""

    file: BinaryIO
    offset: int
    size: int

    def __len__(self) -> int:
        return self.size

    def read(self) -> bytes:
        """The bytes, for a way on which a file cannot be sent. Blocks. Raises OSError."""
        data = os.pread(self.file.fileno(), self.size, self.offset)
        if len(data) < self.size:
            raise self.too_short()
        return data

    def pass_through(self, sums: "Sums") -> None:
        """Let ``sums`` see the bytes, in little memory. Blocks. Raises OSError."""
        room = memoryview(bytearray(min(READ, self.size)))
        left = self.size
        while left:
            at = self.offset + self.size - left
            count = os.preadv(self.file.fileno(), [room[:left]], at)
            if not count:
                raise self.too_short()
            sums.update(room[:count])
            left -= count

    def too_short(self) -> OSError:
        return OSError(f"{self.file.name} is shorter than it should be.")


Piece = bytes | FilePart


class Sums(Protocol):
    """What hashlib makes."""

    def update(self, data: memoryview, /) -> None: ...


async def file_parts(source: Path, size: int, sums: Sums) -> AsyncGenerator[FilePart]:
    """The first ``size`` bytes of ``source``; ``sums`` sees each part while it is being sent.

    Raises OSError where there are fewer.
    """
    file: BinaryIO = await door.run(source.open, "rb", 0)
    seen: asyncio.Task[None] | None = None
    try:
        for offset in range(0, size, PART):
            part = FilePart(file, offset, min(PART, size - offset))
            seen = door.spawn(door.run(part.pass_through, sums), f"sums of {source.name}")
            yield part
            await asyncio.shield(seen)
    finally:
        if seen is not None:
            await asyncio.wait([seen])  # never close under a reader
        file.close()
