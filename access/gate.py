"""The one gate: everything is denied unless a grant, or who one is, says otherwise."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace

from django.utils.translation import gettext as _

from access import beyond
from access.actors import Actor
from access.book import Book, Rule, book
from access.dangers import GUARDED, dangers, looked_at, row_of
from access.errors import Beyond, Denied, Hidden
from access.reach import reaches
from access.remedies import remedy
from access.rights import PUBLIC, RIGHTS, SIGNED_IN
from access.roles import AUDITOR
from access.targets import StartedTarget, Target
from engine.types import ContainerRow

SUPERUSER, AUDITOR_FLAG, ONESELF = "superuser", "auditor", "oneself"
Reason = Rule | str
# The right that makes an object known: without it the object is hidden, with it only closed.
SEEING = {
    "site": "host.see",
    "host": "host.see",
    "container": "container.see",
    "image": "image.see",
    "network": "network.see",
    "volume": "volume.see",
    "registry": "registry.use",
    "job": "job.see",
    "recording": "audit.see",
    "user": "user.see",
    "team": "team.see",
    "grant": "team.see",
    "token": "token.manage",
}
# What everybody may with what is their own: see who they are, end the tokens that they made.
OWN = {"user": "user.see", "token": "token.manage"}
log = logging.getLogger("access")


def authorize(actor: Actor, right: str, target: Target) -> None:
    """Return when the actor may; raise Hidden (404) or Denied (403) when not.

    A check that fails to run denies. Asks the database at most for the book: not on the loop.
    """
    if right == PUBLIC:
        return
    if not actor.signed_in:
        raise Hidden
    if right == SIGNED_IN and actor.scope is None:  # one's own account: no token's business
        return
    try:
        open_to = allowed(actor, right, target)
        known = open_to or allowed(actor, SEEING.get(target.kind, ""), target)
    except Exception as error:
        log.exception("The gate could not judge %s on %s: denied", right, target.kind)
        raise Hidden from error
    if open_to:
        return
    if not known:
        raise Hidden
    raise refusal(actor, right, target)


def refusal(actor: Actor, right: str, target: Target) -> Denied:
    """Why somebody may not who may know of it."""
    guarded = right in GUARDED and target.kind == "container"
    if guarded and (why := dangers(looked_at(target))):
        return Beyond(beyond_words(target.host, why), target.host, target.id)
    what = {"right": RIGHTS[right].title if right in RIGHTS else right}
    if not actor.within(right, target.host):
        return Denied(_("This token was not given that: %(right)s.") % what)
    return Denied(_("None of your grants allows this here: %(right)s.") % what)


def beyond_words(host: str, why: Iterable[str]) -> str:
    words = _("This container reaches its host, which is beyond the fence (%(why)s).")
    how = remedy("", host, book().policy(host).beyond)
    return f"{words % {'why': ', '.join(why)}} {how}"


def may(actor: Actor, right: str, target: Target) -> bool:
    """Whether the gate would open: for what a page shows, never in place of the gate."""
    try:
        authorize(actor, right, target)
    except Denied:
        return False
    return True


def allowed(actor: Actor, right: str, target: Target) -> bool:
    return next(reasons(actor, right, target), None) is not None


def those_of(actor: Actor, rights: Iterable[str], target: Target) -> tuple[str, ...]:
    """Those of the rights that ``may`` says yes to. For lists, which ask several of each row: the
    grants are looked up once for all of them."""
    if not actor.signed_in:
        return ()
    try:
        known = shown(actor, rights, target)
        if actor.reaches_all:
            return known
        held = book()
        rules = held.rules_for(actor.user_id, target.host)
        return tuple(
            right
            for right in known
            if any(by_oneself(actor, right, target))
            or any(by_grants(actor, right, target, held, rules))
        )
    except Exception:
        log.exception("The gate could not judge rights on %s: denied", target.kind)
        return ()


def shown(actor: Actor, rights: Iterable[str], target: Target) -> tuple[str, ...]:
    """Without those that are held back. What nobody has looked into yet is a superuser's to try:
    it is looked into when they do."""
    row = row_of(target)
    known = [right for right in rights if right in RIGHTS]
    if actor.superuser and row is not None and row.dangers is None:
        row = replace(row, dangers=())
    return tuple(right for right in known if not held_back(actor, right, target, row))


def held_back(actor: Actor, right: str, target: Target, row: ContainerRow | None) -> bool:
    """What neither a grant nor who one is gives by itself: what a token was not given, and what
    is beyond the fence."""
    if not actor.within(right, target.host):
        return True
    if right == beyond.RIGHT:
        return not book().policy(target.host).beyond
    if right not in GUARDED or target.kind != "container" or not target.id:
        return False
    if row is None:  # nothing is there: a superuser is told so
        return not actor.superuser
    return bool(dangers(row)) and fenced_off(actor, target)


def fenced_off(actor: Actor, target: Target) -> bool:
    """Whether the person has not gone beyond the fence of this container, or may not any more."""
    if not beyond.passes.reason(actor, target.host, target.id):
        return True
    return not allowed(actor, beyond.RIGHT, target)


def reasons(actor: Actor, right: str, target: Target) -> Iterator[Reason]:
    """Why the actor may: who they are, or each grant that says so. Nothing where they may not."""
    if not actor.signed_in or right not in RIGHTS:
        return
    if held_back(actor, right, target, looked_at(target) if right in GUARDED else None):
        return
    yield from by_oneself(actor, right, target)
    held = book()
    yield from by_grants(actor, right, target, held, held.rules_for(actor.user_id, target.host))


def by_oneself(actor: Actor, right: str, target: Target) -> Iterator[Reason]:
    if actor.reaches_all:
        yield SUPERUSER
    elif actor.reads_all and right in AUDITOR:
        yield AUDITOR_FLAG
    if OWN.get(target.kind) == right and owner_of(target) == str(actor.user_id):
        yield ONESELF


def owner_of(target: Target) -> str:
    """Who a person's own object is of: themselves, or who made the token."""
    return target.user_id if isinstance(target, StartedTarget) else target.id


def by_grants(
    actor: Actor, right: str, target: Target, held: Book, rules: Iterable[Rule]
) -> Iterator[Reason]:
    for rule in rules:
        if right in rule.rights and reaches(held, rule, right, target, actor.user_id or 0):
            yield rule
