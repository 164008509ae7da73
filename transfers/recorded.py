"""Downloads of which the record says how they ended, with the bytes and their sha256."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from access import door
from audit.models import Result
from engine.errors import EngineSilent
from engine.threads import door as loop
from transfers import downloads

FIRST_BYTE_SECONDS = 30


def begin(
    owner: int,
    name: str,
    size: int | None,
    source: downloads.Source,
    outcomes: Sequence[door.Outcome],
    of: str = "",
) -> downloads.Download:
    """As ``downloads.begin``; the outcomes end when the engine has given the last byte."""

    def ended(download: downloads.Download) -> None:
        for outcome in outcomes:
            record(outcome, download)

    try:
        return downloads.begin(owner, name, size, source, ended, of)
    except BaseException as error:
        for outcome in outcomes:
            door.finish(outcome, Result.FAILED, str(error) or type(error).__name__)
        raise


def record(outcome: door.Outcome, download: downloads.Download) -> None:
    """What was read, whole or up to an error; its reader may be slower."""
    outcome.fields["bytes"] = download.written
    if download.error is None:
        outcome.fields["sha256"] = download.sha256
        door.finish(outcome, Result.OK)
    else:
        door.finish(outcome, Result.FAILED, str(download.error) or "interrupted")


def need_first_byte(download: downloads.Download) -> None:
    """In a thread: wait for it, so that what fails at once is an answer and no broken file."""
    try:
        loop.call(download.begun(), FIRST_BYTE_SECONDS)
    except TimeoutError as error:
        raise EngineSilent(_("no byte of the file came in time.")) from error
