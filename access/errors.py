"""What the gate answers when it does not open."""

import math
from collections.abc import Sequence
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class Denied(Exception):
    """May see the object, may not do this to it: 403."""

    status = 403

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Beyond(Denied):
    """The container reaches its host: who may go beyond the fence of it may do this then."""

    def __init__(self, message: str, host: str, container_id: str) -> None:
        super().__init__(message)
        self.host, self.container_id = host, container_id


class Hidden(Denied):
    """May not even know of the object: 404, the same as if it were not there."""

    status = 404

    def __init__(self, message: str = "") -> None:
        super().__init__(message or _("There is no such object here."))


class Fenced(Denied):
    """The fence refuses some fields: ``breaches`` are (field, reason), ``remedies`` sentences of
    who can change that; 403."""

    def __init__(self, breaches: list[tuple[str, str]], remedies: Sequence[str] = ()) -> None:
        words = [f"{field}: {reason}" for field, reason in breaches]
        super().__init__(" ".join([*words, *remedies]))
        self.breaches, self.remedies = breaches, remedies


class OverQuota(Fenced):
    """A team has as much of something as it may: 409; ``status`` 429 of what ends by itself."""

    def __init__(self, field: str, reason: str, remedy: str, status: int = 409) -> None:
        super().__init__([(field, reason)], [remedy])
        self.status = status


class NotRecorded(Denied):
    """The audit intent could not be written, so the change is refused: 507."""

    status = 507


class StepUpNeeded(Denied):
    """May do this, once the person has proved again who they are: 403."""

    def __init__(self) -> None:
        super().__init__(_("Confirm that it is you: this asks for your password again."))


class TooSoon(Exception):
    """Somebody failed too often: 429. ``first``: nobody was told so since the last failure."""

    status = 429

    def __init__(self, wait: timedelta, first: bool = False) -> None:
        super().__init__("too soon")
        self.seconds = max(1, math.ceil(wait.total_seconds()))
        self.first = first

    @property
    def message(self) -> str:
        if self.seconds < 100:
            words = ngettext(
                "Too many failed tries: wait for %(count)d second, then try again.",
                "Too many failed tries: wait for %(count)d seconds, then try again.",
                self.seconds,
            )
            return words % {"count": self.seconds}
        minutes = math.ceil(self.seconds / 60)
        return _("Too many failed tries: wait for %(count)d minutes, then try again.") % {
            "count": minutes
        }
