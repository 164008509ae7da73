"""One's open sessions: the browsers that somebody is logged in with, and how they are ended.

Ending one deletes its session: ``web.wards`` and ``containers.shell_rights`` then close its
sockets and kill its shells within seconds.
"""

import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth import logout
from django.contrib.sessions.models import Session
from django.db import DatabaseError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from access.actors import hash_of_session
from access.errors import NotRecorded
from access.logins import actors_of
from access.models import Login, User

SEEN_EVERY = 60.0  # seconds: "last seen" is as good as that
MOST_NOTED = 10_000
_noted: dict[str, float] = {}  # digest → when "last seen" was written, time.monotonic()


def begun(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Django's signal: somebody has logged in. What ran out long ago goes at this occasion."""
    Session.objects.filter(expire_date__lt=timezone.now() - timedelta(days=1)).delete()
    if not request.session.session_key:
        request.session.create()
    write(request, user)


@contextmanager
def only_recorded(request: HttpRequest) -> Iterator[None]:
    """Around the record of a login that was just made: where it cannot be written, it ends."""
    try:
        yield
    except NotRecorded:
        logout(request)
        raise


def touch(request: HttpRequest, user: User) -> None:
    """Somebody is here. Written now and then; a session without its row gets one."""
    digest = hash_of_session(request.session.session_key)
    now = time.monotonic()
    if not digest or now - _noted.get(digest, -SEEN_EVERY) < SEEN_EVERY:
        return
    if len(_noted) >= MOST_NOTED:
        _noted.clear()
    with suppress(DatabaseError):  # a page is worth more than when it was looked at
        write(request, user)
        _noted[digest] = now


def write(request: HttpRequest, user: User) -> None:
    key = request.session.session_key or ""
    Login.objects.update_or_create(
        digest=hash_of_session(key),
        defaults={
            "session_id": key,
            "user": user,
            "seen": timezone.now(),
            "address": (request.META.get("REMOTE_ADDR") or "")[:45],
            "browser": request.headers.get("User-Agent", "")[:300],
        },
    )


@dataclass(frozen=True, slots=True)
class Row:
    """An open session as pages show it."""

    login: Login
    browser: str
    this: bool  # the one that asks


def rows(user: User, digest: str) -> list[Row]:
    """The person's open sessions; that of ``digest`` comes first."""
    found = [Row(row, browser_name(row.browser), row.digest == digest) for row in open_of(user)]
    return sorted(found, key=lambda row: not row.this)


def open_of(user: User) -> list[Login]:
    """Those that still stand, the last seen first."""
    rows = list(Login.objects.filter(user=user))
    standing = actors_of({row.session_id for row in rows})
    return [row for row in rows if row.session_id in standing]


def end(logins: Iterable[Login]) -> int:
    """How many of them were still there."""
    keys = [login.session_id for login in logins]
    gone, _by_model = Session.objects.filter(session_key__in=keys).delete()
    return min(gone, len(keys))


def others(request: HttpRequest, user: User) -> list[Login]:
    """All of the person's but the one of this request."""
    this = hash_of_session(request.session.session_key)
    return list(Login.objects.filter(user=user).exclude(digest=this))


BROWSERS = (
    ("Edge", r"Edg(?:e|A|iOS)?/(\d+)"),
    ("Opera", r"OPR/(\d+)"),
    ("Firefox", r"(?:Firefox|FxiOS)/(\d+)"),
    ("Chrome", r"(?:Chrome|CriOS|Chromium)/(\d+)"),
    ("Safari", r"Version/(\d+)[\d.]* (?:Mobile/\w+ )?Safari/"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iOS", "iPhone|iPad"),
    ("Windows", "Windows"),
    ("ChromeOS", "CrOS"),
    ("macOS", "Mac OS X|Macintosh"),
    ("Linux", "Linux|X11"),
)


def browser_name(agent: str) -> str:
    """ "Firefox 128 on Linux", for a person to tell their own apart; it says what it likes."""
    found = ((name, re.search(pattern, agent)) for name, pattern in BROWSERS)
    browser = next((f"{name} {match[1]}" for name, match in found if match), "")
    system = next((name for name, pattern in SYSTEMS if re.search(pattern, agent)), "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or agent[:40] or _("An unknown browser")
