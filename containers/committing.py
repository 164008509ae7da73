"""A container made into an image, as a job: the engine writes all of it, then it is named.

Named by a tag at the end, and not by the engine's own call: between the judging of a name and the
end of the copy, minutes may pass. What is asked may hold secrets, so a job's stored parameters
only name it: it waits in memory.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access.actors import Actor
from access.book import book
from access.errors import Denied
from access.names import team_with
from access.secrets import masked_pairs, masked_words
from access.targets import ContainerTarget, Target
from containers import commit_left
from containers.commit_left import Name
from engine.commit_spec import CommitSpec
from engine.engine import Engine
from engine.errors import Conflict, EngineError, NotFound, Refused
from engine.threads import door
from hosts.live import engine_of
from images import allowed, naming
from images.made import actor_of, image_called, links, settle_image
from images.references import parse as reference_of
from jobs import runner
from jobs.errors import Unfinished
from jobs.kinds import Kind, Order, Params, Work
from jobs.progress import Part
from jobs.waiting import Waiting

KIND_NAME = "container.commit"
waiting = Waiting[CommitSpec]()


def owner(actor: Actor, target: ContainerTarget, wanted: str = "") -> int | None:
    """The team that will have the image: ``wanted`` (a short name), else the container's where it
    is the person's, too, else that of the oldest grant. None for a superuser who names none.
    Raises Denied."""
    if not wanted and not actor.reaches_all:
        team_id = book().owner(target.host, target.id)
        rules = book().rules_for(actor.user_id, target.host)
        own = (r.team for r in rules if r.team_id == team_id and KIND_NAME in r.rights)
        wanted = next(own, "")
    return team_with(actor, target.host, KIND_NAME, wanted)


def params(target: ContainerTarget, spec: CommitSpec, team: int | None) -> dict[str, Any]:
    """What the record and the job keep of it: nothing secret."""
    return {
        "commit": waiting.put(spec),
        "container": target.id,
        "name": target.name,
        "reference": spec.reference,
        "variables": sorted(name for name, _value in spec.env),
        "team": team,
    }


def order(host: str, params: Params) -> Order:
    spec = waiting.get(params["commit"])
    row = engine_of(host).mirror.snapshot.containers.get(params["container"])
    target = Target("container", params["container"], params["name"], host)
    return Order(
        key=params["container"],
        title=params["reference"] or params["name"],
        target=ContainerTarget.of(host, row) if row else target,
        command_line=masked_line(spec, params["name"]) if spec else "",
    )


def masked_line(spec: CommitSpec, container: str) -> str:
    env = masked_pairs(spec.env)
    labels = masked_pairs(spec.labels)
    return replace(spec, env=env, labels=labels).line(container, masked_words)


def check(actor: Actor, host: str, params: Params) -> None:
    """Of one that waits: its name, and that no other is made of this container. Raises Denied,
    Conflict."""
    spec = waiting.get(params["commit"])
    if spec is None:
        return  # nothing will be made
    check_name(actor, host, spec)
    for run in runner.running():
        if (run.job.kind, run.job.host) == (KIND_NAME, host):
            other = run.job.params
            if other["container"] == params["container"] and other["commit"] != params["commit"]:
                raise Conflict(_("An image is being made of this container already: wait for it."))


def check_name(actor: Actor, host: str, spec: CommitSpec) -> None:
    """Raises Denied where the name is an image's of others, or of a registry not for this host."""
    if spec.reference:
        allowed.check_registry(actor, host, reference_of(spec.reference).full)
        naming.check_free(actor, host, spec.reference, "reference")


async def run(work: Work) -> dict[str, Any]:
    """``{"image_id", "tags"}``. Raises Unfinished where the name was not free. Whoever cancels has
    none of it, also where it was named by then."""
    spec = waiting.get(work.params["commit"])
    if spec is None:
        raise Refused(_("What was asked for is not kept any more: fill in the form again."))
    actor = await door.run(actor_of, work.user_id)
    engine, label = engine_of(work.host), str(work.params["name"])
    work.progress.put(Part(label, "copying"))
    image_id = await made(engine, str(work.params["container"]), spec)
    work.progress.put(Part(label, "copied", done=True))
    naming = asyncio.ensure_future(door.run(named, work, actor, spec, image_id))
    try:
        name = await asyncio.shield(naming)
    except asyncio.CancelledError:
        door.spawn(commit_left.undo(engine, image_id, naming), "a commit undone")
        raise
    return {"image_id": image_id, "tags": [name.given] if name.given else []}


async def made(engine: Engine, container_id: str, spec: CommitSpec) -> str:
    """The new image's id. The engine makes it also where nobody waits: then it goes again."""
    left, config = await door.run(commit_left.begin, engine, container_id)
    try:
        image_id = await engine.streams.commit(container_id, spec.query(), config)
        await door.run(commit_left.answered, left, image_id)
    except (Refused, NotFound, Conflict):  # it made nothing
        await door.run(commit_left.forget, left)
        raise
    except BaseException:
        commit_left.clear_later(engine, left)
        raise
    return image_id


def named(work: Work, actor: Actor, spec: CommitSpec, image_id: str) -> Name:
    """Judged once more: while it was made, the name may have become another's."""
    engine = engine_of(work.host)
    before, there, given = engine.mirror.snapshot.version, "", ""
    try:
        if spec.reference:
            check_name(actor, work.host, spec)
            there = image_called(engine, spec.reference)
            reference = reference_of(spec.reference)
            engine.commands.tag(image_id, reference.familiar_name, reference.tag)
            given = reference.familiar
    except (EngineError, Denied) as error:
        raise Unfinished(error.message, {"image_id": image_id, "tags": []}) from error
    finally:
        engine.mirror.wait_seen("image", image_id, before)
    if there not in ("", image_id):
        words = _("Before, %(id)s was called %(name)s.")
        work.progress.line(words % {"id": there[:12], "name": given})
    return Name(given, there)


def settle(host: str, params: Params, result: Mapping[str, Any], user_ids: Sequence[int]) -> None:
    """The image has its owner, and is looked for no more."""
    if result.get("image_id"):
        commit_left.kept(host, result["image_id"])
    settle_image(host, params, result, user_ids)


KIND = Kind(
    KIND_NAME,
    gettext_lazy("Commit"),
    run,
    order,
    links,
    settle=settle,
    check=check,
    takes="transfers",
)
