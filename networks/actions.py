"""The only door to a change of networks, and of which containers are in them.

All raise Denied or Hidden, NotRecorded, and what the engine answers.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from django.utils.translation import gettext as _

from access import door, ownership, quotas
from access.actors import Actor
from access.errors import Fenced
from access.fence import breaches as container_breaches
from access.gate import authorize
from access.holders import holding
from access.models import Team
from access.names import team_with
from access.network_fence import breaches
from access.quotas import Amount
from access.remedies import remedies
from access.secrets import masked_pairs
from access.sight import seen, sees_all
from access.targets import ContainerTarget, NetworkTarget, Target
from containers.run_fence import let_beyond, may_go_beyond, means
from engine.command_line import verb_line
from engine.errors import Conflict, EngineDown, EngineError, EngineSilent
from engine.network_plan import NetworkPlan
from engine.specs import ContainerSpec, NetworkSpec
from hosts.live import engine_of
from networks import making
from networks.usable import users_of

CONNECT, DISCONNECT = "container.connect", "container.disconnect"


def create(
    actor: Actor, host: str, plan: NetworkPlan, team: str = "", beyond_fence: str = ""
) -> str:
    """The new network's id. ``team`` (a short name) will own it, where the actor has several;
    ``beyond_fence`` is the reason of somebody who may go there. Raises Fenced, OverQuota,
    StepUpNeeded."""
    target = Target("network", "", plan.name, host)
    with door.judged(actor, making.CREATE, target):
        authorize(actor, making.CREATE, target)
        owner = team_with(actor, host, making.CREATE, team)
        making.check_name(actor, host, plan.name, owner)
        reason = fenced(actor, host, plan, beyond_fence)
        room = quotas.grow(owner, host, Amount(networks=1))
    about = {"team": owner} | ({"beyond_fence": reason} if reason else {})
    with room, door.change(actor, making.CREATE, target, line_of(plan), **about) as outcome:
        id = engine_of(host).commands.create_network(plan)
        outcome.fields["object_id"] = id
        if owner is not None:
            outcome.alongside = partial(ownership.holds_network, host, plan.name, owner)
    return id


def fenced(actor: Actor, host: str, plan: NetworkPlan, reason: str) -> str:
    """The reason, if it had to be beyond the fence."""
    facts = engine_of(host).mirror.snapshot.facts
    found = breaches(plan, facts.raw if facts else {})
    if not found:
        return ""
    let_beyond(actor, host, found, reason)
    return reason


def line_of(plan: NetworkPlan) -> str:
    """The equal line, values that look secret masked."""
    shown = replace(
        plan,
        labels=masked_pairs(plan.labels),
        options=masked_pairs(plan.options),
    )
    return verb_line("network", "create", *shown.words())


def remove(actor: Actor, target: NetworkTarget) -> None:
    """Raises Conflict where containers are in it."""
    line = verb_line("network", "rm", target.name)
    with door.change(actor, "network.remove", target, line) as outcome:
        try:
            engine_of(target.host).commands.remove_network(target.id)
        except (EngineDown, EngineSilent):
            raise
        except EngineError as error:
            raise in_use(actor, target, error) from error
        outcome.alongside = partial(ownership.let_go, target.host, "network", target.name)


def in_use(actor: Actor, target: NetworkTarget, error: EngineError) -> EngineError:
    """The engine names every container that is in it, others' too: not to everybody."""
    if target.row is None or "endpoint" not in error.message:
        return error
    if sees_all(actor, target.host):
        return Conflict(error.message)
    sight = seen(actor, target.host, engine_of(target.host).mirror.snapshot)
    names = [user.name for user in users_of(target.row, sight) if user.running]
    told = {"name": target.name, "users": ", ".join(names) or _("other teams' containers")}
    return Conflict(_("%(name)s is in use: disconnect first %(users)s.") % told)


def connect(
    actor: Actor, target: ContainerTarget, network: NetworkTarget, wanted: NetworkSpec
) -> None:
    """``wanted`` says its names and addresses there; its own ``name`` counts for nothing. Raises
    Fenced."""
    wanted = replace(wanted, name=network.name)
    with door.judged(actor, CONNECT, target):
        authorize(actor, CONNECT, target)
        authorize(actor, "network.use", network)
        check_joined(actor, target.host, wanted)
    line = verb_line("network", "connect", *flags_of(wanted), network.name, target.name)
    said = {"network": network.name, "network_id": network.id, "aliases": list(wanted.aliases)}
    said |= {key: value for key, value in (("ip", wanted.ip), ("ip6", wanted.ip6)) if value}
    with door.change(actor, CONNECT, target, line, **said):
        engine = engine_of(target.host)
        before = engine.mirror.snapshot.version
        engine.commands.connect(target.id, replace(wanted, name=network.id))
        engine.mirror.wait_seen("container", target.id, before)


def check_joined(actor: Actor, host: str, wanted: NetworkSpec) -> None:
    """The fence of a run: into the team's networks and shared ones. Raises Fenced."""
    spec = ContainerSpec("", networks=(wanted,))
    if found := container_breaches(spec, means(actor, host, spec)):
        told = [(breach.field, breach.reason) for breach in found]
        raise Fenced(told, remedies(("networks",), host, may_go_beyond(actor, host)))


def flags_of(wanted: NetworkSpec) -> list[str]:
    addresses = (("--ip", wanted.ip), ("--ip6", wanted.ip6))
    return [
        *(f"--alias={alias}" for alias in wanted.aliases),
        *(f"{flag}={value}" for flag, value in addresses if value),
    ]


def disconnect(actor: Actor, target: ContainerTarget, network: NetworkTarget) -> None:
    with door.judged(actor, DISCONNECT, target):
        authorize(actor, DISCONNECT, target)
        authorize(actor, "network.see", network)
    line = verb_line("network", "disconnect", network.name, target.name)
    said = {"network": network.name, "network_id": network.id}
    with door.change(actor, DISCONNECT, target, line, **said):
        engine = engine_of(target.host)
        before = engine.mirror.snapshot.version
        engine.commands.disconnect(target.id, network.id)
        engine.mirror.wait_seen("container", target.id, before)


def give(actor: Actor, target: NetworkTarget, teams: Sequence[Team], shared: bool) -> None:
    """From now on these teams hold it, or with ``shared`` everybody who has a grant there."""
    slugs, was_shared = holding(target.host, "network", target.name)
    was = {"teams": slugs, "shared": was_shared}
    now = {"teams": [team.slug for team in teams], "shared": shared}
    with door.change(actor, "grant.manage", target, was=was, now=now) as outcome:
        outcome.alongside = lambda: ownership.share_network(
            target.host, target.name, [team.pk for team in teams], shared
        )
