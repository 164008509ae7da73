"""The recording of one terminal, where its host wants one: off, on or required (hosts.models)."""

import errno
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.utils import translation
from django.utils.translation import gettext as _

from access.errors import NotRecorded
from audit import shelf
from audit.models import Recording as Row
from audit.scribe import scribe
from audit.shelf import Whose
from audit.tape import Tape, Trouble
from containers.shell_ends import End, EndKind
from containers.terminal_wire import Size
from hosts.models import Host, Recording
from web.sizes import size_text

OFF, ON, FAILED = "off", "on", "failed"


class ShellTape:
    """``begin`` and ``close`` in threads, the rest on the loop.

    ``state`` is off, on or failed, ``reason`` the sentence of a failure. ``finish`` ends the
    terminal, ``changed`` says that the state is another.
    """

    def __init__(
        self, language: str, finish: Callable[[End], None], changed: Callable[[], None]
    ) -> None:
        self.state, self.reason = OFF, ""
        self.required = False
        self._language, self._finish, self._changed = language, finish, changed
        self._row: Row | None = None
        self._tape: Tape | None = None

    def begin(self, whose: Whose, size: Size) -> None:
        """Raises NotRecorded where there must be a recording and can be none."""
        wanted = Host.objects.filter(slug=whose.host).values_list("recording", flat=True).first()
        self.required = wanted == Recording.REQUIRED
        if wanted in (None, Recording.OFF):
            return
        try:
            self._row, self._tape = shelf.begin(whose, size.cols, size.rows, self._trouble)
            self.state = ON
        except (OSError, DatabaseError) as error:
            self._failed(error)
            if self.required:
                raise NotRecorded(self.reason) from error

    def rolls(self) -> None:
        """From now on what is taken is written."""
        if self._tape is not None:
            scribe.add(self._tape)

    def take(self, data: bytes) -> None:
        if self._tape is not None:
            self._tape.take(data)
            scribe.look(self._tape)

    def resize(self, size: Size) -> None:
        if self._tape is not None:
            self._tape.resize(size.cols, size.rows)

    async def room(self) -> None:
        """Wait for a disk that is slower than the terminal, within bounds."""
        if self._tape is not None:
            await self._tape.room()

    def stops(self) -> None:
        if self._tape is not None:
            scribe.discard(self._tape)

    def close(self) -> dict[str, Any]:
        """Seal it; what the terminal's row in the record says of it."""
        if self._row is None or self._tape is None:
            return {"recording": self.state} if self.state == FAILED else {}
        sealed = self._tape.close()
        with translation.override("en"):
            note = detail(self._tape.error) if self._tape.error else ""
        shelf.seal(self._row, sealed, note)
        return {
            "sha256": sealed.sha256,
            "recording": self._row.id,
            "recording_bytes": sealed.size,
            "recording_state": self._row.state,
        }

    def facts(self) -> dict[str, str]:
        """For the browser."""
        return {"recording": self.state, "recording_reason": self.reason}

    def _trouble(self, tape: Tape, trouble: Trouble) -> None:
        if trouble is Trouble.FULL:
            self._finish(End(EndKind.RECORDING_FULL, detail=size_text(settings.RECORDING_BYTES)))
            return
        self._failed(tape.error)
        if self.required:
            with translation.override(self._language):
                self._finish(End(EndKind.UNRECORDED, detail=detail(tape.error)))
        else:
            self._changed()

    def _failed(self, error: Exception | None) -> None:
        self.state = FAILED
        with translation.override(self._language):
            words = (
                _("This host records terminals, and this one cannot be recorded: %(why)s.")
                if self.required
                else _("This terminal is not recorded: %(why)s.")
            )
            self.reason = words % {"why": detail(error)}


def detail(error: Exception | None) -> str:
    """Why nothing can be written, as part of a sentence."""
    number = getattr(error, "errno", None)
    if isinstance(error, shelf.NoSpace) or number in (errno.ENOSPC, errno.EDQUOT):
        return _("the disk of the server is full")
    if isinstance(error, TimeoutError):
        return _("the disk of the server is too slow")
    if isinstance(error, DatabaseError):
        return _("the database cannot be written")
    return getattr(error, "strerror", None) or str(error)
