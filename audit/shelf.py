"""Where recordings lie: a row in the database each, and a file in the data directory.

While a terminal runs and until the keeper comes by, ``<id>.cast``; then ``<id>.cast.gz``. All but
``directory`` and the paths are for threads: they read the disk and the database.
"""

import gzip
import hashlib
import logging
import os
import secrets
import shutil
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import IO, Any, cast

from django.conf import settings
from django.db.models import Q

from audit import chain
from audit.cast import header, time_of
from audit.models import Entry, Kept, Recording, Result
from audit.tape import NoSpace as NoSpace
from audit.tape import Sealed, Tape, Trouble

PIECE = 256 * 1024
LAST_BYTES = 2 * 2**20  # in which the last whole line of a file that was left is looked for
STOPPED = "The server stopped while this was recorded."
log = logging.getLogger("recordings")


class Standing(StrEnum):
    RUNNING = "running"
    PROVEN = "proven"  # the file has the hash that stands in the record
    CHANGED = "changed"
    GONE = "gone"
    UNPROVEN = "unproven"  # the record has no hash of it


@dataclass(frozen=True, slots=True)
class Whose:
    """What a recording is of. ``intent_seq`` is the shell's row in the record."""

    intent_seq: int
    user_id: str
    user: str
    host: str
    container_id: str
    container: str
    command_line: str


def directory() -> Path:
    path = Path(settings.DATA_DIR) / "recordings"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def plain(recording_id: str) -> Path:
    return directory() / f"{recording_id}.cast"


def packed(recording_id: str) -> Path:
    return directory() / f"{recording_id}.cast.gz"


def begin(
    whose: Whose, cols: int, rows: int, tell: Callable[[Tape, Trouble], None]
) -> tuple[Recording, Tape]:
    """A recording under way. Raises OSError where it cannot be written, DatabaseError."""
    recording_id, now = secrets.token_hex(16), datetime.now(UTC)
    fields = {name: getattr(whose, name) for name in Whose.__slots__}
    tape = Tape(plain(recording_id), settings.RECORDING_BYTES, tell)
    row = Recording.objects.create(id=recording_id, started=now, **fields)
    title = f"{whose.user} in {whose.container}"
    try:
        tape.start(header(cols, rows, int(now.timestamp()), title, whose.command_line))
    except OSError:
        row.delete()
        raise
    return row, tape


def seal(row: Recording, sealed: Sealed, note: str = "") -> None:
    """It has ended; ``note`` says why it ends earlier than the terminal did."""
    row.size, row.sha256, row.seconds = sealed.size, sealed.sha256, sealed.seconds
    row.state, row.note = (Kept.CUT if note else Kept.WHOLE), note
    row.save()


def opened(row: Recording) -> IO[bytes]:
    """The asciicast, as plain bytes. Raises FileNotFoundError where the file is gone."""
    try:
        return open(plain(row.id), "rb")
    except FileNotFoundError:
        return cast(IO[bytes], gzip.open(packed(row.id), "rb"))


def is_there(row: Recording) -> bool:
    return plain(row.id).exists() or packed(row.id).exists()


def is_as_recorded(row: Recording) -> bool:
    """Whether the file is what was written; of one under way nothing can be said yet."""
    return standing(row) in (Standing.PROVEN, Standing.RUNNING)


def standing(row: Recording) -> Standing:
    """The file beside the hash that the record has of it: the chain, not our own row, decides."""
    if row.state == Kept.RUNNING:
        return Standing.RUNNING
    closings = Q(intent_seq=row.intent_seq) | Q(event="recording.close", object_id=row.id)
    entry = Entry.objects.filter(closings).exclude(sha256="").order_by("-seq").first()
    if entry is None:
        return Standing.UNPROVEN
    try:
        with opened(row) as file:
            found = hashlib.file_digest(cast(Any, file), "sha256").hexdigest()
    except FileNotFoundError:
        return Standing.GONE
    except (OSError, EOFError, zlib.error):
        return Standing.CHANGED
    return Standing.PROVEN if found == entry.sha256 else Standing.CHANGED


def pack(row: Recording) -> None:
    """Compress it. Raises OSError where there is no room: then it stays as it is."""
    source, target = plain(row.id), packed(row.id)
    part = target.with_suffix(".part")
    try:
        with open(source, "rb") as whole, gzip.open(part, "wb", 6) as file:
            shutil.copyfileobj(whole, cast(Any, file), PIECE)
        os.chmod(part, 0o600)
        with open(part, "rb") as file_to_sync:
            os.fsync(file_to_sync.fileno())
        part.rename(target)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    row.stored = target.stat().st_size
    row.save(update_fields=["stored"])
    source.unlink(missing_ok=True)


def discard(row: Recording) -> None:
    for path in (plain(row.id), packed(row.id)):
        path.unlink(missing_ok=True)
    row.delete()


def about(row: Recording) -> dict[str, Any]:
    """Its columns in the record."""
    return {
        "host": row.host,
        "object_kind": "recording",
        "object_id": row.id,
        "object_name": f"{row.user}: {row.container}",
        "sha256": row.sha256,
        "bytes": row.size,
    }


def close_left() -> int:
    """At start: those that the last server left under way end at their last whole line."""
    left = list(Recording.objects.filter(state=Kept.RUNNING))
    for row in left:
        try:
            seal(row, mended(plain(row.id)), STOPPED)
        except OSError as error:
            log.warning("%s cannot be closed: %s", row, error)
            seal(row, Sealed(0, "", 0.0), STOPPED)
        chain.append(
            "recording.close",
            Result.OK,
            user="system",
            reason=STOPPED,
            parameters={"terminal": row.intent_seq},
            **about(row),
        )
    return len(left)


def mended(path: Path) -> Sealed:
    """Cut a half line off its end; what it holds then."""
    with open(path, "r+b") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - LAST_BYTES))
        end = file.read()
        whole = end[: end.rfind(b"\n") + 1]
        file.truncate(size - len(end) + len(whole))
        os.fsync(file.fileno())
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    last = whole[whole.rfind(b"\n", 0, -1) + 1 :]
    return Sealed(size - len(end) + len(whole), digest, time_of(last))
