"""Copies in and out of containers as tar: a plain one that we write, and what we read of theirs.

Nothing is ever unpacked on our disk, and nothing but regular files and directories with base
names is ever written to the engine.
"""

import asyncio
import tarfile
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from engine.errors import EngineError, Refused
from engine.tar_parser import BLOCK, Header, TarParser
from engine.threads import door
from engine.types import FileEntry

PIECE = 256 * 1024  # of a larger one asyncio moves the rest with every send
LONGEST_NAME = 255
MOST_ENTRIES = 5_000
MOST_BYTES = 256 * 1024 * 1024
MOST_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Member:
    """One thing to write: a file with the first ``size`` bytes of ``source``, or a directory.

    ``name`` is a base name, checked when it is packed; of ``mode`` only the nine permission
    bits travel.
    """

    name: str
    mtime: datetime
    source: Path | None = None
    size: int = 0
    mode: int = 0o644
    uid: int = 0
    gid: int = 0


@dataclass(frozen=True, slots=True)
class Listing:
    """A directory's own entries in the order of names; ``partial`` where a bound ended it."""

    entries: tuple[FileEntry, ...]
    partial: bool


def check_base_name(name: str) -> None:
    """Raise ValueError, with a sentence, for what is not one file's name."""
    if not name:
        raise ValueError("A file needs a name.")
    if name in (".", "..") or "/" in name or "\0" in name:
        raise ValueError(f"{name!r} is not a file name: leave out '/', '..' and NUL.")
    if len(name.encode("utf-8", "surrogateescape")) > LONGEST_NAME:
        raise ValueError(f"The file name is too long: {LONGEST_NAME} bytes are allowed.")


async def pack(members: Sequence[Member]) -> AsyncGenerator[bytes]:
    """A whole tar of ``members``. Raises ValueError for a name, OSError for a short source."""
    for member in members:
        check_base_name(member.name)
    for member in members:
        yield member_header(member)
        if member.source is not None:
            async with aclosing(contents(member.source, member.size)) as pieces:
                async for piece in pieces:
                    yield piece
            yield bytes(-member.size % BLOCK)
    yield bytes(2 * BLOCK)


def member_header(member: Member) -> bytes:
    kind = tarfile.DIRTYPE if member.source is None else tarfile.REGTYPE
    size = 0 if member.source is None else member.size
    about = (member.mode, member.uid, member.gid, member.mtime)
    return tar_header(member.name, kind, about, size)


def tar_header(
    name: str, kind: bytes, about: tuple[int, int, int, datetime], size: int = 0, link: str = ""
) -> bytes:
    """Ustar; with pax records in front where a name or a number does not fit.

    ``about``: mode (only the nine permission bits are written), uid, gid, mtime.
    """
    info = tarfile.TarInfo(name)
    info.type, info.size, info.linkname = kind, size, link
    info.mode, info.uid, info.gid = about[0] & 0o777, about[1], about[2]
    info.mtime = int(about[3].timestamp())
    return info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape")


async def contents(source: Path, size: int) -> AsyncGenerator[bytes]:
    """The first ``size`` bytes, one piece read ahead. Raises OSError where there are fewer."""
    file: BinaryIO = await door.run(source.open, "rb")
    ahead = door.spawn(door.run(file.read, min(PIECE, size)), f"read {source.name}")
    try:
        left = size
        while left:
            piece = await asyncio.shield(ahead)
            if not piece:
                raise OSError(f"{source.name} is shorter than it should be.")
            left -= len(piece)
            ahead = door.spawn(door.run(file.read, min(PIECE, left)), f"read {source.name}")
            yield piece
    finally:
        await asyncio.wait([ahead])  # never close under a reader
        file.close()


async def list_directory(pieces: AsyncIterator[bytes]) -> Listing:
    """The direct entries of the directory whose archive is read, told from headers alone.

    Stops after 5,000 entries, 5 s or 256 MiB of tar: then the listing is partial.
    """
    parser, directory = TarParser(), _Directory()
    size, partial = 0, False
    try:
        async with asyncio.timeout(MOST_SECONDS):
            async for piece in pieces:
                size += len(piece)
                directory.add(parser.feed(piece))
                if partial := len(directory.found) >= MOST_ENTRIES or size >= MOST_BYTES:
                    break
    except TimeoutError:
        partial = True
    if not (parser.done or partial):
        raise _ended_early()
    found = [entry for _, entry in sorted(directory.found.items())]
    partial = len(found) > MOST_ENTRIES or (partial and not parser.done)
    return Listing(tuple(found[:MOST_ENTRIES]), partial)


class _Directory:
    """The direct entries of an archive's first member, which is the directory itself."""

    def __init__(self) -> None:
        self.found: dict[str, FileEntry] = {}
        self._root: str | None = None

    def add(self, headers: Sequence[Header | bytes]) -> None:
        for header in headers:
            if isinstance(header, bytes):
                continue
            if self._root is None:
                self._begin(header)
            elif header.name.startswith(self._root):
                name = header.name[len(self._root) :].rstrip("/")
                if name and "/" not in name:
                    self.found[name] = self._entry(name, header)

    def _begin(self, header: Header) -> None:
        if header.mode & 0o170000 != 0o040000:
            raise Refused("%(name)s is not a directory.", name=header.name)
        self._root = header.name.rstrip("/") + "/"

    def _entry(self, name: str, header: Header) -> FileEntry:
        size = header.size
        if header.is_hard_link:
            # The bytes went with its first name, which is known where it is in here too.
            first = self.found.get(header.link.rpartition("/")[2])
            size = first.size if first else 0
        return FileEntry(
            name=name,
            size=size,
            mode=header.mode,
            mtime=header.mtime,
            owner=header.owner,
            group=header.group,
            link_target="" if header.is_hard_link else header.link,
        )


async def single_file(pieces: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    """The bytes of the regular file that is the archive's only member.

    Raises Refused where it is something else, EngineError where it ends early.
    """
    parser = TarParser(data=True)
    left: int | None = None
    async for piece in pieces:
        for item in parser.feed(piece):
            if isinstance(item, bytes):
                left = (left or 0) - len(item)
                yield item
            elif left is not None or item.mode & 0o170000 != 0o100000 or item.is_hard_link:
                raise Refused("%(name)s is not a single regular file.", name=item.name or "/")
            else:
                left = item.size
    if left != 0:
        raise _ended_early()


async def whole(pieces: AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    """The archive as it comes. Raises EngineError where it stops before its end mark, or holds
    nothing: of a container that goes meanwhile the engine (20.10) sends an archive that is empty
    and whole, though a path has at least its own entry.
    """
    parser, holds = TarParser(), False
    async for piece in pieces:
        holds = bool(parser.feed(piece)) or holds
        yield piece
    if not (parser.done and holds):
        raise _ended_early()


def _ended_early() -> EngineError:
    return EngineError("The engine's archive ended early: something in it could not be read.")
