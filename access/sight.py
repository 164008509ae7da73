"""What one person may see of a host and of the record: no number tells what a list hides."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from django.db.models import Q, QuerySet

from access.actors import Actor
from access.book import Book, Rule, book
from access.models import Team
from access.roles import Role
from audit.models import Entry, Recording, Result
from engine.snapshot import Snapshot
from engine.types import ContainerRow, ImageRow

MOST_KEPT = 500
HIDDEN = "hidden"  # the parameter of a denial that answered as if the object were not there
# What a snapshot shows, and the right to see it.
SEEING = {"containers": "container.see", "images": "image.see"}
NOTHING: Any = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Kept:
    """A filtered snapshot, good for this snapshot, book and set of grants."""

    whole: Snapshot
    held: Book
    rules: tuple[Rule, ...]
    part: Snapshot


_kept: dict[tuple[int, str], _Kept] = {}


def seen(actor: Actor, host: str, snapshot: Snapshot) -> Snapshot:
    """The snapshot with what the actor may see of it: counts, users and sharers are theirs too.

    Computed once per person and change, not per request. Not on the loop: it may query.
    """
    part = seen_by_person(actor, host, snapshot)
    closed = [field for field, right in SEEING.items() if not actor.within(right, host)]
    return replace(part, **dict.fromkeys(closed, NOTHING)) if closed else part


def seen_by_person(actor: Actor, host: str, snapshot: Snapshot) -> Snapshot:
    """As if a token had all that its maker has."""
    if not actor.signed_in:
        return replace(snapshot, containers=MappingProxyType({}), images=MappingProxyType({}))
    if actor.reads_all:
        return snapshot
    held = book()
    rules = held.rules_for(actor.user_id, host)
    if any(rule.everything for rule in rules):
        return snapshot
    key = (actor.user_id or 0, host)
    kept = _kept.get(key)
    if kept is None or kept.whole is not snapshot or kept.held is not held or kept.rules != rules:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        kept = _kept[key] = _Kept(
            snapshot, held, rules, part_of(snapshot, held, rules, host, key[0])
        )
    return kept.part


def sees_all(actor: Actor, host: str) -> bool:
    """Whether nothing of the host is hidden from the actor."""
    if actor.reads_all:
        return True
    return any(rule.everything for rule in book().rules_for(actor.user_id, host))


def holds(actor: Actor, host: str, kind: str, name: str) -> bool:
    """Whether a network, volume or image is the actor's, their teams' or shared."""
    held = book()
    rules, holders = held.rules_for(actor.user_id, host), held.holders(host, kind, name)
    mine = (actor.user_id or 0) in holders.users
    return bool(rules) and (
        mine or holders.shared or any(rule.team_id in holders.teams for rule in rules)
    )


def held_names(actor: Actor, host: str, kind: str) -> frozenset[str]:
    """All names of a kind on a host that ``holds`` says yes to."""
    names = (name for at, of, name in book().held if (at, of) == (host, kind))
    return frozenset(name for name in names if holds(actor, host, kind, name))


def teams_told(actor: Actor, host: str) -> dict[int, str]:
    """The short names of the teams that the actor is told of there, by id: all of them to whom
    sees all, else the actor's own."""
    found = Team.objects.all()
    if not sees_all(actor, host):
        found = found.filter(pk__in=book().teams_of.get(actor.user_id or 0, ()))
    return dict(found.values_list("pk", "slug"))


def part_of(
    snapshot: Snapshot, held: Book, rules: tuple[Rule, ...], host: str, user_id: int
) -> Snapshot:
    containers = {row.id: row for row in visible(snapshot, held, rules, host)}
    used = {row.image_id for row in containers.values()}
    images: dict[str, ImageRow] = {}
    for id, row in snapshot.images.items():
        holders = held.holders(host, "image", id)
        mine = user_id in holders.users or any(rule.team_id in holders.teams for rule in rules)
        if rules and (id in used or mine or holders.shared):
            images[id] = row
    return replace(
        snapshot, containers=MappingProxyType(containers), images=MappingProxyType(images)
    )


def visible(
    snapshot: Snapshot, held: Book, rules: tuple[Rule, ...], host: str
) -> Iterator[ContainerRow]:
    for row in snapshot.containers.values():
        owner = held.owner(host, row.id)
        if any(rule.matches(row, owner) for rule in rules):
            yield row


def entries(actor: Actor) -> QuerySet[Entry]:
    """The rows of the record that the actor may read: all, those of their hosts, their own, but
    of their own none that names what is hidden from them."""
    found = Entry.objects.all()
    if actor.scope is not None and actor.scope.hosts:
        found = found.filter(host__in=actor.scope.hosts)
    if actor.reads_all:
        return found
    if not actor.signed_in:
        return found.none()
    rules = book().rules_for(actor.user_id)
    hosts = {rule.host for rule in rules if rule.role is Role.HOST_ADMIN}
    shown = ~Q(result=Result.DENIED) | Q(**{f"parameters__{HIDDEN}__isnull": True})
    return found.filter((Q(user_id=str(actor.user_id)) & shown) | Q(host__in=hosts))


def recordings(actor: Actor) -> QuerySet[Recording]:
    """The recordings that the actor may play: all, those of their hosts, their own."""
    found = Recording.objects.all()
    if actor.reads_all:
        return found
    rules = [rule for rule in book().rules_for(actor.user_id) if "audit.see" in rule.rights]
    hosts = {rule.host for rule in rules if rule.role is Role.HOST_ADMIN}
    own = Q(user_id=str(actor.user_id), host__in={rule.host for rule in rules})
    return found.filter(own | Q(host__in=hosts))
