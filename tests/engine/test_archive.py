"""Tar in both directions: pure, and against a real container."""

import asyncio
import io
import os
import tarfile
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine import archive
from engine.archive import Member, check_base_name, list_directory, pack, single_file, whole
from engine.commands import Commands
from engine.errors import EngineError, EngineSilent, NotFound, Refused
from engine.streams import Streams
from engine.tar_parser import Header, TarParser
from tests.faults import FaultyEngine

pytestmark = pytest.mark.usefixtures("open_door")
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
NewContainer = Callable[..., str]


async def pieces_of(data: bytes, size: int = 1000) -> AsyncIterator[bytes]:
    for at in range(0, len(data), size):
        yield data[at : at + size]


async def joined(pieces: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in pieces])


def tar(members: Iterable[tuple[tarfile.TarInfo, bytes]], format: int) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=format) as made:
        for info, data in members:
            made.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def info(name: str, size: int = 0, type: bytes = tarfile.REGTYPE, **more: Any) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.size, made.type, made.mtime = size, type, int(NOW.timestamp())
    for key, value in more.items():
        setattr(made, key, value)
    return made


# What we write


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/a", "a\0b", "x" * 256, "é" * 128])
def test_only_base_names_are_written(name: str) -> None:
    with pytest.raises(ValueError, match="file"):
        check_base_name(name)


@pytest.mark.parametrize("name", ["a", "...", "a b", "é" * 127, "a\nb", "-rf", "x" * 255, "\udcff"])
async def test_what_is_packed_is_read_back(name: str, tmp_path: Path) -> None:
    source = tmp_path / "spool"
    source.write_bytes(b"hello" * 300)
    members = [
        Member("folder", NOW, mode=0o750),
        Member(name, NOW, source, size=1500, mode=0o4755, uid=3_000_000, gid=7),
    ]
    data = await joined(pack(members))
    with tarfile.open(fileobj=io.BytesIO(data), errors="surrogateescape") as read:
        folder, file = read.getmembers()
        content = read.extractfile(file)
        assert content is not None
        assert content.read() == b"hello" * 300
    assert (folder.isdir(), folder.mode) == (True, 0o750)
    assert (file.name, file.mode, file.uid, file.gid) == (name, 0o755, 3_000_000, 7)
    assert file.mtime == NOW.timestamp()
    assert len(data) % 512 == 0


async def test_a_source_that_shrank_is_an_error_and_a_bad_name_writes_nothing(
    tmp_path: Path,
) -> None:
    source = tmp_path / "spool"
    source.write_bytes(b"short")
    with pytest.raises(OSError, match="shorter"):
        await joined(pack([Member("a", NOW, source, size=6)]))
    packing = pack([Member("good", NOW), Member("../bad", NOW)])
    with pytest.raises(ValueError, match="bad"):
        await anext(packing)


def test_nine_gigabytes_have_a_header() -> None:
    data = archive.member_header(Member("big", NOW, Path("any"), size=9 * 1024**3))
    assert headers_of_start(data) == 9 * 1024**3


def headers_of_start(data: bytes) -> int:
    (header,) = TarParser().feed(data)
    assert isinstance(header, Header)
    return header.size


@pytest.mark.parametrize("root", ["d", ".", "/", "a/deep/one"])
async def test_a_listing_is_the_direct_entries_only(root: str) -> None:
    at = root.rstrip("/") + "/"
    data = tar(
        [
            (info(root, type=tarfile.DIRTYPE), b""),
            (info(f"{at}b", 2000), b"b" * 2000),
            (info(f"{at}c", type=tarfile.DIRTYPE), b""),
            (info(f"{at}c/inside", 9), b"x" * 9),
            (info(f"{at}d", type=tarfile.LNKTYPE, linkname=f"{at}b"), b""),
            (info(f"{at}a", type=tarfile.SYMTYPE, linkname="/b"), b""),
        ],
        tarfile.PAX_FORMAT,
    )
    listing = await list_directory(pieces_of(data))
    assert not listing.partial
    assert [entry.name for entry in listing.entries] == ["a", "b", "c", "d"]
    a, b, c, d = listing.entries
    assert (a.is_link, a.link_target) == (True, "/b")
    assert (b.size, b.mtime, c.is_dir) == (2000, NOW, True)
    assert (d.size, d.is_link, d.link_target) == (2000, False, "")


async def test_a_listing_has_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    members = [(info("d", type=tarfile.DIRTYPE), b"")]
    members += [(info(f"d/{number:04}", 600), b"x" * 600) for number in range(50)]
    data = tar(members, tarfile.PAX_FORMAT)
    assert len((await list_directory(pieces_of(data))).entries) == 50
    monkeypatch.setattr(archive, "MOST_ENTRIES", 10)
    listing = await list_directory(pieces_of(data))
    assert (len(listing.entries), listing.partial) == (10, True)
    monkeypatch.undo()
    monkeypatch.setattr(archive, "MOST_BYTES", 20_000)
    listing = await list_directory(pieces_of(data))
    assert listing.partial
    assert 5 < len(listing.entries) < 20
    monkeypatch.undo()
    monkeypatch.setattr(archive, "MOST_SECONDS", 0.2)

    async def slow() -> AsyncIterator[bytes]:
        yield data[:5000]
        await asyncio.sleep(60)

    listing = await list_directory(slow())
    assert (len(listing.entries), listing.partial) == (3, True)


async def test_an_archive_that_ends_early_is_never_taken_for_a_whole_one() -> None:
    data = tar([(info("f", 2000), b"x" * 2000)], tarfile.PAX_FORMAT)
    assert await joined(single_file(pieces_of(data))) == b"x" * 2000
    assert await joined(whole(pieces_of(data))) == data
    with pytest.raises(EngineError, match="early"):
        await joined(single_file(pieces_of(data[:1500])))
    with pytest.raises(EngineError, match="early"):
        await joined(whole(pieces_of(data[:2500])))
    with pytest.raises(EngineError, match="ended early"):  # of a container that just went
        await joined(whole(pieces_of(bytes(1024))))
    with pytest.raises(EngineError, match="early"):
        await list_directory(
            pieces_of(tar([(info("d", type=tarfile.DIRTYPE), b"")], tarfile.PAX_FORMAT)[:512])
        )


async def test_only_one_regular_file_is_a_file() -> None:
    for members in (
        [(info("d", type=tarfile.DIRTYPE), b"")],
        [(info("l", type=tarfile.SYMTYPE, linkname="x"), b"")],
        [(info("a", 1), b"a"), (info("b", 1), b"b")],
    ):
        with pytest.raises(Refused, match="not a single regular file"):
            await joined(single_file(pieces_of(tar(members, tarfile.PAX_FORMAT))))
    with pytest.raises(Refused, match="not a directory"):
        await list_directory(pieces_of(tar([(info("f", 1), b"f")], tarfile.PAX_FORMAT)))


# With an engine


@pytest.mark.parametrize("start", [True, False])
async def test_a_file_goes_in_and_comes_out(
    engine_url: str, container: NewContainer, tmp_path: Path, start: bool
) -> None:
    streams, commands = Streams(engine_url), Commands(engine_url)
    id = container(start=start)
    source = tmp_path / "spool"
    content = os.urandom(3_000_001)
    source.write_bytes(content)
    name = "é \n" + "x" * 200
    folder = Member("folder", NOW, mode=0o700, uid=5)
    await streams.put_archive(id, "/", pack([folder]))
    file = Member(name, NOW, source, len(content), 0o640, 54321, 54322)
    await streams.put_archive(id, "/folder", pack([file]))
    stat = commands.stat(id, f"/folder/{name}")
    assert (stat.size, stat.mode, stat.mtime) == (len(content), 0o100640, NOW)
    async with streams.get_archive(id, f"/folder/{name}") as (stat, pieces):
        assert stat.name == name
        assert await joined(single_file(pieces)) == content
    async with streams.get_archive(id, "/folder") as (stat, pieces):
        listing = await list_directory(pieces)
    (entry,) = listing.entries
    assert (entry.name, entry.size, entry.owner, entry.group) == (
        name, len(content), "54321", "54322"
    )  # fmt: skip
    async with streams.get_archive(id, "/folder") as (_, pieces):
        data = await joined(whole(pieces))
    with tarfile.open(fileobj=io.BytesIO(data)) as read:
        assert read.getnames()[0] == "folder"


async def test_what_cannot_be_unpacked_is_said(
    engine_url: str, container: NewContainer, tmp_path: Path
) -> None:
    streams = Streams(engine_url)
    id = container()
    source = tmp_path / "spool"
    source.write_bytes(bytes(20_000_000))
    big = Member("big", NOW, source, 20_000_000)
    with pytest.raises(NotFound, match="/none"):
        await streams.put_archive(id, "/none", pack([big]))
    with pytest.raises(Refused, match="not a directory"):
        await streams.put_archive(id, "/bin/busybox", pack([big]))
    with pytest.raises(Refused, match="directory"):
        await streams.put_archive(id, "/", pack([Member("bin", NOW, source, 10)]))
    with pytest.raises(NotFound, match="No such container"):
        await streams.put_archive("0" * 64, "/", pack([big]))


async def test_a_source_that_breaks_frees_the_container_at_once(
    engine_url: str, container: NewContainer
) -> None:
    streams, commands = Streams(engine_url), Commands(engine_url)
    id = container()

    async def broken() -> AsyncIterator[bytes]:
        yield bytes(100_000)
        raise OSError("the spool is gone")

    async with asyncio.timeout(5):
        with pytest.raises(OSError, match="spool is gone"):
            await streams.put_archive(id, "/", broken())
        async with streams.get_archive(id, "/") as (_, pieces):
            await anext(pieces)
        assert (await asyncio.to_thread(commands.container, id)).running


async def test_an_engine_side_that_stalls_is_given_up(
    faulty_engine: FaultyEngine,
    container: NewContainer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("engine.tar_streams.STALL_SECONDS", 0.5)
    streams = Streams(faulty_engine.url)
    id = container()
    faulty_engine.inject("GET .*/archive", hold_after=100_000)
    with pytest.raises(EngineSilent, match="sent nothing"):
        async with streams.get_archive(id, "/bin") as (_, pieces):
            await joined(pieces)
    source = tmp_path / "spool"
    source.write_bytes(bytes(30_000_000))
    faulty_engine.inject("PUT .*/archive", hold_after=25)  # "100 Continue" passes
    with pytest.raises(EngineSilent):
        await streams.put_archive(id, "/", pack([Member("big", NOW, source, 30_000_000)]))
