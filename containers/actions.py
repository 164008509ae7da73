"""The only door to a change of a container: views, the bulk bar, sockets and the API call these.

Each authorises, records intent and result, and returns once the mirror has seen the change.
All raise Denied or Hidden, NotRecorded, and what the engine answers: NotFound, Conflict, Refused,
EngineDown, EngineSilent.
"""

import hashlib
import posixpath
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.utils.translation import gettext as _

from access import beyond, door, ownership, quotas, step_up
from access.actors import Actor
from access.gate import authorize
from access.models import Team
from access.names import check_rename
from access.targets import ContainerTarget, Target
from containers import (
    committing,
    inputs,
    limits,
    originals,
    removals,
    replace_rules,
    replacing,
    running,
    text_files,
)
from containers.inputs import Input
from containers.masked_line import masked_line
from containers.run_fence import fenced
from containers.text_files import TextFile
from engine.command_line import verb_line
from engine.commands import Commands
from engine.commit_spec import CommitSpec
from engine.errors import Conflict, NotFound
from engine.specs import ContainerSpec
from engine.threads import door as loop
from engine.update import Update, limits_of
from hosts.live import engine_of
from images import registries
from jobs import runner as jobs
from jobs.models import Job

STOP_SECONDS = 10
WRITE_SECONDS = 70


def start(actor: Actor, target: ContainerTarget) -> None:
    with changed(actor, "start", target) as engine:
        engine.start(target.id)


def stop(actor: Actor, target: ContainerTarget, timeout: int = STOP_SECONDS) -> None:
    """Ask its main process to end; after ``timeout`` seconds it is killed."""
    with changed(actor, "stop", target, f"--time={timeout}", timeout=timeout) as engine:
        engine.stop(target.id, timeout)


def restart(actor: Actor, target: ContainerTarget, timeout: int = STOP_SECONDS) -> None:
    with changed(actor, "restart", target, f"--time={timeout}", timeout=timeout) as engine:
        engine.restart(target.id, timeout)


def kill(actor: Actor, target: ContainerTarget, signal: str = "SIGKILL") -> None:
    with changed(actor, "kill", target, f"--signal={signal}", signal=signal) as engine:
        engine.kill(target.id, signal)


def pause(actor: Actor, target: ContainerTarget) -> None:
    with changed(actor, "pause", target) as engine:
        engine.pause(target.id)


def unpause(actor: Actor, target: ContainerTarget) -> None:
    with changed(actor, "unpause", target) as engine:
        engine.unpause(target.id)


def rename(actor: Actor, target: ContainerTarget, name: str) -> None:
    with door.judged(actor, "container.rename", target):
        authorize(actor, "container.rename", target)
        check_rename(actor, target, name)
    with changed(actor, "rename", target, after=(name,), name=name) as engine:
        engine.rename(target.id, name)


def update(
    actor: Actor, target: ContainerTarget, changes: Update, beyond_fence: str = ""
) -> tuple[str, ...]:
    """New limits and restart policy while it stays; the engine's warnings. ``beyond_fence`` is the
    reason of somebody who may go there. Raises Fenced, OverQuota and StepUpNeeded too."""
    with door.judged(actor, "container.update", target):
        authorize(actor, "container.update", target)
        now = limits_of(engine_of(target.host).commands.inspect_container(target.id))
        changes = changes.with_swap(now)
        reason = limits.check_fence(actor, target.host, changes, now, beyond_fence)
        room = limits.room(target, changes)
    about: dict[str, Any] = {**changes.said(), **({"beyond_fence": reason} if reason else {})}
    with room, changed(actor, "update", target, *changes.options(), **about) as engine:
        return engine.update(target.id, changes)


def remove(
    actor: Actor, target: ContainerTarget, force: bool = False, volumes: bool = False
) -> None:
    """``force`` kills it first; ``volumes`` takes its anonymous volumes along."""
    options = ["--force"] * force + ["--volumes"] * volumes
    with door.judged(actor, "container.remove", target):
        authorize(actor, "container.remove", target)
        if (target.host, target.id) in replacing.under_way:
            raise Conflict(_("This container is being made anew: wait for that, or cancel it."))
    told: dict[str, Any] = {"force": force, "volumes": volumes}
    act = changed(actor, "remove", target, *options, word="rm", **told)
    with removals.kept(target), act as engine:
        for mount in target.row.mounts if volumes and target.row else ():
            engine_of(target.host).helpers.release(volume=mount.name)
        engine.remove(target.id, force, volumes)


def go_beyond(actor: Actor, target: ContainerTarget, reason: str) -> None:
    """For an hour this login may enter and start it, though it reaches its host. Raises
    StepUpNeeded too."""
    with door.judged(actor, beyond.RIGHT, target):
        authorize(actor, beyond.RIGHT, target)
    step_up.require(actor)
    with door.change(actor, beyond.RIGHT, target, beyond_fence=reason):
        beyond.passes.give(actor, target.host, target.id, reason)


def come_back(actor: Actor, target: ContainerTarget) -> None:
    """Within the fence again: what is open in it ends within seconds."""
    with door.change(actor, beyond.RIGHT, target, back=True):
        beyond.passes.take(actor, target.host, target.id)


def give(actor: Actor, target: ContainerTarget, team: Team | None) -> None:
    """Say whose it is: a team's, or with None nobody's. The team's grants hold for it at once."""
    was, now = ownership.team_of(target.host, target.id), team.slug if team else ""
    with door.change(
        actor, "grant.manage", target, was={"team": was}, now={"team": now}
    ) as outcome:
        outcome.alongside = lambda: ownership.adopted(
            actor, target.host, target.id, team.pk if team else None
        )


def reveal(actor: Actor, target: ContainerTarget, name: str) -> str:
    """A variable's value as the engine has it; the record keeps its name. Raises StepUpNeeded."""
    with door.judged(actor, "container.reveal_env", target):
        authorize(actor, "container.reveal_env", target)
    step_up.require(actor)
    with door.change(actor, "container.reveal_env", target, variable=name):
        config = engine_of(target.host).commands.inspect_container(target.id)["Config"]
        for pair in config.get("Env") or ():
            known, equals, value = pair.partition("=")
            if equals and known == name:
                return str(value)
        raise NotFound(_("This container has no variable %(name)s.") % {"name": name[:200]})


def run(
    actor: Actor, host: str, spec: ContainerSpec, team: str = "", beyond_fence: str = ""
) -> str:
    """Create and start at once, from an image that is here; the new id. Raises NotStarted too.

    ``team`` (a short name) will own it, where the actor has several. Whose it is, is written in
    the transaction of the record's row, also where it did not start. ``beyond_fence`` is the
    reason of somebody who may go there; what is inside needs none.
    """
    target = Target("container", "", spec.name, host)
    with door.judged(actor, running.KIND_NAME, target):
        authorize(actor, running.KIND_NAME, target)
        running.check_image(actor, host, spec)
        owner = running.owner(actor, host, spec, team)
        spec, reason = fenced(actor, host, spec, owner, beyond_fence)
        about = running.params(spec, owner, reason)
        room = quotas.take(owner, host, spec)
    with room, door.change(actor, running.KIND_NAME, target, masked_line(spec), **about) as outcome:
        outcome.alongside = lambda: running.settle(
            host, about, outcome.fields, [] if actor.user_id is None else [actor.user_id]
        )
        try:
            outcome.fields["object_id"] = running.create_and_start(
                host, spec, None if reason else actor
            )
        except running.NotStarted as error:
            outcome.fields["object_id"] = error.container_id
            raise
    return str(outcome.fields["object_id"])


def edit(actor: Actor, target: ContainerTarget, spec: ContainerSpec, beyond_fence: str = "") -> Job:
    """Make it anew as the spec says, under its name: a job, which leaves it as it was where it
    fails at any step. The whole spec is judged as a run's is. Raises Conflict too."""
    return made_anew(actor, target, replacing.EDIT, spec, beyond_fence)


def recreate(actor: Actor, target: ContainerTarget, beyond_fence: str = "") -> Job:
    """Pull its image, and make it anew with the settings that it has where that is another one by
    now: the same kind of job. Raises Conflict and Refused too."""
    return made_anew(actor, target, replacing.RECREATE, None, beyond_fence)


def made_anew(
    actor: Actor,
    target: ContainerTarget,
    right: str,
    spec: ContainerSpec | None,
    beyond_fence: str,
) -> Job:
    with door.judged(actor, right, target):
        authorize(actor, right, target)
        replace_rules.check_free(target)
        old = originals.original(target)
        replace_rules.check_state(old)
        wanted = spec or old.spec
        replace_rules.check_read_only(old, wanted)
        if spec is None:
            replace_rules.reference_of(wanted.image)
        pull = spec is None or replace_rules.wants_pull(actor, target.host, wanted)
        if pull:
            replace_rules.check_pull(actor, target.host, wanted)
        wanted, reason = replace_rules.ruled(actor, target, right, wanted, beyond_fence, pull)
    params = replace_rules.params(target, wanted, reason, old) | {"pull": pull}
    if spec is not None:
        params["spec"] = running.waiting.put(wanted)
    return jobs.start(actor, right, target.host, params)


def commit(actor: Actor, target: ContainerTarget, spec: CommitSpec) -> Job:
    """Make an image of it: a job. Raises Fenced, Conflict where one is being made, TooMany."""
    with door.judged(actor, committing.KIND_NAME, target):
        authorize(actor, committing.KIND_NAME, target)
        team = committing.owner(actor, target, spec.team)
    params = committing.params(target, spec, team)
    with committing.waiting.held(params["commit"]):
        return jobs.start(actor, committing.KIND_NAME, target.host, params)


def pull_and_run(
    actor: Actor, host: str, spec: ContainerSpec, team: str = "", beyond_fence: str = ""
) -> Job:
    """The same as a job that pulls the image first: that needs ``image.pull`` too."""
    target = Target("container", "", spec.name, host)
    with door.judged(actor, running.KIND_NAME, target):
        authorize(actor, "image.pull", Target("image", "", spec.image, host))
        authorize(actor, running.KIND_NAME, target)
        if (reference := running.reference_of(spec)) is not None:
            registries.check_use(actor, reference.registry)
        owner = running.owner(actor, host, spec, team)
        spec, reason = fenced(actor, host, spec, owner, beyond_fence)
    params = running.params(spec, owner, reason) | {"spec": running.waiting.put(spec)}
    with running.waiting.held(params["spec"]):
        return jobs.start(actor, running.KIND_NAME, host, params)


@contextmanager
def changed(
    actor: Actor,
    verb: str,
    target: ContainerTarget,
    *options: str,
    word: str = "",
    after: tuple[str, ...] = (),
    **parameters: Any,
) -> Iterator[Commands]:
    """Guard one verb: its right, audit event and command line; then wait for the mirror."""
    line = verb_line(word or verb, *options, target.name or target.id[:12], *after)
    with door.change(actor, f"container.{verb}", target, line, **parameters):
        engine = engine_of(target.host)
        before = engine.mirror.snapshot.version
        yield engine.commands
        engine.mirror.wait_seen("container", target.id, before)


def give_input(actor: Actor, target: ContainerTarget, given: Input) -> None:
    """Write to its main process as somebody attached would. The record has how much, never what."""
    with door.judged(actor, inputs.RIGHT, target):
        authorize(actor, inputs.RIGHT, target)
        inputs.check_unrecorded(target.host)
    line = verb_line("attach", target.name or target.id[:12])
    told = {"input": True, "typed_bytes": len(given.data), "eof": given.eof}
    with door.change(actor, inputs.RIGHT, target, line, **told):
        inputs.send(target, given)


def write_text(actor: Actor, target: ContainerTarget, old: TextFile, data: bytes) -> None:
    """Put it in the place of ``old``, with its mode and owner; whole or not at all."""
    line = verb_line("cp", posixpath.basename(old.path), f"{target.name}:{old.path}")
    told = {"path": old.path, "size": len(data), "before": old.sha256}
    with door.change(actor, "container.files_write", target, line, **told) as outcome:
        outcome.fields["sha256"] = hashlib.sha256(data).hexdigest()
        engine = engine_of(target.host)
        loop.call(text_files.write(engine, target.id, old, data), WRITE_SECONDS)
