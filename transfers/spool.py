"""The spool: files between a browser and an engine, within a quota. Whole files only go on."""

import base64
import errno
import fcntl
import hashlib
import io
import logging
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Protocol

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from transfers.errors import TransferRefused
from transfers.models import Upload

PIECE = 1024 * 1024
# A file system, or two of them, between which the system does not copy by itself.
NOT_HERE = {errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP}
STRAY_SECONDS = 60  # a file may stand a moment before its row is there for others to see
coming: dict[str, int] = {}  # name of a download's file → its size, while it is being filled
log = logging.getLogger(__name__)


class Body(Protocol):
    """What a request's body offers."""

    def read(self, size: int, /) -> bytes: ...


def folder() -> Path:
    path = Path(settings.DATA_DIR) / "spool"
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def file_of(upload_id: uuid.UUID | str) -> Path:
    return folder() / f"{uuid.UUID(str(upload_id))}"


def new_expiry() -> datetime:
    return datetime.now(UTC) + timedelta(hours=settings.SPOOL_HOURS)


def create(upload: Upload) -> None:
    """Reserve the whole size and make the empty file. Raises TransferRefused 413 or 507."""
    if upload.size > settings.UPLOAD_BYTES:
        words = _("%(name)s is too large: %(size)d bytes, and the most is %(most)d.")
        values = {"name": upload.name, "size": upload.size, "most": settings.UPLOAD_BYTES}
        raise TransferRefused(413, words % values)
    with transaction.atomic(), disk_answers():
        need_room(upload.size)
        upload.save(force_insert=True)
        os.close(os.open(file_of(upload.id), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def need_room(size: int) -> None:
    """Within the quota, and on the disk beside what others were promised. Raises 507."""
    free = max(0, min(settings.SPOOL_BYTES - reserved(), disk_free()))
    if size > free:
        words = _("The spool is full: %(size)d bytes asked, %(free)d free. Try again later.")
        raise TransferRefused(507, words % {"size": size, "free": free})


def reserved() -> int:
    """Bytes promised to uploads, whether they came or not, and held by downloads."""
    return promised("size") + downloads_held()


def disk_free() -> int:
    uploads = promised("size") - promised("received")
    return shutil.disk_usage(folder()).free - uploads - (downloads_held() - downloads_there())


def promised(column: str) -> int:
    return int(Upload.objects.aggregate(total=Sum(column))["total"] or 0)


def downloads_held() -> int:
    """Bytes of downloads: those that are there, and those that were promised to one."""
    there = downloads()
    names = there.keys() | coming.copy().keys()
    return sum(max(there.get(name, 0), coming.get(name, 0)) for name in names)


def downloads_there() -> int:
    return sum(downloads().values())


def downloads() -> dict[str, int]:
    """Their files' sizes by name; one may go while they are looked at."""
    found = {}
    for path in folder().glob("download-*"):
        with suppress(FileNotFoundError):
            found[path.name] = path.stat().st_size
    return found


def append(upload: Upload, offset: int, body: Body, length: int, checksum: str = "") -> int:
    """Write one slice at ``offset`` and return the new offset.

    A slice with a wrong checksum (``sha1 <base64>``, ``sha256 <base64>``) leaves nothing; one
    that was cut without a checksum leaves what came. Raises TransferRefused 400, 404, 409, 413,
    423, 460.
    """
    judge = Checksum(checksum)
    with disk_answers(), alone(upload) as file:
        need_place(upload, offset, length)
        written = taken(file, offset, body, length, judge)
        upload.received, upload.expires = offset + written, new_expiry()
        kept = Upload.objects.filter(pk=upload.pk)
        if not kept.update(received=upload.received, expires=upload.expires):
            raise gone()
    return upload.received


@contextmanager
def alone(upload: Upload) -> Iterator[BinaryIO]:
    """Its file, and its row as it is now: two requests must not write one file at once."""
    try:
        file = file_of(upload.id).open("r+b")
    except FileNotFoundError:
        raise gone() from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            words = _("Another request writes to this upload: ask with HEAD, then go on.")
            raise TransferRefused(423, words) from None
        try:
            upload.refresh_from_db(fields=["received"])
        except Upload.DoesNotExist:
            raise gone() from None
        yield file


def gone() -> TransferRefused:
    return TransferRefused(404, _("There is no such upload, or it is too old: begin again."))


def need_place(upload: Upload, offset: int, length: int) -> None:
    if offset != upload.received:
        words = _("The upload stands at %(there)d bytes, not %(offset)d: ask with HEAD.")
        raise TransferRefused(409, words % {"there": upload.received, "offset": offset})
    if offset + length > upload.size:
        raise TransferRefused(413, _("These are more bytes than Upload-Length said."))


def taken(file: BinaryIO, offset: int, body: Body, length: int, judge: "Checksum") -> int:
    """Bytes written at ``offset``: all that came, or none of a slice that cannot stay."""
    file.truncate(offset)
    file.seek(offset)
    try:
        written = copied(body, file, offset, length, judge)
    except OSError:
        file.truncate(offset)  # of a full disk, not even the half of a slice
        raise
    if judge.header and not judge.right():
        file.truncate(offset)
        raise TransferRefused(460, _("The checksum does not fit these bytes: send them again."))
    return written


def copied(body: Body, file: BinaryIO, offset: int, length: int, judge: "Checksum") -> int:
    """Bytes written, all that there are up to ``length``; ``judge`` saw them."""
    stream = getattr(body, "_stream", None)  # of a request: our server made a file of a long body
    if not isinstance(stream, io.BufferedReader):
        return copied_through(body, file, length, judge)
    if judge.asked:
        while piece := stream.read(PIECE):
            judge.update(piece)
    try:
        return copied_by_system(stream.fileno(), file.fileno(), offset, length)
    except OSError as error:
        if error.errno not in NOT_HERE:
            raise
    stream.seek(0)
    file.seek(offset)
    return copied_through(stream, file, length, Checksum(""))


def copied_by_system(source: int, target: int, offset: int, length: int) -> int:
    """From one file to another without passing through our memory."""
    written = 0
    while count := os.copy_file_range(source, target, length - written, written, offset + written):
        written += count
    return written


def copied_through(body: Body, file: BinaryIO, length: int, judge: "Checksum") -> int:
    written = 0
    while written < length and (piece := body.read(min(PIECE, length - written))):
        file.write(piece)
        judge.update(piece)
        written += len(piece)
    file.flush()
    return written


class Checksum:
    """An Upload-Checksum header: algorithm and base64 of the digest."""

    def __init__(self, header: str) -> None:
        self.header = header
        algorithm, _space, encoded = header.partition(" ")
        if header and algorithm not in ("sha1", "sha256"):
            raise TransferRefused(400, _("Upload-Checksum: use sha1 or sha256."))
        # sha1 is the algorithm that tus demands; it guards against damage, not against malice.
        self._hash = hashlib.new(algorithm or "sha256", usedforsecurity=False)
        try:
            self._wanted = base64.b64decode(encoded, validate=True)
        except ValueError:
            raise TransferRefused(400, _("Upload-Checksum: the digest is not base64.")) from None

    @property
    def asked(self) -> bool:
        return bool(self._wanted)

    def update(self, piece: bytes) -> None:
        if self._wanted:
            self._hash.update(piece)

    def right(self) -> bool:
        return self._hash.digest() == self._wanted


def remove(upload: Upload) -> None:
    file_of(upload.id).unlink(missing_ok=True)
    Upload.objects.filter(pk=upload.pk).delete()


def sweep(older: float = STRAY_SECONDS) -> int:
    """Forget expired uploads, and files that belong to none and are ``older`` (seconds). Returns
    how many went.
    """
    expired = list(Upload.objects.filter(expires__lt=datetime.now(UTC)))
    for upload in expired:
        remove(upload)
    strays = list(stray_files(time.time() - older))
    for path in strays:
        path.unlink(missing_ok=True)
    return len(expired) + len(strays)


def stray_files(before: float) -> Iterator[Path]:
    """Files that no upload has. A new one is not judged: its row may not be committed yet."""
    known = {str(pk) for pk in Upload.objects.values_list("pk", flat=True)}
    for path in folder().iterdir():
        if path.name.startswith("download-") or path.name in known:
            continue
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                yield path


@contextmanager
def disk_answers() -> Iterator[None]:
    """A full disk is 507 in words, never a 500."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise TransferRefused(507, _("The disk of the dashboard is full.")) from error
