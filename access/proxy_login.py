"""Sign-on by a header that a trusted proxy sets: who it vouches for, on requests and sockets.

What anybody else writes into that header never gets here: ``web.proxied`` reads it where the
peer is known, and only from a trusted one.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from access.identities import KEPT, PROXY, Person

MOST = 255
_GROUPS = re.compile(r"[,|]")
Headers = Iterable[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Vouched:
    """``problem`` says why what the proxy sent names nobody."""

    name: str = ""
    groups: frozenset[str] = frozenset()
    problem: str = ""

    def person(self) -> Person:
        return Person(PROXY, self.name, self.name, self.groups)


def vouched_by(headers: Headers) -> Vouched | None:
    """Whom a trusted proxy vouches for in these headers; None where it says nothing."""
    names = values_of(headers, settings.PROXY_USER_HEADER)
    if not names:
        return None
    groups = values_of(headers, settings.PROXY_GROUPS_HEADER)
    if len(names) > 1 or len(groups) > 1:
        return Vouched(problem="the proxy let a header pass that it also set itself")
    name = names[0].strip()
    if not name or len(name) > MOST or not name.isprintable():
        return Vouched(problem="the name in the proxy's header is empty, too long or unprintable")
    found = (group.strip() for value in groups for group in _GROUPS.split(value))
    return Vouched(name, frozenset(group for group in found if group and group.isprintable()))


def values_of(headers: Headers, name: str) -> list[str]:
    """By its exact name: what a server would make of ``Remote_User`` does not count."""
    wanted = name.encode()
    values = [value for key, value in headers if wanted and key == wanted]
    # What is not UTF-8 stays told apart, and unprintable: two names must never read as one.
    return [value.decode("utf-8", "surrogateescape") for value in values]


def stands(session: Mapping[str, Any], vouched: Vouched | None) -> bool:
    """Whether a session is still that of whom the proxy vouches for.

    One that a proxy opened needs its word each time; one of another person ends with it.
    """
    kept = session.get(KEPT) or {}
    if kept.get("source") == PROXY or vouched is not None:
        return vouched is not None and kept == vouched.person().kept()
    return True
