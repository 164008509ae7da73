"""All grants and ownership in memory: the gate asks this, never the database for each object.

A change of a user, team, grant or ownership voids it at its commit. What another process changed
(a management command) is seen after ``FRESH_SECONDS``. Inside a transaction nothing is kept: what
is read there may never be committed.
"""

import fnmatch
import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models.signals import m2m_changed, post_delete, post_save
from django.utils import timezone

from access.models import (
    FencePolicy,
    Grant,
    Holding,
    OwnedContainer,
    Quota,
    Selector,
    Team,
    User,
)
from access.policy import AS_NEW, UNLIMITED, Limits, Policy, limits_from, policy_from
from access.roles import Role, rights_of
from engine.types import ContainerRow

FRESH_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Rule:
    """One grant, ready to be asked. ``fits`` is asked for everything but ownership."""

    id: int
    team_id: int
    team: str
    host: str
    role: Role
    selector: Selector
    value: str
    rights: frozenset[str]
    until: datetime | None
    fits: Callable[[ContainerRow], bool] = field(repr=False, compare=False)

    @property
    def everything(self) -> bool:
        return self.selector is Selector.ALL or self.role is Role.HOST_ADMIN

    def matches(self, row: ContainerRow, owner: int | None) -> bool:
        """Whether the container is within its reach; ``owner`` is the team that has it."""
        if self.everything:
            return True
        if self.selector is Selector.OWNED:
            return owner == self.team_id
        return self.fits(row)

    def live(self, now: datetime) -> bool:
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True)
class Held:
    """Who holds a named object; ``shared`` with everybody who has a grant on its host."""

    teams: frozenset[int] = frozenset()
    users: frozenset[int] = frozenset()
    shared: bool = False


NOBODY = Held()


@dataclass(frozen=True)
class Book:
    """``rules`` are all grants by team, ``teams_of`` the teams of each active user."""

    rules: Mapping[int, tuple[Rule, ...]]
    teams_of: Mapping[int, frozenset[int]]
    owners: Mapping[tuple[str, str], int | None]  # (host, container id) → team
    held: Mapping[tuple[str, str, str], Held]  # (host, kind, name)
    policies: Mapping[str, Policy] = field(default_factory=dict)  # of each host's fence
    quotas: Mapping[tuple[int, str], Limits] = field(default_factory=dict)  # (team, host)

    def rules_for(self, user_id: int | None, host: str = "") -> tuple[Rule, ...]:
        """The person's grants that hold now; of one host where it is named."""
        now = timezone.now()
        return tuple(
            rule
            for team in self.teams_of.get(user_id or 0, ())
            for rule in self.rules.get(team, ())
            if host in ("", rule.host) and rule.live(now)
        )

    def live_rules(self, host: str) -> Iterator[Rule]:
        """Every team's grants on a host that hold now."""
        now = timezone.now()
        for rules in self.rules.values():
            yield from (rule for rule in rules if rule.host == host and rule.live(now))

    def owner(self, host: str, container_id: str) -> int | None:
        return self.owners.get((host, container_id))

    def policy(self, host: str) -> Policy:
        return self.policies.get(host, AS_NEW)

    def limits(self, team_id: int | None, host: str) -> Limits:
        return self.quotas.get((team_id or 0, host), UNLIMITED)

    def holders(self, host: str, kind: str, name: str) -> Held:
        return self.held.get((host, kind, name), NOBODY)


class _Shelf:
    """The newest book. ``voided`` counts changes: a book read before one is not kept after it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._book: Book | None = None
        self._read_at = 0.0
        self._voided = 0

    def void(self) -> None:
        with self._lock:
            self._voided += 1
            self._book = None

    def get(self) -> Book:
        if connection.in_atomic_block:
            return read()
        with self._lock:
            book, seen = self._book, self._voided
            if book is not None and time.monotonic() - self._read_at < FRESH_SECONDS:
                return book
        started, fresh = time.monotonic(), read()
        with self._lock:
            if seen == self._voided:
                self._book, self._read_at = fresh, started
        return fresh


_shelf = _Shelf()


def book() -> Book:
    """What holds now. May query: call it from threads only."""
    return _shelf.get()


def read() -> Book:
    return Book(
        read_rules(),
        read_teams(),
        {
            (host, id): team
            for host, id, team in OwnedContainer.objects.values_list(
                "host", "container_id", "team_id"
            )
        },
        read_holdings(),
        {row.host_id: policy_from(row) for row in FencePolicy.objects.all()},
        {(row.team_id, row.host_id): limits_from(row) for row in Quota.objects.all()},
    )


def read_rules() -> dict[int, tuple[Rule, ...]]:
    found: defaultdict[int, list[Rule]] = defaultdict(list)
    for grant in Grant.objects.select_related("team"):
        found[grant.team_id].append(rule_of(grant))
    return {team_id: tuple(rules) for team_id, rules in found.items()}


def read_teams() -> dict[int, frozenset[int]]:
    found: defaultdict[int, set[int]] = defaultdict(set)
    members = Team.members.through.objects.filter(user__is_active=True)
    for user_id, team_id in members.values_list("user_id", "team_id"):
        found[user_id].add(team_id)
    return {user_id: frozenset(teams) for user_id, teams in found.items()}


def read_holdings() -> dict[tuple[str, str, str], Held]:
    found: defaultdict[tuple[str, str, str], list[tuple[int | None, int | None]]]
    found = defaultdict(list)
    fields = ("host", "kind", "name", "team_id", "user_id")
    for host, kind, name, team_id, user_id in Holding.objects.values_list(*fields):
        found[host, kind, name].append((team_id, user_id))
    return {
        key: Held(
            frozenset(team for team, _user in rows if team is not None),
            frozenset(user for _team, user in rows if user is not None),
            (None, None) in rows,
        )
        for key, rows in found.items()
    }


def rule_of(grant: Grant) -> Rule:
    role, selector = Role(grant.role), Selector(grant.selector)
    return Rule(
        id=grant.pk,
        team_id=grant.team_id,
        team=grant.team.slug,
        host=grant.host_id,
        role=role,
        selector=selector,
        value=grant.value,
        rights=rights_of(role, frozenset(grant.extras)),
        until=grant.until,
        fits=fitting(selector, grant.value),
    )


def fitting(selector: Selector, value: str) -> Callable[[ContainerRow], bool]:
    """The test of a selector by itself. A pattern is compared as a whole, case included."""
    key, _equals, pattern = value.partition("=") if selector is Selector.LABEL else ("", "", value)
    fits = re.compile(fnmatch.translate(pattern or "*")).match
    if not value:
        return lambda row: False
    if selector is Selector.NAME:
        return lambda row: fits(row.name) is not None
    if selector is Selector.PROJECT:
        return lambda row: bool(row.project) and fits(row.project) is not None
    if selector is Selector.IMAGE:
        return lambda row: fits(row.image) is not None
    if selector is Selector.LABEL:
        return lambda row: key in row.labels and fits(row.labels[key]) is not None
    return lambda row: False


def void(**kwargs: Any) -> None:
    """A signal's receiver: at once for this process's readers, again when it is committed."""
    _shelf.void()
    transaction.on_commit(_shelf.void)


def watch() -> None:
    """Called once by the app's ``ready``."""
    for model in (User, Team, Grant, OwnedContainer, Holding, FencePolicy, Quota):
        for signal in (post_save, post_delete):
            signal.connect(void, sender=model, dispatch_uid=f"book {model.__name__}")
    m2m_changed.connect(void, sender=Team.members.through, dispatch_uid="book members")
