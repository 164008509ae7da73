"""The only door to a change of volumes.

All raise Denied or Hidden, NotRecorded, and what the engine answers.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from django.utils.translation import gettext as _

from access import door, ownership, quotas
from access.actors import Actor
from access.errors import Fenced
from access.gate import authorize
from access.models import Team
from access.names import team_with
from access.quotas import Amount
from access.remedies import remedies
from access.secrets import masked_pairs
from access.sight import seen, sees_all
from access.step_up import require
from access.targets import Target, VolumeTarget
from access.volume_fence import breaches
from containers.run_fence import REASON, may_go_beyond
from containers.running import making as one_at_a_time
from engine.command_line import verb_line
from engine.errors import Conflict
from engine.volume_plan import VolumePlan
from hosts.live import engine_of
from volumes import making


def create(
    actor: Actor, host: str, plan: VolumePlan, team: str = "", beyond_fence: str = ""
) -> str:
    """The new volume's name. ``team`` (a short name) will own it, where the actor has several;
    ``beyond_fence`` is the reason of somebody who may go there. Raises Fenced, OverQuota,
    StepUpNeeded, Conflict where the name is taken."""
    target, commands = Target("volume", "", plan.name, host), engine_of(host).commands
    with door.judged(actor, making.CREATE, target):
        authorize(actor, making.CREATE, target)
        owner = team_with(actor, host, making.CREATE, team)
        making.check_holder(actor, host, plan.name, owner)
        reason = fenced(actor, host, plan, beyond_fence)
        room = quotas.grow(owner, host, Amount(volumes=1))
    about = {"team": owner} | ({REASON: reason} if reason else {})
    # A run makes volumes by naming them: of two that want one name, the second finds it there.
    with (
        room,
        one_at_a_time[host],
        door.change(actor, making.CREATE, target, line_of(plan), **about) as outcome,
    ):
        making.check_free(commands, plan.name)
        commands.create_volume(plan)
        outcome.fields["object_id"] = plan.name
        if owner is not None:
            outcome.alongside = partial(ownership.holds_volume, host, plan.name, owner)
    return plan.name


def fenced(actor: Actor, host: str, plan: VolumePlan, reason: str) -> str:
    """The reason, if it had to be beyond the fence. Raises Fenced, StepUpNeeded."""
    found = breaches(plan)
    if not found:
        return ""
    may_go = may_go_beyond(actor, host)
    told = [(breach.field, breach.reason) for breach in found]
    if may_go and not reason:
        told.append((REASON, _("say why this has to be beyond the fence.")))
    if not may_go or not reason:
        raise Fenced(told, remedies((breach.field for breach in found), host, may_go))
    require(actor)
    return reason


def line_of(plan: VolumePlan) -> str:
    """The equal line, values that look secret masked."""
    shown = replace(
        plan,
        labels=masked_pairs(plan.labels),
        options=masked_pairs(plan.options),
    )
    return verb_line("volume", "create", *shown.words())


def remove(actor: Actor, target: VolumeTarget) -> None:
    """Raises Conflict where containers have it, stopped ones too."""
    engine = engine_of(target.host)
    line = verb_line("volume", "rm", target.name)
    with door.change(actor, "volume.remove", target, line) as outcome:
        engine.helpers.release(volume=target.name)
        try:
            engine.commands.remove_volume(target.name)
        except Conflict as error:
            raise in_use(actor, target, error) from error
        outcome.alongside = partial(ownership.share_volume, target.host, target.name, (), False)


def in_use(actor: Actor, target: VolumeTarget, error: Conflict) -> Conflict:
    """The engine gives the ids of all that have it, others' and our own reader too."""
    snapshot = engine_of(target.host).mirror.snapshot
    sight = seen(actor, target.host, snapshot)
    names = [user.name for user in sight.containers_of_volume(target.name)]
    told = {"name": target.name, "users": ", ".join(names)}
    if names:
        return Conflict(_("%(name)s is in use: remove first %(users)s.") % told)
    if snapshot.containers_of_volume(target.name):
        return Conflict(_("%(name)s is in use by other teams' containers.") % told)
    if sees_all(actor, target.host) and not engine_of(target.host).helpers.hold(target.name):
        return error
    words = _("%(name)s is in use: somebody reads its files just now. Try again soon.")
    return Conflict(words % told)


def give(actor: Actor, target: VolumeTarget, teams: Sequence[Team], shared: bool) -> None:
    """From now on these teams hold it, or with ``shared`` everybody who has a grant there."""
    now = {"teams": [team.slug for team in teams], "shared": shared}
    with door.change(actor, "grant.manage", target, now=now) as outcome:
        outcome.alongside = lambda: ownership.share_volume(
            target.host, target.name, [team.pk for team in teams], shared
        )
