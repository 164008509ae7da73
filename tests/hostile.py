"""An archive such as no engine should send, member by member: (header, bytes)."""

import io
import tarfile
from collections.abc import AsyncIterator, Iterable

from engine.file_parts import Piece

Member = tuple[tarfile.TarInfo, bytes]


def member(name: str, data: bytes = b"", type: bytes = tarfile.REGTYPE, link: str = "") -> Member:
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname, info.mode = len(data), type, link, 0o644
    return info, data


def owned(made: Member) -> Member:
    """With the setuid bit, and somebody's own."""
    made[0].mode, made[0].uid, made[0].gid = 0o6755, 1234, 1235
    return made


HOSTILE = (
    member("top", type=tarfile.DIRTYPE),
    owned(member("top/setuid", b"#!/bin/sh")),
    member("top/new\nline", b"newline"),
    member("top/sub", type=tarfile.DIRTYPE),
    member("top/sub/link", type=tarfile.SYMTYPE, link="../setuid"),
    owned(member("top/again", type=tarfile.LNKTYPE, link="top/setuid")),
    member("top/packed.tar.xz", b"\xfd7zXZ\x00 not to be unpacked"),
    # from here on: out
    member("/absolute", b"evil"),
    member("../above", b"evil"),
    member("top/../beside", b"evil"),
    member("top/./dot", b"evil"),
    member("other/file", b"evil"),
    member("topper", b"evil"),
    member("top/out", type=tarfile.SYMTYPE, link="../../etc"),
    member("top/root", type=tarfile.SYMTYPE, link="/etc"),
    member("top/root/passwd", b"evil"),
    member("top/sub/link/through", b"evil"),
    member("top/shadow", type=tarfile.LNKTYPE, link="/etc/shadow"),
    member("top/up", type=tarfile.LNKTYPE, link="top/../../etc/shadow"),
    member("top/device", type=tarfile.BLKTYPE),
    member("top/console", type=tarfile.CHRTYPE),
    member("top/pipe", type=tarfile.FIFOTYPE),
    member("top/of-device", type=tarfile.LNKTYPE, link="top/device"),
)
TAKEN = 7


def tar(members: Iterable[Member]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as made:
        for info, data in members:
            made.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


async def pieces_of(data: bytes, size: int = 700) -> AsyncIterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


async def joined(pieces: AsyncIterator[Piece]) -> bytes:
    read = [one if isinstance(one, bytes) else one.read() async for one in pieces]
    return b"".join(read)
