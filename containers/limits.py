"""New limits for a container that stays: what of them is wrong, outside the fence, or too much."""

from contextlib import AbstractContextManager

from access import quotas
from access.actors import Actor
from access.book import book
from access.fence import Breach, Means, breaches
from access.quotas import Amount
from access.targets import ContainerTarget
from containers.run_fence import let_beyond
from engine.specs import ContainerSpec
from engine.update import Update
from hosts.live import engine_of


def check_fence(
    actor: Actor, host: str, changes: Update, now: ContainerSpec, reason: str = ""
) -> str:
    """The reason, if it had to be beyond the fence. Raises Fenced and StepUpNeeded."""
    found = outside(changes, now)
    if not found:
        return ""
    let_beyond(actor, host, found, reason)
    return reason


def outside(changes: Update, now: ContainerSpec) -> list[Breach]:
    """Of what changes; swap is judged beside the memory that it goes with."""
    judged = ContainerSpec("", **changes.changes)
    if changes.memory or changes.memory_swap:
        then = changes.on(now)
        judged = ContainerSpec(
            "", **(changes.changes | {"memory": then.memory, "memory_swap": then.memory_swap})
        )
    return breaches(judged, Means())


def room(target: ContainerTarget, changes: Update) -> AbstractContextManager[None]:
    """Room in its team's quota for what it gets more than it has. Raises OverQuota."""
    held = book()
    team_id = held.owner(target.host, target.id)
    if team_id is None or not (changes.memory or changes.nano_cpus):
        return quotas.grow(None, target.host, Amount())
    row = engine_of(target.host).commands.container(target.id)
    has = quotas.counted(row, held.limits(team_id, target.host))
    more = Amount(
        0,
        max(0, (changes.memory or has.memory) - has.memory),
        max(0, (changes.nano_cpus or has.nano_cpus) - has.nano_cpus),
    )
    return quotas.grow(team_id, target.host, more)
