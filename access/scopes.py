"""What a token was given: never more than its maker has, and never a way to more."""

from dataclasses import dataclass

# Whoever had one of these could get at the rest, or at the host.
NEVER = frozenset(
    {
        "token.manage",
        "user.manage",
        "team.manage",
        "grant.manage",
        "host.manage",
        "registry.manage",
        "container.beyond_fence",
    }
)


@dataclass(frozen=True, slots=True)
class Scope:
    """A token's own bounds. ``superuser`` and ``auditor`` are its maker's; ``hosts`` empty: all."""

    token_id: int
    name: str
    rights: frozenset[str]
    hosts: frozenset[str] = frozenset()
    superuser: bool = False
    auditor: bool = False

    def covers(self, right: str, host: str) -> bool:
        """``host`` is "" for what belongs to none: each object there is asked for again."""
        return right in self.rights and right not in NEVER and self.covers_host(host)

    def covers_host(self, host: str) -> bool:
        return not host or not self.hosts or host in self.hosts

    @property
    def label(self) -> str:
        """How the record names it."""
        return f"{self.token_id} {self.name}"
