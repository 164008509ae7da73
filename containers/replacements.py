"""Replacements that nobody works at any more: a crash or an engine that went cut them off. Those
that were kept are finished, the others undone.
"""

import asyncio
import logging

from django.db import transaction

from access import door as changes
from access import ownership
from access.actors import SYSTEM
from access.errors import NotRecorded
from access.targets import Target
from audit.models import Result
from containers.models import Replacement
from containers.replacing import under_way
from containers.swap import remove_old, undo
from engine.errors import EngineError
from engine.threads import door
from engine.types import EngineState
from hosts.live import engine_of

SECONDS = 2.0
log = logging.getLogger(__name__)


async def serve() -> None:
    """Each as soon as its engine is there; until cancelled."""
    while True:
        await door.run(mend_all)
        await asyncio.sleep(SECONDS)


def mend_all() -> None:
    for pk, *place in Replacement.objects.values_list("pk", "host", "old_id"):
        if tuple(place) in under_way or not is_up(place[0]):
            continue
        row = Replacement.objects.filter(pk=pk).first()  # as whoever worked at it has left it
        try:
            if row is not None:
                mend(row)
        except (EngineError, NotRecorded) as error:
            log.warning("The replacement of %s is not mended yet: %s", row, error.message)


def is_up(host: str) -> bool:
    try:
        return engine_of(host).mirror.snapshot.state is EngineState.UP
    except EngineError:
        return False


def mend(row: Replacement) -> None:
    """Raises EngineErrors and NotRecorded: then it is tried again."""
    engine = engine_of(row.host)
    if row.kept or not undo(engine, row):
        remove_old(engine.commands, row)
        words, result, id = "finished after it was cut off", Result.OK, row.new_id
    else:
        words, result, id = "taken back after it was cut off", Result.FAILED, row.old_id
    with transaction.atomic():
        if row.kept:
            ownership.handed_over(row.host, row.old_id, row.new_id, row.team)
        row.delete()
        target = Target("container", id, row.name, row.host)
        changes.note(SYSTEM, row.right, target, result, reason=f"{words} (of {row.user})")
