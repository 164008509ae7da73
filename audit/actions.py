"""The doors to an export and to a verification: both are recorded before and after."""

import hashlib
import threading
from collections import Counter
from collections.abc import AsyncGenerator
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access import door
from access.actors import Actor
from access.errors import Denied
from access.targets import SITE, Target
from audit.export import Export
from audit.models import Entry, Result
from audit.walk import Walk
from engine import threads
from jobs import runner
from jobs.errors import Unfinished
from jobs.kinds import Kind, Order, Params, Work
from jobs.models import Job
from web.reading import Reading

MOST_EXPORTS = 2  # of one person at a time
AWAY = "the reader went away"


class TooMany(Denied):
    """One person has as many exports under way as are allowed: 429."""

    status = 429


_under_way: Counter[int] = Counter()
_lock = threading.Lock()


def export(
    actor: Actor, found: QuerySet[Entry], form: str, text: str, command_line: str = ""
) -> Reading:
    """What is found, as ``csv`` or ``jsonl``; ``text`` is the filter, for the record.

    Raises Denied, TooMany, NotRecorded. The result is recorded at the end of the file, with how
    many rows and bytes went, and their sha256; or with where the reader went away.
    """
    user_id = actor.user_id or 0
    take(user_id)
    try:
        outcome = door.begin(
            actor, "audit.export", Target("site"), command_line, form=form, filter=text
        )
        sending = Sending(Export(found, form), outcome, user_id)
    except BaseException:
        leave(user_id)
        raise
    return Reading(sending.pieces(), sending.over, "an export of the record")


def take(user_id: int) -> None:
    with _lock:
        if _under_way[user_id] >= MOST_EXPORTS:
            raise TooMany(_("You have two exports under way already: let one end first."))
        _under_way[user_id] += 1


def leave(user_id: int) -> None:
    with _lock:
        _under_way[user_id] -= 1


class Sending:
    """One export from its intent to its result."""

    def __init__(self, export: Export, outcome: door.Outcome, user_id: int) -> None:
        self._export, self._outcome, self._user_id = export, outcome, user_id
        self._digest, self._size = hashlib.sha256(), 0
        self._result, self._reason = Result.FAILED, AWAY

    async def pieces(self) -> AsyncGenerator[bytes]:
        pieces = self._export.pieces()
        try:
            while piece := await threads.door.run(next, pieces, b""):
                self._digest.update(piece)
                self._size += len(piece)
                yield piece
            self._result, self._reason = Result.OK, ""
        except Exception as error:
            self._reason = str(error) or type(error).__name__
            raise

    async def over(self) -> None:
        leave(self._user_id)
        self._outcome.fields |= {
            "bytes": self._size,
            "sha256": self._digest.hexdigest(),
            "parameters": {**self._outcome.row["parameters"], "rows": self._export.rows},
        }
        await threads.door.run(door.finish, self._outcome, self._result, self._reason)


def verify(actor: Actor) -> Job:
    """Start or join a walk through the whole chain. Raises TooMany."""
    return runner.start(actor, VERIFY.name, "", {})


def order(host: str, params: Params) -> Order:
    return Order("", str(_("the audit log")), SITE, "manage.py audit verify")


async def run(work: Work) -> dict[str, Any]:
    """``{"rows", "sha256"}``: the latter is the head. Fails with the first broken row."""
    walk = Walk()
    while await threads.door.run(walk.step):
        work.progress.line(_("%(n)d rows verified") % {"n": walk.rows})
    result = {"rows": walk.rows, "sha256": walk.head}
    if walk.broken is not None:
        raise Unfinished(str(walk.broken), result)
    return result


VERIFY = Kind(
    name="audit.verify",
    title=gettext_lazy("Verify"),
    run=run,
    order=order,
    most_per_person=1,
)
