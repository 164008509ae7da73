"""A folder of a container as a zip, made from the engine's tar as it comes."""

import functools
import posixpath
import stat
import struct
import zipfile
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import IO

from engine.errors import EngineError, Refused
from engine.tar_parser import Header, TarParser
from engine.threads import door
from engine.tree import Node, Tree

BATCH = 256 * 1024  # packed in one go in a worker thread
MOST_MEMBERS = 200_000  # their names are held to the end: half a KiB each
_TIMESTAMP = struct.Struct("<HHBi")  # Info-ZIP's extra field: seconds since 1970
_EARLIEST, _LATEST = 315_532_800, 2_145_830_400  # 1980, as zip counts; 2037, in 31 bits


async def zipped(pieces: AsyncIterator[bytes], name: str) -> AsyncGenerator[bytes]:
    """The zip's bytes; its top folder is ``name``. EngineError where the tar has no end mark.

    Links that stay in the folder are kept as links, a file's further names as links to its
    first; what else is no file or folder is left out and counted in the zip's comment.
    """
    parser, folder = TarParser(data=True), Zip(name)
    held: list[Header | bytes] = []
    size = 0
    async for piece in pieces:
        held += parser.feed(piece)
        size += len(piece)
        if size >= BATCH:
            if packed := await door.run(folder.add, held):
                yield packed
            held, size = [], 0
    if not parser.done:
        raise EngineError("The engine's archive ended early: something in it could not be read.")
    yield await door.run(folder.add, held)
    names = await door.run(folder.end)
    for at in range(0, len(names), BATCH):
        yield names[at : at + BATCH]


class _Sink:
    """What zipfile writes to: it cannot seek, so sizes follow the data."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, data: bytes) -> int:
        self._held += data
        return len(data)

    def flush(self) -> None:
        pass

    def take(self) -> bytes:
        data = bytes(self._held)
        self._held.clear()
        return data


class Zip:
    """Members of a tar in; ``add`` and ``end`` give the bytes that are ready."""

    def __init__(self, name: str) -> None:
        self._name, self._tree, self._sink = name, Tree(), _Sink()
        self._zip = zipfile.ZipFile(self._sink, "w")  # type: ignore[call-overload]
        self._member: IO[bytes] | None = None

    def add(self, items: Sequence[Header | bytes]) -> bytes:
        for item in items:
            if not isinstance(item, bytes):
                self._begin(item)
            elif self._member:
                self._member.write(item)
        return self._sink.take()

    def end(self) -> bytes:
        self._finish()
        if self._tree.left_out:
            self._zip.comment = b"Left out: %d links and special files" % self._tree.left_out
        self._zip.close()
        return self._sink.take()

    def _begin(self, header: Header) -> None:
        self._finish()
        node = self._tree.judge(header)
        if node is None:
            return
        if len(self._zip.filelist) >= MOST_MEMBERS:
            raise Refused(
                "More than %(most)d files do not go into a zip: take the tar.",
                most=MOST_MEMBERS,
            )
        info = self._info(node)
        if node.is_folder:
            self._zip.writestr(info, b"")
        elif node.link:
            self._zip.writestr(info, self._target(node).encode("utf-8", "surrogateescape"))
        else:
            self._member = self._zip.open(info, "w")

    def _finish(self) -> None:
        if self._member:
            self._member.close()
            self._member = None
        self._zip.NameToInfo.clear()  # an index for readers: a hundred bytes for each name

    def _info(self, node: Node) -> zipfile.ZipInfo:
        header = node.header
        date, extra = _times(int(header.mtime.timestamp()))
        info = zipfile.ZipInfo(self._plain_name(node), date)
        kind = stat.S_IFLNK if node.link else stat.S_IFMT(header.mode)
        info.external_attr = (kind | header.mode & 0o777) << 16 | (0x10 if node.is_folder else 0)
        info.extra = extra
        info.create_system = 3  # Unix: the mode above means something
        plain_file = not (node.link or node.is_folder)
        info.compress_type = zipfile.ZIP_DEFLATED if plain_file else zipfile.ZIP_STORED
        info._compresslevel = 1  # type: ignore[attr-defined]  # quick; public from 3.13 on only
        info.file_size = header.size  # how zipfile knows when it needs zip64
        return info

    def _plain_name(self, node: Node) -> str:
        """The name inside, for any system's unpacker: UTF-8 and no backslash."""
        path = posixpath.join(self._name, node.path) if node.path else self._name
        name = path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        name = name.replace("\\", "_").replace("\0", "_")
        if name != path:  # it may be another's by now
            name += f"~{len(self._zip.filelist)}"
        return f"{name}/" if node.is_folder else name

    def _target(self, node: Node) -> str:
        """A symbolic link's own words; for a further name of a file, the way to its first."""
        if node.is_symlink:
            return node.link
        return posixpath.relpath(node.link, posixpath.dirname(node.path) or ".")


@functools.lru_cache(1024)  # many files share one: half of what a hundred thousand names weigh
def _times(seconds: int) -> tuple[tuple[int, int, int, int, int, int], bytes]:
    """Date and time as zip has them, in UTC, and the exact time as an extra field."""
    seconds = min(max(seconds, _EARLIEST), _LATEST)
    at = datetime.fromtimestamp(seconds, UTC)
    date = (at.year, at.month, at.day, at.hour, at.minute, at.second)
    return date, _TIMESTAMP.pack(0x5455, 5, 1, seconds)
