"""What is to be put into a container, as a plain tar of ours: in two parts, or plainly.

``tar(part)`` writes the bytes of every file under the name ``part`` first, and then only names:
folders, links, and for each file a hard link to its bytes. The engine unpacks in order, so
before the last byte has come nothing stands under its own name. ``tar("")`` writes plainly.
"""

import asyncio
import hashlib
import posixpath
import stat
import tarfile
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from engine.archive import Member, check_base_name, contents, member_header, tar_header
from engine.errors import EngineError
from engine.file_parts import Piece, file_parts
from engine.tar_parser import BLOCK, Header, TarParser
from engine.tree import Node, Tree

END = bytes(2 * BLOCK)
BATCH = 256 * 1024
TURN = 32  # members between two turns of the loop
EPOCH = datetime.fromtimestamp(0, UTC)


class Parcel(Protocol):
    """Something under one base name, with all its bytes on our disk."""

    @property
    def name(self) -> str: ...

    def tar(self, part: str) -> AsyncGenerator[Piece]: ...


class Damaged(EngineError):
    """The bytes are not those that were promised: nothing got its name."""

    status = 422


@dataclass(slots=True)
class FileParcel:
    """The first ``size`` bytes of ``source`` as a file of root's.

    ``sha256`` is known once they were read; where it is not the ``wanted`` one, Damaged is raised.
    """

    name: str
    source: Path
    size: int
    mtime: datetime
    wanted: str = ""
    sha256: str = field(default="", init=False)

    async def tar(self, part: str) -> AsyncGenerator[Piece]:
        check_base_name(self.name)
        yield member_header(Member(part or self.name, self.mtime, self.source, self.size))
        sha256 = hashlib.sha256()
        async with aclosing(file_parts(self.source, self.size, sha256)) as parts:
            async for one in parts:
                yield one
        self.sha256 = sha256.hexdigest()
        if self.wanted not in ("", self.sha256):
            raise Damaged("The file was damaged on its way: its sha256 differs.")
        yield bytes(-self.size % BLOCK)
        if part:
            yield tar_header(self.name, tarfile.LNKTYPE, (0o644, 0, 0, self.mtime), link=part)
        yield END


@dataclass(frozen=True, slots=True)
class TreeParcel:
    """A file or a folder that ``rewritten`` wrote to ``source``, a tar of ``size`` bytes."""

    name: str
    source: Path
    size: int

    def tar(self, part: str) -> AsyncGenerator[bytes]:
        check_base_name(self.name)
        return batched(self._in_two(part) if part else self._plainly())

    async def _plainly(self) -> AsyncGenerator[bytes]:
        async with aclosing(contents(self.source, self.size)) as pieces:
            async for piece in rewritten(nodes(pieces, Tree()), self.name):
                yield piece

    async def _in_two(self, part: str) -> AsyncGenerator[bytes]:
        """Bytes as ``part``/1, ``part``/2, … for nobody else to read; then every name."""
        yield tar_header(f"{part}/", tarfile.DIRTYPE, (0o700, 0, 0, EPOCH))
        number, padding = 0, 0
        async with aclosing(contents(self.source, self.size)) as pieces:
            async for item in nodes(pieces, Tree()):
                if isinstance(item, bytes):
                    yield item
                elif item.is_file:
                    number += 1
                    yield bytes(padding) + written(item, f"{part}/{number}")
                    padding = -item.header.size % BLOCK
        yield bytes(padding)
        number = 0
        async with aclosing(contents(self.source, self.size)) as pieces:
            async for item in nodes(pieces, Tree()):
                if not isinstance(item, bytes):
                    number += item.is_file
                    first = f"{part}/{number}" if item.is_file else ""
                    yield written(item, posixpath.join(self.name, item.path), self.name, first)
        yield END


async def nodes(pieces: AsyncIterator[bytes], tree: Tree) -> AsyncGenerator[Node | bytes]:
    """The members that ``tree`` takes, each before its bytes. EngineError without an end mark."""
    parser, taken, seen = TarParser(data=True), False, 0
    async for piece in pieces:
        for item in parser.feed(piece):
            if isinstance(item, Header):
                node = tree.judge(item)
                taken = node is not None
                seen += 1
                if seen % TURN == 0:  # small files come by the hundred: others have their turn
                    await asyncio.sleep(0)
                if node is not None:
                    yield node
            elif taken:
                yield item
    if not parser.done:
        raise EngineError("The engine's archive ended early: something in it could not be read.")


async def rewritten(items: AsyncIterator[Node | bytes], name: str) -> AsyncGenerator[bytes]:
    """What ``nodes`` gives as a plain tar of ours whose root is called ``name``."""
    padding = 0
    async for item in items:
        if isinstance(item, bytes):
            yield item
        else:
            yield bytes(padding) + written(item, posixpath.join(name, item.path), name)
            padding = -item.header.size % BLOCK if item.is_file else 0
    yield bytes(padding) + END


def written(node: Node, path: str, root: str = "", first: str = "") -> bytes:
    """The header of ``node`` as ``path``; with ``first`` as a hard link to those bytes."""
    header = node.header
    about = (header.mode, header.uid, header.gid, header.mtime)
    path = path.rstrip("/")
    if first:
        return tar_header(path, tarfile.LNKTYPE, about, link=first)
    if node.is_folder:
        return tar_header(f"{path}/", tarfile.DIRTYPE, about)
    if node.is_symlink:
        return tar_header(path, tarfile.SYMTYPE, about, link=node.link)
    if header.is_hard_link:
        return tar_header(path, tarfile.LNKTYPE, about, link=posixpath.join(root, node.link))
    assert stat.S_ISREG(header.mode)
    return tar_header(path, tarfile.REGTYPE, about, header.size)


async def batched(pieces: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
    """The same bytes in few pieces: a tree of small files is a crowd of headers."""
    held = bytearray()
    async with aclosing(pieces):
        async for piece in pieces:
            held += piece
            if len(held) >= BATCH:
                yield bytes(held)
                held.clear()
    yield bytes(held)
