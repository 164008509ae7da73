"""A recording under way: taken on the loop, written in threads, its memory bounded.

What comes is only put aside on the loop; ``scribe`` has it written twice a second. A disk that is
slower than the terminal makes the terminal wait once ``MOST_WAITING`` bytes are put aside.
"""

import asyncio
import hashlib
import os
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from audit.cast import Lines

MOST_WAITING = 4 * 2**20
SLOWEST_SECONDS = 20.0  # how long a terminal waits for the disk before its recording has failed
SYNC_SECONDS = 0.5
HUNG_SECONDS = 5.0
FREE_BYTES = 32 * 2**20  # left on the disk for the record itself


class Trouble(StrEnum):
    FULL = "full"  # as long as one may get; it is still written
    FAILED = "failed"  # nothing more is written


@dataclass(frozen=True, slots=True)
class Sealed:
    """The finished asciicast: its length in bytes and seconds, and its hash."""

    size: int
    sha256: str
    seconds: float


class NoSpace(OSError):
    """The disk is nearly full: what is left is for the record."""


class Tape:
    """``take``, ``resize``, ``room``, ``settle`` on the loop; ``start``, ``write``, ``close`` in
    threads. ``tell`` is called on the loop, once for each trouble."""

    def __init__(self, path: Path, most: int, tell: Callable[["Tape", Trouble], None]) -> None:
        self.path, self.most = path, most
        self.size = 0
        self.error: OSError | None = None
        self._tell, self._told = tell, set[Trouble]()
        self._pieces: deque[tuple[float, bytes | tuple[int, int]]] = deque()
        self._given = self._taken = 0  # bytes: the loop's count and the threads'
        self._room = asyncio.Event()
        self._lock = threading.Lock()
        self._lines, self._hash = Lines(), hashlib.sha256()
        self._began = self._last = time.monotonic()
        self._synced_at, self._file = 0.0, -1

    # --- on the loop ---

    @property
    def waiting(self) -> int:
        return self._given - self._taken

    def take(self, data: bytes) -> None:
        if self.error is None:
            self._given += len(data)
            self._pieces.append((time.monotonic(), data))

    def resize(self, cols: int, rows: int) -> None:
        if self.error is None:
            self._pieces.append((time.monotonic(), (cols, rows)))

    async def room(self) -> None:
        """Wait while too much is put aside; a disk that takes too long fails the recording."""
        try:
            async with asyncio.timeout(SLOWEST_SECONDS):
                while self.waiting > MOST_WAITING and self.error is None:
                    self._room.clear()
                    await self._room.wait()
        except TimeoutError:
            self.error = TimeoutError("the disk is too slow")
            self.settle()

    def settle(self) -> None:
        """After each writing: those who wait go on, and trouble is told."""
        self._room.set()
        if self.error is not None:
            self._report(Trouble.FAILED)
        elif self.size > self.most:
            self._report(Trouble.FULL)

    def _report(self, trouble: Trouble) -> None:
        if trouble not in self._told:
            self._told.add(trouble)
            self._tell(self, trouble)

    # --- in threads ---

    def start(self, header: bytes) -> None:
        """Raises OSError where it cannot be written."""
        refuse_full(self.path.parent)
        self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            self._put(header)
            os.fsync(self._file)
        except OSError:
            os.close(self._file)
            self._file = -1
            self.path.unlink(missing_ok=True)
            raise

    def write(self) -> None:
        """Write what was put aside; what is written is on the disk a second later at most."""
        with self._lock:
            if self._file < 0:
                return
            try:
                self._put(b"".join(self._drained()))
                if time.monotonic() - self._synced_at >= SYNC_SECONDS:
                    os.fsync(self._file)
                    self._synced_at = time.monotonic()
            except OSError as error:
                self.error = self.error or error

    def close(self) -> Sealed:
        """Write the rest and finish; the file holds whole lines, also after a failure."""
        if not self._lock.acquire(timeout=HUNG_SECONDS):  # a writer sits in a disk that hangs
            self.error = self.error or TimeoutError("the disk is too slow")
            return Sealed(self.size, "", max(0.0, self._last - self._began))
        try:
            self._finish()
        except OSError as error:
            self.error = self.error or error
        finally:
            self._lock.release()
        return Sealed(self.size, self._hash.hexdigest(), max(0.0, self._last - self._began))

    def _finish(self) -> None:
        """Holding the lock."""
        if self._file < 0:
            return
        try:
            self._put(b"".join(self._drained()))
            if self.error is None:
                self._put(self._lines.output(self._last - self._began, b"", last=True))
            os.fsync(self._file)
        finally:
            os.close(self._file)
            self._file = -1

    def _drained(self) -> Iterator[bytes]:
        while self._pieces:
            at, piece = self._pieces.popleft()
            if isinstance(piece, bytes):
                self._taken += len(piece)
            if self.error is None:
                self._last = at
                yield self._line(at - self._began, piece)

    def _line(self, at: float, piece: bytes | tuple[int, int]) -> bytes:
        if isinstance(piece, bytes):
            return self._lines.output(at, piece)
        return self._lines.resize(at, *piece)

    def _put(self, lines: bytes) -> None:
        """All of it or, as far as lines are concerned, nothing. Raises OSError."""
        if not lines:
            return
        refuse_full(self.path.parent)
        try:
            rest = memoryview(lines)
            while rest:
                rest = rest[os.write(self._file, rest) :]
        except OSError:
            os.ftruncate(self._file, self.size)
            raise
        self.size += len(lines)
        self._hash.update(lines)


def refuse_full(directory: Path) -> None:
    """Raises NoSpace: a recording must not take the last of what the record needs."""
    if shutil.disk_usage(directory).free < FREE_BYTES:
        raise NoSpace("the disk of the server is full")
