"""What one person may do and why, and the same from an object's side: for pages, not the gate."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from access.actors import Actor
from access.book import Rule, book
from access.gate import AUDITOR_FLAG, ONESELF, SUPERUSER, Reason, reasons
from access.models import User
from access.rights import RIGHTS, Danger, Right
from access.roles import AUDITOR
from access.targets import ContainerTarget


@dataclass(frozen=True, slots=True)
class Why:
    """One right: where, for what, and through what. ``grant`` is the grant's number."""

    right: str
    title: str
    danger: Danger
    host: str
    covers: str
    through: str
    grant: int | None = None
    until: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        until = self.until.isoformat() if self.until else None
        return asdict(self) | {"danger": self.danger.value, "until": until}


def of_person(user: User) -> list[Why]:
    """Every right that the person has now, by host; an administrator's stand for all hosts."""
    actor = Actor.of_user(user)
    return list(found(actor)) if actor.signed_in else []


def found(actor: Actor) -> Iterator[Why]:
    everywhere = _("everything on every host")
    for right in RIGHTS.values():
        if actor.superuser:
            yield whole(right, everywhere, SUPERUSER)
        elif actor.auditor and right.name in AUDITOR:
            yield whole(right, everywhere, AUDITOR_FLAG)
    for rule in () if actor.superuser else book().rules_for(actor.user_id):
        yield from (why(RIGHTS[name], rule) for name in RIGHTS if name in rule.rights)


def whole(right: Right, covers: str, through: str) -> Why:
    return Why(right.name, str(right.title), right.danger, "", covers, words_of(through))


def why(right: Right, rule: Rule) -> Why:
    return Why(
        right.name,
        str(right.title),
        right.danger,
        rule.host,
        covers(rule, right.name.partition(".")[0]),
        words_of(rule),
        rule.id,
        rule.until,
    )


def covers(rule: Rule, kind: str = "container") -> str:
    """What a grant reaches, of containers or of another kind of object."""
    if kind == "host":
        return _("the host")
    if rule.everything:
        return _("everything on the host")
    if kind != "container":
        return {
            "image": _("the team's images, and those that its containers use"),
            "network": _("the team's networks, shared ones, and those of its containers"),
            "volume": _("the team's volumes, shared ones, and those of its containers"),
            "registry": _("registries that the team was given"),
            "job": _("their own"),
            "audit": _("their own"),
        }[kind]
    return f"{rule.selector.label}: {rule.value}" if rule.value else str(rule.selector.label)


def words_of(reason: Reason) -> str:
    if isinstance(reason, Rule):
        values = {"team": reason.team, "role": reason.role.label, "number": reason.id}
        return _("team %(team)s, grant %(number)d (%(role)s)") % values
    return {
        SUPERUSER: _("is a superuser"),
        AUDITOR_FLAG: _("is an auditor"),
        ONESELF: _("it is their own"),
    }[reason]


@dataclass(frozen=True, slots=True)
class Holder:
    """A person who has a right on an object, and through what."""

    user: User
    through: tuple[str, ...]


def who_can(target: ContainerTarget) -> list[tuple[Right, list[Holder]]]:
    """For each right on a container everybody who has it now."""
    people = [(user, Actor.of_user(user)) for user in User.objects.filter(is_active=True)]
    table = []
    for right in (right for right in RIGHTS.values() if right.name.startswith("container.")):
        holders = []
        for user, actor in people:
            if through := tuple(map(words_of, reasons(actor, right.name, target))):
                holders.append(Holder(user, through))
        table.append((right, holders))
    return table
