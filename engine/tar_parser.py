"""Tar bytes → headers and data. Pure and incremental; no member is ever held whole.

Reads what engines send: ustar with pax or GNU long names. Checks nothing about names: what
is done with them is the caller's business, and nothing here touches a disk.
"""

import tarfile
from dataclasses import dataclass
from datetime import UTC, datetime

from engine.errors import EngineError

BLOCK = 512
LARGEST_EXTENSION = 1024 * 1024
_TYPE_BITS = {
    tarfile.DIRTYPE: 0o040000,
    tarfile.SYMTYPE: 0o120000,
    tarfile.CHRTYPE: 0o020000,
    tarfile.BLKTYPE: 0o060000,
    tarfile.FIFOTYPE: 0o010000,
}
_EXTENSIONS = (tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK)


@dataclass(frozen=True, slots=True)
class Header:
    """One member: ``mode`` with type bits as Unix writes them; ``link`` of both kinds of link."""

    name: str
    size: int
    mode: int
    mtime: datetime
    owner: str
    group: str
    link: str = ""
    is_hard_link: bool = False
    uid: int = 0
    gid: int = 0


class TarParser:
    """``feed`` gives headers and, with ``data``, the pieces of their bytes in between."""

    def __init__(self, data: bool = False) -> None:
        self.done = False  # the end of the archive was seen
        self._keep = data
        self._rest = b""
        self._left = 0  # data of the open member
        self._pad = 0  # what fills its last block
        self._extension: tuple[bytes, int] | None = None
        self._gathered = b""
        self._fields: dict[str, str] = {}
        self._global: dict[str, str] = {}

    def feed(self, piece: bytes) -> list[Header | bytes]:
        """What ``piece`` completes. Raises EngineError where this is no tar."""
        buffer = self._rest + piece if self._rest else piece
        found: list[Header | bytes] = []
        position = 0
        while position < len(buffer) and not self.done:
            if self._left or self._pad:
                position = self._pass(buffer, position, found)
            elif len(buffer) - position < BLOCK:
                break
            else:
                self._block(buffer[position : position + BLOCK], found)
                position += BLOCK
        self._rest = b"" if self.done else buffer[position:]
        return found

    def skip(self) -> int:
        """Pass over the rest of the open member's data and its padding, where its header is all
        that was fed of it; how many bytes the caller leaves out. 0 for what must be read."""
        if self._extension or self._rest:
            return 0
        passed, self._left, self._pad = self._left + self._pad, 0, 0
        return passed

    def _pass(self, buffer: bytes, position: int, found: list[Header | bytes]) -> int:
        """Over the open member's data and padding; where to go on."""
        taken = min(self._left, len(buffer) - position)
        if taken and self._extension:
            self._gathered += buffer[position : position + taken]
        elif taken and self._keep:
            found.append(buffer[position : position + taken])
        self._left -= taken
        position += taken
        if self._left:
            return position
        if self._extension:
            self._extend(self._extension[0])
        padding = min(self._pad, len(buffer) - position)
        self._pad -= padding
        return position + padding

    def _block(self, block: bytes, found: list[Header | bytes]) -> None:
        if not block.strip(b"\0"):
            self.done = True
            return
        try:
            info = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
            size = self._size(info)
        except (tarfile.HeaderError, ValueError) as error:
            raise EngineError(f"The engine's archive is broken: {error}.") from error
        if info.type in _EXTENSIONS:
            if size > LARGEST_EXTENSION:
                raise EngineError("The engine's archive is broken: a name without an end.")
            self._extension, self._gathered = (info.type, size), b""
        else:
            found.append(self._header(info, size))
            self._fields = {}
        self._left, self._pad = size, -size % BLOCK

    def _size(self, info: tarfile.TarInfo) -> int:
        """How much data follows; links and special files have none, whatever they say."""
        if info.type not in _EXTENSIONS and not info.isreg():
            return 0
        return int(self._field("size", str(info.size)))

    def _field(self, key: str, otherwise: str) -> str:
        if info := self._fields.get(key):
            return info
        return self._global.get(key, otherwise)

    def _header(self, info: tarfile.TarInfo, size: int) -> Header:
        uid, gid = self._field("uid", str(info.uid)), self._field("gid", str(info.gid))
        return Header(
            name=self._field("path", info.name),
            size=size,
            mode=(info.mode & 0o7777) | _TYPE_BITS.get(info.type, 0o100000),
            mtime=_time(self._field("mtime", str(info.mtime))),
            owner=self._field("uname", info.uname) or uid,
            group=self._field("gname", info.gname) or gid,
            link=self._field("linkpath", info.linkname),
            is_hard_link=info.type == tarfile.LNKTYPE,
            uid=int(uid) if uid.isdigit() else 0,
            gid=int(gid) if gid.isdigit() else 0,
        )

    def _extend(self, kind: bytes) -> None:
        data, self._gathered, self._extension = self._gathered, b"", None
        if kind == tarfile.XGLTYPE:
            self._global.update(_pax(data))
        elif kind == tarfile.XHDTYPE:
            self._fields.update(_pax(data))
        else:
            key = "path" if kind == tarfile.GNUTYPE_LONGNAME else "linkpath"
            self._fields[key] = data.rstrip(b"\0").decode("utf-8", "surrogateescape")


def _pax(data: bytes) -> dict[str, str]:
    """Records ``length key=value\\n``, of which the values may hold newlines."""
    found: dict[str, str] = {}
    position = 0
    while position < len(data):
        digits, _, _ = data[position : position + 20].partition(b" ")
        length = int(digits) if digits.isdigit() else 0
        record = data[position + len(digits) + 1 : position + length - 1]
        if length <= len(digits) + 1 or position + length > len(data):
            raise EngineError("The engine's archive is broken: a pax record without a length.")
        key, _, value = record.partition(b"=")
        found[key.decode("utf-8", "replace")] = value.decode("utf-8", "surrogateescape")
        position += length
    return found


def _time(text: str) -> datetime:
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)
