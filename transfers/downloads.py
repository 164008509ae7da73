"""Downloads: the engine fills a spool file at its own speed while the browser reads it at its own.

A reader that stalls would wedge the container (facts: moby#46782), so it never reaches the engine.
"""

import asyncio
import hashlib
import logging
import secrets
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, suppress
from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext as _

from engine.errors import EngineError
from engine.threads import door
from transfers import spool
from transfers.errors import TransferRefused

PIECE = 1024 * 1024
KEPT_SECONDS = 600  # a cut download can be resumed so long
MOST_PER_PERSON = 2
Source = Callable[[], AbstractAsyncContextManager[AsyncIterator[bytes]]]
log = logging.getLogger(__name__)


class Download:
    """One file in the spool that grows until ``done``. ``size`` is None until it is known, ``of``
    says what it was read from: it is resumed only by who asks for the same.

    ``ended`` is called in a thread when the last byte is there, or an error, before readers know.
    """

    def __init__(
        self, owner: int, name: str, size: int | None, ended: "Ended | None" = None, of: str = ""
    ) -> None:
        self.id = secrets.token_hex(16)
        self.of = of
        self.owner, self.name, self.size = owner, name, size
        self.written = 0
        self.done = False
        self.error: Exception | None = None
        self.readers = 0
        self.last_read = time.monotonic()
        self.path: Path = spool.folder() / f"download-{self.id}"
        self._more = asyncio.Condition()
        self._keeping: asyncio.Task[None] | None = None
        self._digest = hashlib.sha256()
        self._ended = ended

    async def fill(self, source: Source) -> None:
        """Read the engine to its end; an error is kept for the readers."""
        try:
            with await door.run(self.path.open, "wb") as file:
                try:
                    await self._pour(source, file)
                finally:  # never close under a writer
                    await asyncio.gather(*filter(None, [self._keeping]), return_exceptions=True)
            self.size = self.written
        except (EngineError, TransferRefused, OSError) as error:
            self.error = error
        except asyncio.CancelledError:
            self.error = EngineError(_("The server is stopping."))
            raise
        except Exception as error:  # a defect; what came must not pass for the whole
            log.exception("The download %s failed", self.name)
            self.error = error
        finally:
            spool.coming.pop(self.path.name, None)
            try:
                if self._ended is not None:
                    await door.run(self._ended, self)
            finally:
                await self._tell(done=True)

    async def _pour(self, source: Source, file: BinaryIO) -> None:
        held = bytearray()  # the engine's pieces are small; a write costs two thread hops
        async with source() as pieces:
            async for piece in pieces:
                held += piece
                if len(held) >= PIECE:
                    await self._write(file, bytes(held))
                    held.clear()
            await self._write(file, bytes(held))
        await self._kept()

    async def _write(self, file: BinaryIO, piece: bytes) -> None:
        """Begin to keep it when the piece before it is kept: meanwhile the engine is read."""
        await self._kept()
        self._keeping = asyncio.create_task(self._keep_and_tell(file, piece))

    async def _kept(self) -> None:
        if self._keeping is not None:
            await self._keeping

    async def _keep_and_tell(self, file: BinaryIO, piece: bytes) -> None:
        await door.run(self._keep, file, piece)
        await self._tell()

    def _keep(self, file: BinaryIO, piece: bytes) -> None:
        if self.size is None:
            spool.need_room(len(piece))
        with spool.disk_answers():
            file.write(piece)
            file.flush()
        self._digest.update(piece)
        self.written += len(piece)

    @property
    def sha256(self) -> str:
        """Of what was written so far."""
        return self._digest.hexdigest()

    async def _tell(self, done: bool = False) -> None:
        async with self._more:
            self.done = self.done or done
            self._more.notify_all()

    async def begun(self) -> None:
        """Wait for the first byte or the end. Raises what stopped it before any byte came."""
        async with self._more:
            await self._more.wait_for(lambda: self.written or self.done)
        if self.error is not None and not self.written:
            raise self.error

    async def read(self, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Bytes from ``start`` up to (not with) ``end``, as they come."""
        self.readers += 1
        file = await door.run(self.path.open, "rb")
        at = start
        try:
            await door.run(file.seek, start)
            while piece := await self._piece(file, at, end):
                at += len(piece)
                self.last_read = time.monotonic()
                yield piece
            if self.error is not None and (end is None or at < end):
                raise self.error
        finally:
            file.close()
            self.readers -= 1
            self.last_read = time.monotonic()

    async def _piece(self, file: BinaryIO, at: int, end: int | None) -> bytes:
        """What stands at ``at`` already, waiting for the engine; empty at the end."""
        if end is not None and at >= end:
            return b""
        async with self._more:
            await self._more.wait_for(lambda: self.written > at or self.done)
        there = self.written if end is None else min(self.written, end)
        return await door.run(file.read, min(PIECE, there - at)) if there > at else b""

    @property
    def stale(self) -> bool:
        idle = time.monotonic() - self.last_read
        return self.done and not self.readers and idle > KEPT_SECONDS


Ended = Callable[[Download], None]
_downloads: dict[str, Download] = {}
_lock = threading.Lock()


def begin(
    owner: int,
    name: str,
    size: int | None,
    source: Source,
    ended: Ended | None = None,
    of: str = "",
) -> Download:
    """Start to fill; ``ended`` is called once. From a thread.

    Raises TransferRefused 429, or 507 with the size.
    """
    with _lock:  # a hundred at once are still a hundred, and each has its own room
        refuse_too_many(owner)
        if size is not None:
            spool.need_room(size)
        download = Download(owner, name, size, ended, of)
        spool.coming[download.path.name] = size or 0
        _downloads[download.id] = download
    door.spawn(download.fill(source), f"download {name}")
    return download


def refuse_too_many(owner: int) -> None:
    mine = [d for d in list(_downloads.values()) if d.owner == owner and not d.done]
    if len(mine) >= MOST_PER_PERSON:
        words = _("You have %(n)d downloads under way already: let one end first.")
        raise TransferRefused(429, words % {"n": len(mine)})


def find(download_id: str, owner: int, of: str = "") -> Download | None:
    """A download that can be resumed: the person's own, of the same thing, and not failed."""
    download = _downloads.get(download_id)
    if download is None or download.error or (download.owner, download.of) != (owner, of):
        return None
    return download


def forget(download: Download) -> None:
    _downloads.pop(download.id, None)
    download.path.unlink(missing_ok=True)


async def serve() -> None:
    """Forget what nobody reads any more, and sweep the spool. Runs until it is cancelled."""
    await door.run(forget_leftovers)
    while True:
        for download in [d for d in _downloads.values() if d.stale or (d.error and not d.readers)]:
            await door.run(forget, download)
        with suppress(OSError):
            await door.run(spool.sweep)
        await asyncio.sleep(30)


def forget_leftovers() -> None:
    """At start: what an earlier process was reading is of no use."""
    for path in spool.folder().glob("download-*"):
        path.unlink(missing_ok=True)
    spool.sweep(older=0)
