"""Who somebody is, as a sign-on service says: plain values, and what a session keeps of them."""

from dataclasses import dataclass
from typing import Any

PROXY = "proxy"  # a source; the others are issuers of OpenID providers
KEPT = "sign_on"  # where a session keeps by whom it was opened


@dataclass(frozen=True, slots=True)
class Person:
    """``subject`` is the lasting id that ``source`` gives; ``name`` what a new account may be
    called, and nothing else. ``proved`` is when they last proved there who they are (Unix time)."""

    source: str
    subject: str
    name: str
    groups: frozenset[str] = frozenset()
    proved: float = 0.0

    def kept(self) -> dict[str, Any]:
        return {"source": self.source, "subject": self.subject, "groups": sorted(self.groups)}
