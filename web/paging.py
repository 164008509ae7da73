"""Pages by cursor: a cursor says behind which item to go on, so that nothing is told twice or
left out while others come and go. Its key never changes while the item is there."""

import base64
import json
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from web.problems import Problem

T = TypeVar("T")
Key = tuple[str, ...]


def page(
    items: Iterable[T], key: Callable[[T], Key], cursor: str, limit: int
) -> tuple[list[T], str | None]:
    """At most ``limit`` items behind the cursor, by ascending key, and the cursor of the rest."""
    behind = key_of(cursor) if cursor else ()
    ordered = sorted((item for item in items if key(item) > behind), key=key)
    return cut(ordered, key, limit)


def cut(items: list[T], key: Callable[[T], Key], limit: int) -> tuple[list[T], str | None]:
    """The first ``limit`` of what is in order already."""
    shown = items[:limit]
    return shown, cursor_of(key(shown[-1])) if len(items) > limit else None


def cursor_of(key: Key) -> str:
    text = json.dumps(key, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def key_of(cursor: str) -> Key:
    """Raises Problem 422 for what no page of ours gave."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        key: Any = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, RecursionError):
        key = None
    if not isinstance(key, list) or not key or not all(isinstance(part, str) for part in key):
        words = _("This is no cursor of a page: begin without one.")
        raise Problem(422, words, [("cursor", words)])
    return tuple(key)
