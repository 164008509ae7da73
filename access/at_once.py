"""What a team may have under way at a time on a host: connections, terminals, copies, pulls.

Each is charged to the one of its person's teams with the most room left; a superuser's to none.
"""

import threading
from collections import Counter
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _

from access.actors import Actor
from access.book import book
from access.errors import OverQuota
from access.remedies import remedy

What = Literal["sockets", "shells", "transfers", "pulls"]
TOO_MANY = 429
_lock = threading.Lock()
_busy: Counter[tuple[int, str, str]] = Counter()


@dataclass(slots=True)
class Seat:
    """One place of a team; ``leave`` gives it back, once however often it is called."""

    team_id: int | None
    host: str
    what: What

    def leave(self) -> None:
        with _lock:
            if self.team_id is not None:
                _busy[self.team_id, self.host, self.what] -= 1
                self.team_id = None


NOBODYS = Seat(None, "", "sockets")


@dataclass(frozen=True, slots=True)
class Offer:
    """The teams that it may be charged to: id, short name, the most that it may have."""

    host: str
    what: What
    teams: tuple[tuple[int, str, int | None], ...]

    def take(self) -> Seat:
        """At once, also on the loop. Raises OverQuota (429) where no team has room."""
        if not self.teams:
            return Seat(None, self.host, self.what)
        with _lock:
            team, name, most = max(self.teams, key=self.left)
            if self.left((team, name, most)) >= 1:
                _busy[team, self.host, self.what] += 1
                return Seat(team, self.host, self.what)
        told = {"team": name, "most": most}
        words = _("all %(most)d that the team %(team)s may have at a time are in use: let one end.")
        raise OverQuota(
            self.what, words % told, remedy(self.what, self.host, beyond=False), TOO_MANY
        )

    def left(self, team: tuple[int, str, int | None]) -> float:
        id, _name, most = team
        return float("inf") if most is None else most - under_way(id, self.host, self.what)


def offer(actor: Actor, host: str, what: What) -> Offer:
    """May query: in threads."""
    held = book()
    teams = (
        {} if actor.superuser else {r.team_id: r.team for r in held.rules_for(actor.user_id, host)}
    )
    most = ((id, name, getattr(held.limits(id, host), what)) for id, name in teams.items())
    return Offer(host, what, tuple(most))


def enter(actor: Actor, host: str, what: What) -> Seat:
    """Both at once, from a thread."""
    return offer(actor, host, what).take()


def under_way(team_id: int, host: str, what: str) -> int:
    return _busy[team_id, host, what]
