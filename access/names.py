"""Names and labels are chosen by whoever creates a container, and grants may go by them.

So a member creates and renames only within the team's own reach: nobody gains a right by a name,
and nobody plants a container among another team's.
"""

from dataclasses import replace
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from access.actors import Actor
from access.book import Book, Rule, book
from access.errors import Denied
from access.models import Selector, Team
from access.targets import ContainerTarget
from engine.helpers import PREFIX
from engine.types import ContainerRow

CHOSEN = (Selector.NAME, Selector.LABEL, Selector.PROJECT)
CREATE, RENAME = "container.create", "container.rename"


def planned(name: str, labels: dict[str, str], image: str) -> ContainerRow:
    """A container that is not made yet, as selectors see it."""
    return ContainerRow("", name, image, "", "", datetime.now(UTC), "created", "", labels=labels)


def team_for(actor: Actor, host: str, row: ContainerRow, wanted: str = "") -> int | None:
    """The team that will own it: ``wanted`` (a team's short name), else by the oldest grant that
    covers it. None for a superuser who names none. Raises Denied with the rule that it breaks."""
    held = book()
    mine = [rule for rule in held.rules_for(actor.user_id, host) if CREATE in rule.rights]
    fitting = sorted(
        (rule for rule in mine if wanted in ("", rule.team) and rule.matches(row, rule.team_id)),
        key=lambda rule: rule.id,
    )
    if actor.reaches_all:
        return any_team(wanted) if wanted else None
    refusal = Denied(_("name, labels: none of your grants covers such a container."))
    for rule in fitting:
        try:
            if not rule.everything:
                refuse_foreign(held, host, row, rule.team_id)
            return rule.team_id
        except Denied as denied:
            refusal = denied
    raise refusal


def check_made(host: str, row: ContainerRow, team_id: int | None) -> None:
    """Of one whose labels are known in full only now. Raises Denied where they plant it within
    another team's reach."""
    held = book()
    own = [rule for rule in held.live_rules(host) if rule.team_id == team_id]
    if team_id is not None and not any(rule.everything for rule in own):
        refuse_foreign(held, host, row, team_id)


def any_team(slug: str) -> int:
    team = Team.objects.filter(slug=slug).first()
    if team is None:
        raise Denied(_("team: there is no team %(slug)s.") % {"slug": slug})
    return team.pk


def team_with(actor: Actor, host: str, right: str, wanted: str = "") -> int | None:
    """The team that will have what is made by ``right``, whatever its name: ``wanted`` (a short
    name), else that of the oldest grant. None for a superuser who names none. Raises Denied."""
    if actor.reaches_all:
        return any_team(wanted) if wanted else None
    rules = book().rules_for(actor.user_id, host)
    mine = [rule for rule in rules if right in rule.rights and wanted in ("", rule.team)]
    if not mine:
        raise Denied(_("team: none of your grants allows this here for it."))
    return min(mine, key=lambda rule: rule.id).team_id


def teams_to_own(actor: Actor, host: str, right: str = CREATE) -> list[Team]:
    """The teams that a new container may belong to, where there is a choice: a superuser's are
    all, beside nobody; else those through which the person runs containers there, if several.
    The same of what another ``right`` makes."""
    if actor.reaches_all:
        return list(Team.objects.all())
    rules = book().rules_for(actor.user_id, host)
    found = {rule.team_id for rule in rules if right in rule.rights}
    return list(Team.objects.filter(pk__in=found)) if len(found) > 1 else []


def check_rename(actor: Actor, target: ContainerTarget, name: str) -> None:
    """Raises Denied where the new name would move it into or out of somebody's reach, or is one of
    our own helpers': with a label of its image it would be hidden as they are."""
    if name.startswith(PREFIX):
        raise Denied(_("name: names that begin with %(word)s are ours.") % {"word": PREFIX})
    if actor.reaches_all or target.row is None:
        return
    words = (
        _("name: under this name it would be out of your team's reach."),
        _("name: under this name you would have more rights on it than now."),
    )
    check_moved(actor, target, replace(target.row, name=name), RENAME, words)


def check_changed(actor: Actor, target: ContainerTarget, new: ContainerRow, right: str) -> None:
    """Raises Denied where other labels or another image would move it into or out of somebody's
    reach."""
    words = (
        _("labels, image: with these it would be out of your team's reach."),
        _("labels, image: with these you would have more rights on it than now."),
    )
    check_moved(actor, target, new, right, words)


def check_moved(
    actor: Actor, target: ContainerTarget, new: ContainerRow, right: str, words: tuple[str, str]
) -> None:
    """``words`` say that it leaves the actor's reach, or comes further into it."""
    if actor.reaches_all or target.row is None:
        return
    held, old = book(), target.row
    owner = held.owner(target.host, target.id)
    rules = held.rules_for(actor.user_id, target.host)
    if any(rule.everything and right in rule.rights for rule in rules):
        return
    if right not in gained(rules, new, owner):
        raise Denied(words[0])
    if gained(rules, new, owner) - gained(rules, old, owner):
        raise Denied(words[1])
    refuse_foreign(held, target.host, new, owner, old)


def gained(rules: tuple[Rule, ...], row: ContainerRow, owner: int | None) -> set[str]:
    return {right for rule in rules if rule.matches(row, owner) for right in rule.rights}


def refuse_foreign(
    held: Book, host: str, row: ContainerRow, own: int | None, old: ContainerRow | None = None
) -> None:
    """Raises Denied where another team's grant goes by this name or label, and did not before."""
    for rule in held.live_rules(host):
        if rule.team_id == own or rule.selector not in CHOSEN or not rule.fits(row):
            continue
        if old is None or not rule.fits(old):
            field = "name" if rule.selector is Selector.NAME else "labels"
            raise Denied(_("%(field)s: this is within another team's reach.") % {"field": field})
