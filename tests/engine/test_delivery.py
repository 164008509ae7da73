"""Into a real container: whole or not at all."""

import asyncio
import hashlib
import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.delivery import clear, deliver, part_name
from engine.errors import EngineDown, Refused
from engine.file_parts import Piece
from engine.parcels import FileParcel, TreeParcel, nodes, rewritten
from engine.streams import Streams
from engine.tree import Tree
from tests.conftest import DockerCli
from tests.faults import FaultyEngine
from tests.hostile import HOSTILE, joined, pieces_of, tar
from tests.runtime import until

pytestmark = pytest.mark.usefixtures("open_door")
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
NewContainer = Callable[..., str]
SIZE = 3_000_001
OUTSIDE = "find / -xdev -newer /tmp/.before ! -path '/tmp*' ! -path /"


@pytest.fixture
def parcel(tmp_path: Path) -> FileParcel:
    (tmp_path / "spool").write_bytes(os.urandom(SIZE))
    return FileParcel("name", tmp_path / "spool", SIZE, NOW)


def inside(docker_cli: DockerCli, id: str, command: str) -> str:
    return docker_cli("exec", id, "sh", "-c", command).stdout


@pytest.mark.parametrize("start", [True, False])
async def test_a_file_takes_the_place_of_another_and_leaves_nothing_else(
    engine_url: str, container: NewContainer, docker_cli: DockerCli, parcel: FileParcel, start: bool
) -> None:
    id = container(start=start)
    for _ in range(2):
        await deliver(Streams(engine_url), id, "/tmp", parcel, "key")
    docker_cli("start", id)
    wanted = hashlib.sha256(parcel.source.read_bytes()).hexdigest()
    assert inside(docker_cli, id, "ls -A /tmp") == "name\n"
    assert inside(docker_cli, id, "sha256sum < /tmp/name").split()[0] == wanted
    assert inside(docker_cli, id, "stat -c '%a %u %h' /tmp/name") == "644 0 1\n"


async def test_of_a_hostile_archive_nothing_leaves_the_target(
    engine_url: str, container: NewContainer, docker_cli: DockerCli, tmp_path: Path
) -> None:
    id = container()
    inside(docker_cli, id, "mkdir -p /tmp/x/sub; echo old > /tmp/x/kept; touch /tmp/.before")
    before = inside(docker_cli, id, OUTSIDE)
    spool = tmp_path / "spool"
    spool.write_bytes(await joined(rewritten(nodes(pieces_of(tar(HOSTILE)), Tree()), "copy")))
    parcel = TreeParcel("x", spool, spool.stat().st_size)
    await deliver(Streams(engine_url), id, "/tmp", parcel, "key")
    assert inside(docker_cli, id, OUTSIDE) == before
    assert inside(docker_cli, id, "ls -A /tmp") == ".before\nx\n"
    there = "again\nkept\nnew?line\npacked.tar.xz\nsetuid\nsub\n"
    assert inside(docker_cli, id, "ls -A /tmp/x") == there
    assert inside(docker_cli, id, "stat -c '%a %u %h' /tmp/x/setuid") == "755 1234 2\n"
    assert inside(docker_cli, id, "cat /tmp/x/sub/link") == "#!/bin/sh"


class Cut:
    """A million bytes of a parcel come, then ``ending`` happens."""

    def __init__(self, parcel: FileParcel, ending: Callable[[], Awaitable[object]]) -> None:
        self.name, self._parcel, self._ending = parcel.name, parcel, ending
        self.half_way = asyncio.Event()

    async def tar(self, part: str) -> AsyncGenerator[Piece]:
        passed = 0
        async for piece in self._parcel.tar(part):
            yield piece
            passed += len(piece)
            if passed > 1_000_000:
                await asyncio.sleep(0.3)  # for the engine to write what it has
                self.half_way.set()
                await self._ending()


async def broken() -> None:
    raise OSError("the spool is gone")


@pytest.mark.parametrize("old", ["", "old\n"])
async def test_a_delivery_that_breaks_leaves_what_was_there(
    engine_url: str, container: NewContainer, docker_cli: DockerCli, parcel: FileParcel, old: str
) -> None:
    id = container()
    if old:
        inside(docker_cli, id, "echo old > /tmp/name")
    with pytest.raises(OSError, match="spool is gone"):
        await deliver(Streams(engine_url), id, "/tmp", Cut(parcel, broken), "key")
    waits = Cut(parcel, asyncio.Event().wait)
    task = asyncio.ensure_future(deliver(Streams(engine_url), id, "/tmp", waits, "key"))
    await asyncio.wait_for(waits.half_way.wait(), 20)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await comes_true(lambda: part_name("key") not in inside(docker_cli, id, "ls -A /tmp"))
    assert inside(docker_cli, id, "cat /tmp/* 2>/dev/null || true") == old


async def comes_true(condition: Callable[[], bool]) -> None:
    await asyncio.to_thread(until, condition, 20)


async def test_a_connection_that_is_cut_leaves_no_half(
    faulty_engine: FaultyEngine,
    container: NewContainer,
    docker_cli: DockerCli,
    parcel: FileParcel,
) -> None:
    id = container()
    inside(docker_cli, id, "echo old > /tmp/name")
    faulty_engine.inject("PUT .*/archive", cut_after=25, times=1)  # "100 Continue" passes
    with pytest.raises(EngineDown):
        await deliver(Streams(faulty_engine.url), id, "/tmp", parcel, "key")
    await comes_true(lambda: inside(docker_cli, id, "ls -A /tmp") == "name\n")
    # It may all have come before the cut: then it is there, but never a part of it.
    assert inside(docker_cli, id, "stat -c %s /tmp/name") in ("4\n", f"{SIZE}\n")


async def test_where_no_hard_links_are_the_file_comes_plainly(
    engine_url: str,
    container: NewContainer,
    docker_cli: DockerCli,
    parcel: FileParcel,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    id, streams = container(), Streams(engine_url)
    put = streams.put_archive

    async def without_links(id: str, path: str, chunks: Any, **more: Any) -> None:
        await put(id, path, chunks, **more)
        if not tried:
            tried.append(path)
            raise Refused(f"link /tmp/{part_name('key')} /tmp/name: operation not permitted")

    tried: list[str] = []
    monkeypatch.setattr(streams, "put_archive", without_links)
    await deliver(streams, id, "/tmp", parcel, "key")
    assert inside(docker_cli, id, "ls -A /tmp") == "name\n"
    assert inside(docker_cli, id, "stat -c %s /tmp/name") == f"{SIZE}\n"


async def test_a_folder_of_ours_goes_with_all_in_it(
    engine_url: str, container: NewContainer, docker_cli: DockerCli
) -> None:
    id = container()
    inside(docker_cli, id, "mkdir -p /tmp/.wharfinger-1.part/a/b /tmp/other")
    for _ in range(2):
        await clear(Streams(engine_url), id, "/tmp", ".wharfinger-1.part")
    assert inside(docker_cli, id, "ls -A /tmp") == "other\n"
