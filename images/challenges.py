"""``WWW-Authenticate`` of a registry. Pure."""

import re
from dataclasses import dataclass

_PAIR = re.compile(r'([a-zA-Z]+)\s*=\s*(?:"([^"]*)"|([^\s,"]+))')


@dataclass(frozen=True, slots=True)
class Challenge:
    """``scheme`` is basic or bearer; a bearer's ``realm`` is the token server's address."""

    scheme: str
    realm: str = ""
    service: str = ""
    scope: str = ""


def parse_challenge(header: str) -> Challenge | None:
    """The challenge, or None for a scheme that registries do not use."""
    scheme, _, rest = header.strip().partition(" ")
    if scheme.lower() not in ("basic", "bearer"):
        return None
    found = {match[1].lower(): match[2] or match[3] or "" for match in _PAIR.finditer(rest)}
    return Challenge(
        scheme.lower(), found.get("realm", ""), found.get("service", ""), found.get("scope", "")
    )
