"""Keeps the recordings: packs what has ended, and lets go of what is too old or too much."""

import asyncio
import logging
from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone

from audit import chain, shelf
from audit.models import Kept, Recording, Result
from engine.threads import door

EVERY_SECONDS = 60.0
log = logging.getLogger("recordings")


async def serve() -> None:
    """Until cancelled."""
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        try:
            await door.run(keep)
        except (DatabaseError, OSError) as error:
            log.warning("the recordings cannot be kept in order: %s", error)


def keep() -> None:
    """In a thread. What is let go of is let go of first: that makes room to pack."""
    for row, why in list(too_old()):
        remove(row, why)
    pack_ended()
    for row, why in list(too_much()):
        remove(row, why)


def pack_ended() -> None:
    for row in Recording.objects.exclude(state=Kept.RUNNING).filter(stored=0):
        try:
            shelf.pack(row)
        except FileNotFoundError:
            log.warning("%s has no file any more", row)
            row.stored = -1
            row.save(update_fields=["stored"])
        except OSError as error:
            log.warning("%s stays as it is: %s", row, error)


def too_old() -> Iterator[tuple[Recording, str]]:
    if settings.RECORDING_DAYS:
        limit = timezone.now() - timedelta(days=settings.RECORDING_DAYS)
        for row in Recording.objects.exclude(state=Kept.RUNNING).filter(started__lt=limit):
            yield row, f"older than {settings.RECORDING_DAYS} days"


def too_much() -> Iterator[tuple[Recording, str]]:
    """The oldest, until the others are within the limit; those under way count and stay."""
    if not settings.RECORDINGS_BYTES:
        return
    total = 0
    for row in Recording.objects.order_by("-started"):
        total += held(row)
        if total > settings.RECORDINGS_BYTES and row.state != Kept.RUNNING:
            yield row, f"all together more than {settings.RECORDINGS_BYTES} bytes"
            total -= held(row)


def held(row: Recording) -> int:
    """Bytes on disk; of one that is under way what it has now."""
    if row.stored:
        return max(0, row.stored)
    try:
        return shelf.plain(row.id).stat().st_size
    except FileNotFoundError:
        return 0


def remove(row: Recording, why: str) -> None:
    """Recorded before and after, as every change. What is cut short is done the next time."""
    fields = {**shelf.about(row), "user": "system", "reason": why}
    fields["parameters"] = {
        "started": row.started.isoformat(),
        "container": row.container_id,
        "terminal": row.intent_seq,
    }
    intent = chain.append("recording.remove", Result.INTENT, **fields)
    shelf.discard(row)
    chain.append("recording.remove", Result.OK, intent_seq=intent.seq, **fields)
