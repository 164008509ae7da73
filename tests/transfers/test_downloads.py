"""Downloads beside each other: each has the room that it was promised, and only whole ones pass."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from django.conf import LazySettings

from tests.runtime import Loop, until
from tests.runtime import runtime as runtime
from transfers import downloads, spool
from transfers.errors import TransferRefused

KIB = 1024


@asynccontextmanager
async def silent() -> AsyncIterator[AsyncIterator[bytes]]:
    """An engine that has not sent anything yet."""

    async def nothing() -> AsyncIterator[bytes]:
        await asyncio.Event().wait()
        yield b""

    yield nothing()


@asynccontextmanager
async def broken() -> AsyncIterator[AsyncIterator[bytes]]:
    async def half() -> AsyncIterator[bytes]:
        yield b"half"
        raise LookupError("a defect")

    yield half()


@pytest.fixture(autouse=True)
def none_left(runtime: Loop) -> Iterator[None]:
    yield
    downloads._downloads.clear()
    spool.coming.clear()


def test_what_one_download_was_promised_is_not_there_for_another(
    runtime: Loop, settings: LazySettings
) -> None:
    settings.SPOOL_BYTES = 100 * KIB
    first = downloads.begin(1, "a", 60 * KIB, silent)
    with pytest.raises(TransferRefused) as refused:
        downloads.begin(2, "b", 60 * KIB, silent)
    assert refused.value.status == 507
    assert downloads.begin(2, "b", 40 * KIB, silent).name == "b"
    assert spool.coming[first.path.name] == 60 * KIB


def test_a_download_that_goes_while_the_room_is_counted(runtime: Loop) -> None:
    (spool.folder() / "download-gone").symlink_to("nowhere")
    try:
        assert spool.downloads_there() == 0
    finally:
        (spool.folder() / "download-gone").unlink()


def test_what_broke_off_never_passes_for_the_whole(runtime: Loop) -> None:
    said: list[object] = []
    download = downloads.begin(1, "a", None, broken, lambda ended: said.append(ended.error))
    until(lambda: download.done)
    assert isinstance(download.error, LookupError)
    assert [type(each) for each in said] == [LookupError]
    assert downloads.find(download.id, 1) is None


def test_one_whose_file_cannot_be_made_is_over(runtime: Loop) -> None:
    download = downloads.Download(1, "a", 10)
    download.path = spool.folder() / "no-folder" / "file"
    runtime.run(download.fill(silent))
    assert download.done
    assert isinstance(download.error, OSError)
