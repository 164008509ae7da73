"""A text of a container as it is, to be changed and put back: with its owner and its mode.

What cannot come back as it was is refused: bytes that are no UTF-8, lines that end in two ways.
"""

import asyncio
import hashlib
import posixpath
import tarfile
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from django.utils.translation import gettext as _

from containers.line_diff import changed_lines
from engine.archive import tar_header
from engine.delivery import deliver
from engine.engine import Engine
from engine.errors import Refused
from engine.parcels import END
from engine.tar_parser import BLOCK, Header, TarParser

LARGEST = 256 * 1024  # bytes: what a form takes in its stride
LARGEST_ARCHIVE = LARGEST + 64 * 1024  # with its headers; the container may swap the file meanwhile
MOST_SHOWN = 2000  # lines of a comparison
REGULAR, TYPE_BITS = 0o100000, 0o170000


@dataclass(frozen=True, slots=True)
class TextFile:
    """``text`` has plain line ends, as a form does; ``data(text)`` has the file's own again."""

    path: str
    text: str
    sha256: str
    header: Header
    crlf: bool

    def data(self, text: str) -> bytes:
        plain = text.replace("\r\n", "\n")
        return (plain.replace("\n", "\r\n") if self.crlf else plain).encode()


@dataclass(frozen=True, slots=True)
class TextParcel:
    """The new bytes, with mode and owner of the file whose place they take."""

    name: str
    data: bytes
    header: Header

    async def tar(self, part: str) -> AsyncGenerator[bytes]:
        about = (self.header.mode, self.header.uid, self.header.gid, datetime.now(UTC))
        yield tar_header(part or self.name, tarfile.REGTYPE, about, len(self.data))
        yield self.data + bytes(-len(self.data) % BLOCK)
        if part:
            yield tar_header(self.name, tarfile.LNKTYPE, about, link=part)
        yield END


async def read(engine: Engine, container_id: str, path: str) -> TextFile:
    """Raises Refused, with a sentence, for what cannot be edited here; EngineErrors."""
    parser, found, size = TarParser(data=True), list[Header | bytes](), 0
    async with engine.streams.get_archive(container_id, path) as (there, pieces):
        if there.is_dir or there.size > LARGEST:
            raise Refused(no_text(path))
        async for piece in pieces:
            size += len(piece)
            if size > LARGEST_ARCHIVE:
                raise Refused(no_text(path))
            found += parser.feed(piece)
    headers = [item for item in found if isinstance(item, Header)]
    if len(headers) != 1 or headers[0].mode & TYPE_BITS != REGULAR or headers[0].is_hard_link:
        raise Refused(no_text(path))
    data = b"".join(item for item in found if isinstance(item, bytes))
    return decoded(path, data, headers[0])


def decoded(path: str, data: bytes, header: Header) -> TextFile:
    ends, pairs = data.count(b"\n"), data.count(b"\r\n")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise Refused(no_text(path)) from None
    if "\0" in text or data.count(b"\r") != pairs or pairs not in (0, ends):
        raise Refused(no_text(path))
    sha256 = hashlib.sha256(data).hexdigest()
    return TextFile(path, text.replace("\r\n", "\n"), sha256, header, pairs > 0)


def no_text(path: str) -> str:
    words = _(
        "%(path)s cannot be edited here: that takes a text file in UTF-8, of at most %(most)d KiB,"
        " whose lines all end in the same way. Download it and upload it again."
    )
    return words % {"path": path, "most": LARGEST // 1024}


async def write(engine: Engine, container_id: str, old: TextFile, data: bytes) -> None:
    """Whole or not at all. Raises EngineErrors."""
    directory, name = posixpath.split(old.path)
    parcel = TextParcel(name, data, old.header)
    key = f"{container_id}:{old.path}:{hashlib.sha256(data).hexdigest()}"
    async with asyncio.timeout(60):
        await deliver(engine.streams, container_id, directory, parcel, key)


def changes(old: str, new: str) -> list[tuple[str, str]]:
    """(``+``, ``-``, `` `` or ``@``, line), with three lines around each change; the first of
    many."""
    found = list(islice(changed_lines(old, new), MOST_SHOWN + 1))
    if len(found) > MOST_SHOWN:
        words = _("More is changed: only the first %(most)d lines are shown here.")
        found[MOST_SHOWN:] = [("@", words % {"most": MOST_SHOWN})]
    if old != new and old.rstrip("\n") == new.rstrip("\n"):
        found.append(("@", _("Only the ends of the last lines differ.")))
    return found
