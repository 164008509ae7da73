"""Which part of a log is asked for: the form, and what it means to the engine."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from containers.log_wire import cursor
from engine.feed import LogRange as LogRange
from engine.types import Cursor

SECOND = 1_000_000_000
DEFAULT_TAIL = 1000
STREAMS = [("", ""), ("stdout", ""), ("stderr", "")]
_AGO = re.compile(r"(\d{1,6})\s*([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def moment(text: str) -> int | None:
    """``15m``, ``2h`` (ago), ``start``, or an ISO date and time, as ns. Raises ValidationError."""
    text = text.strip()
    if text in ("", "start"):
        return None
    try:
        if ago := _AGO.fullmatch(text):
            then = datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
            return max(0, int(then.timestamp() * 1000)) * 1_000_000
        then = datetime.fromisoformat(text)
    except (ValueError, OverflowError):
        raise ValidationError(
            _("Use a time such as 15m, 2h or 2026-01-31T09:30, not %(text)r."),
            params={"text": text},
        ) from None
    if then.tzinfo is None:
        then = then.replace(tzinfo=UTC)
    seconds = int(then.replace(microsecond=0).timestamp())
    return max(0, seconds * SECOND + then.microsecond * 1000)


class LogRangeForm(forms.Form):
    """Fields of the log page, the ticket and the download."""

    tail = forms.RegexField(r"^(\d{1,7}|all)$", required=False)
    since = forms.CharField(max_length=40, required=False)
    until = forms.CharField(max_length=40, required=False)
    since_ns = forms.IntegerField(min_value=0, max_value=2**63 - 1, required=False)
    stream = forms.ChoiceField(choices=STREAMS, required=False)
    after = forms.CharField(max_length=40, required=False)

    def clean_since(self) -> int | None:
        return moment(self.cleaned_data["since"])

    def clean_until(self) -> int | None:
        return moment(self.cleaned_data["until"])

    def clean_after(self) -> Cursor | None:
        text = self.cleaned_data["after"]
        if text and cursor(text) is None:
            raise ValidationError(_("This is no place in a log: %(text)r."), params={"text": text})
        return cursor(text)

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or {}
        since, until = fields.get("since"), fields.get("until")
        if since is not None and until is not None and until < since:
            self.add_error("until", _("The end is before the beginning."))
        return fields

    def range(self) -> LogRange:
        """What was asked for. With a beginning and no tail all of it is meant."""
        fields = self.cleaned_data
        since = fields["since_ns"] if fields["since_ns"] is not None else fields["since"]
        whole = fields["tail"] == "all" or (not fields["tail"] and since is not None)
        return LogRange(
            tail=None if whole else int(fields["tail"] or DEFAULT_TAIL),
            since_ns=since,
            until_ns=fields["until"],
            stdout=fields["stream"] != "stderr",
            stderr=fields["stream"] != "stdout",
            after=fields["after"],
            follow=fields["until"] is None,
        )
