"""What the filter box of events understands; its grammar is ``web.filters``. Pure."""

import re
from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from events.rows import Happened
from web.filters import Grammar, Shape, has_label

KINDS = ("container", "image", "volume", "network", "daemon", "plugin", "builder")
AGE = re.compile(r"(\d{1,5})([smhdw])")
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def in_text(row: Happened, value: str, now: datetime) -> bool:
    words = (row.name, row.action, row.container)
    return row.id.startswith(value) or any(value in word.casefold() for word in words)


def is_action(row: Happened, value: str, now: datetime) -> bool:
    """``die``, or ``exec_*`` for all that begin so."""
    action = row.action.casefold()
    if value.endswith("*"):
        return action.startswith(value[:-1])
    return value in (action, action.partition(":")[0])


def is_since(row: Happened, value: str, now: datetime) -> bool:
    found = AGE.fullmatch(value)
    return found is not None and row.at >= now - timedelta(**{UNITS[found[2]]: int(found[1])})


GRAMMAR: Grammar[Happened] = Grammar(
    tests={
        "": in_text,
        "type": lambda row, value, now: row.kind == value,
        "action": is_action,
        "object": lambda row, value, now: value in row.name.casefold() or row.id.startswith(value),
        "container": lambda row, value, now: (
            value in (row.name if row.kind == "container" else row.container).casefold()
        ),
        "image": lambda row, value, now: (
            any(key == "image" and value in text.casefold() for key, text in row.told)
            or (row.kind == "image" and value in row.name.casefold())
        ),
        "id": lambda row, value, now: row.id.startswith(value.removeprefix("sha256:")),
        "label": lambda row, value, now: has_label(row.labels, value),
        "since": is_since,
    },
    words={"type": KINDS},
    shapes={"since": Shape(AGE, _("since:%(value)s is no time: write 90s, 10m, 2h or 1d."))},
)
