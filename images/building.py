"""Builds as jobs: bases are pulled, the engine builds, names are given, nothing half-made stays.

A build's arguments may be secrets, so a job's stored parameters only name it: it waits in memory.
"""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access import ownership, quotas
from access.actors import Actor
from access.book import book
from access.errors import Denied
from access.gate import authorize
from access.models import Team
from access.names import team_with
from access.secrets import masked_pairs, masked_words
from access.targets import Target
from engine import build_context
from engine.build_context import Context
from engine.build_spec import BuildSpec
from engine.dockerfile import Instruction, written
from engine.dockerfile_uses import SCRATCH, Recipe, Use
from engine.errors import EngineError, NotFound, Refused
from engine.snapshot import Snapshot
from engine.specs import ContainerSpec
from engine.threads import door
from hosts.live import engine_of
from images import build_left, build_rules, pulling
from images.build_output import Output
from images.made import actor_of, links, settle_image
from jobs.errors import Unfinished
from jobs.kinds import Kind, Order, Params, Work
from jobs.progress import Part
from jobs.waiting import Waiting
from transfers import arrivals, spool
from transfers import models as transfers

KIND_NAME = "image.build"
UPLOAD_KIND = "build"
FAILED_UPLOAD = timedelta(hours=1)  # so long a context waits for another try
ROOM = ContainerSpec("build")  # what it counts as in a team's quota: one container
waiting = Waiting[BuildSpec]()


def params(spec: BuildSpec, team: int | None) -> dict[str, Any]:
    """What the record and the job keep of it: nothing secret."""
    return {
        "build": waiting.put(spec),
        "tags": list(spec.tags),
        "arguments": sorted(name for name, _value in spec.args),
        "upload": spec.upload,
        "team": team,
    }


def order(host: str, params: Params) -> Order:
    spec = waiting.get(params["build"])
    name = next(iter(params["tags"]), "")
    return Order(
        key=params["build"],
        title=name or _("an image without a name"),
        target=Target("image", "", name, host),
        command_line=masked_line(spec) if spec else "",
    )


def masked_line(spec: BuildSpec) -> str:
    args = masked_pairs(spec.args)
    labels = masked_pairs(spec.labels)
    return replace(spec, args=args, labels=labels).line(masked_words)


def check(actor: Actor, host: str, params: Params) -> None:
    """Of a build that waits: names, whose it will be, the room, and of a Dockerfile alone what it
    reads. Raises Denied."""
    spec = waiting.get(params["build"])
    if spec is None:
        return  # nothing will be built
    # A base is read: a token has to be for that, too.
    authorize(actor, "image.see", Target("image", "", "", host))
    build_rules.check_names(actor, host, spec)
    if spec.upload:
        uploaded(actor, host, spec.upload)
    quotas.check(team_with(actor, host, KIND_NAME, team_slug(params["team"])), host, ROOM)
    if not spec.upload:
        build_rules.bases(actor, host, build_rules.read(spec.dockerfile.encode(), spec), spec)


def team_slug(team_id: int | None) -> str:
    team = Team.objects.filter(pk=team_id).first() if team_id else None
    return team.slug if team else ""


async def run(work: Work) -> dict[str, Any]:
    """``{"image_id", "object_id", "tags"}``. Raises Unfinished where a name was not free."""
    spec = waiting.get(work.params["build"])
    if spec is None:
        raise Refused(_("The settings of this build are not kept any more: fill in the form."))
    actor = await door.run(actor_of, work.user_id)
    context = await door.run(context_of, actor, work.host, spec)
    sha256 = await door.run(sum_of, spec) if spec.upload else ""
    for name in context.left_out[:20]:
        work.progress.line(_("left out: %(name)s") % {"name": name})
    recipe = await door.run(build_rules.read, context.dockerfile, spec)
    ids = await based(work, actor, recipe, spec)
    # Given back by ``settle``: it always comes.
    await door.run(quotas.take, work.params["team"], work.host, ROOM, work.params["build"])
    before = engine_of(work.host).mirror.snapshot
    image_id = await built(work, actor, spec, context, recipe.pinned(ids), ids)
    tags = await door.run(named, work.host, actor, spec, image_id, before)
    if spec.upload:
        await door.run(forget, spec.upload)
    return {"image_id": image_id, "object_id": image_id, "tags": tags, "sha256": sha256}


def context_of(actor: Actor, host: str, spec: BuildSpec) -> Context:
    if not spec.upload:
        return Context(spec.dockerfile.encode())
    upload = uploaded(actor, host, spec.upload)
    upload.expires = datetime.now(UTC) + FAILED_UPLOAD
    upload.save(update_fields=["expires"])
    return build_context.read(spool.file_of(upload.pk), spec.path)


def sum_of(spec: BuildSpec) -> str:
    """The sha256 of an uploaded context. Raises Refused where it is not what was announced."""
    upload = transfers.Upload.objects.get(pk=spec.upload)
    with spool.file_of(upload.pk).open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if upload.wanted_sha256 not in ("", found):
        spool.remove(upload)
        words = _("The context was damaged on its way (sha256 differs): upload it again.")
        raise Refused(words)
    return found


def uploaded(actor: Actor, host: str, upload_id: str) -> transfers.Upload:
    """The person's own context, whole. Raises NotFound."""
    mine = transfers.Upload.objects.filter(user_id=actor.user_id or 0, host=host)
    upload = mine.filter(pk=upload_id, kind=UPLOAD_KIND).first()
    if upload is None or not upload.complete or not spool.file_of(upload.pk).exists():
        raise NotFound(_("The uploaded context is not here any more: upload it again."))
    return upload


def forget(upload_id: str) -> None:
    for upload in transfers.Upload.objects.filter(pk=upload_id):
        spool.remove(upload)


async def based(work: Work, actor: Actor, recipe: Recipe, spec: BuildSpec) -> dict[Use, str]:
    """The id of each image that is read; those that are missing are pulled, and held at once."""
    engine, ids = engine_of(work.host), dict[Use, str]()
    for base in await door.run(build_rules.bases, actor, work.host, recipe, spec):
        if base.row is not None:
            ids[base.use] = base.row.id
        elif base.pulled is not None:
            platform = base.use.platform or spec.platform
            pulled = await pulling.fetch(work.host, base.pulled, work.progress, platform)
            ids[base.use] = str(pulled["image_id"])
            await door.run(hold, work, ids[base.use])
        inspect = await door.run(engine.commands.inspect_image, ids[base.use])
        build_rules.check_triggers(base.use, inspect)
    return ids


def hold(work: Work, image_id: str) -> None:
    ownership.holds_image(work.host, image_id, int(work.user_id), work.params["team"])


async def built(
    work: Work,
    actor: Actor,
    spec: BuildSpec,
    context: Context,
    steps: tuple[Instruction, ...],
    ids: Mapping[Use, str],
) -> str:
    """The new image's id. What else the build made goes again."""
    engine = engine_of(work.host)
    names = {id: use.reference for use, id in ids.items()}
    output = Output(work.progress, spec.args, names)
    scratch = {"" for step in steps if step.word == "FROM" and step.rest.split()[0] == SCRATCH}
    left = build_left.Left(engine, output, frozenset({*names, *scratch}))
    await left.begin()
    sources = await door.run(build_rules.cache_sources, actor, work.host)
    query = spec.query(*await door.run(limits, work), sources)
    tar = told(work, build_context.tar(context, written(steps)), spec)
    try:
        async with engine.streams.build(query, tar) as items:
            async for item in items:
                output.take(item)
                await asyncio.sleep(0)  # what is here already is read without a pause
        output.end()
        if not output.stages:
            raise Refused(_("The engine did not say which image it built."))
    except BaseException:
        left.clear(everything=True)
        raise
    left.clear(everything=False)
    return output.stages[-1]


def limits(work: Work) -> tuple[int, int]:
    """Memory and billionths of a CPU of each step: as a container of the team gets by itself."""
    most = book().limits(work.params["team"], work.host)
    memory = settings.BUILD_MEMORY if most.memory is None else most.memory_each
    return memory, 0 if most.nano_cpus is None else most.nano_cpus_each


async def told(work: Work, pieces: AsyncGenerator[bytes], spec: BuildSpec) -> AsyncGenerator[bytes]:
    """The same bytes; of an uploaded context the job is told how far it is."""
    passed = 0
    async for piece in pieces:
        yield piece
        passed += len(piece)
        if spec.upload:
            work.progress.put(Part(_("context"), "sending", moved=passed))
    if spec.upload:
        work.progress.put(Part(_("context"), "sent", passed, passed, passed, passed, done=True))


def named(host: str, actor: Actor, spec: BuildSpec, image_id: str, before: Snapshot) -> list[str]:
    """Its names, each judged once more: while it was built, it may have become another's."""
    engine, done = engine_of(host), list[str]()
    made: dict[str, Any] = {}
    try:
        build_rules.check_result(actor, host, image_id, before)
        made = {"image_id": image_id, "object_id": image_id, "tags": done}
        for reference in build_rules.references(spec):
            build_rules.check_names(actor, host, replace(spec, tags=(reference.familiar,)))
            engine.commands.tag(image_id, reference.familiar_name, reference.tag)
            done.append(reference.familiar)
    except (EngineError, Denied) as error:
        raise Unfinished(error.message, made) from error
    finally:
        engine.mirror.wait_seen("image", image_id, before.version)
    return done


def settle(host: str, params: Params, result: Mapping[str, Any], user_ids: Sequence[int]) -> None:
    settle_image(host, params, result, user_ids)
    transaction.on_commit(lambda: quotas.release(params["build"]))


KIND = Kind(
    KIND_NAME,
    gettext_lazy("Build"),
    run,
    order,
    links,
    most_lines=2000,
    settle=settle,
    check=check,
    takes="pulls",
)


def arrived(actor: Actor, upload: transfers.Upload) -> str:
    """A context waits for the build that names it."""
    return str(upload.pk)


def check_upload(actor: Actor, upload: transfers.Upload) -> None:
    """Before the first byte nothing is known of it but its size."""


ARRIVAL = arrivals.Kind(right=KIND_NAME, check=check_upload, arrived=arrived)
