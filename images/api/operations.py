"""Every operation on images."""

from datetime import datetime
from typing import Annotated, Any

from django.utils.translation import gettext as _
from ninja import Query
from pydantic import AfterValidator, Field

from access.secrets import masked_json
from engine.build_spec import BuildSpec
from engine.dockerfile import LONGEST
from engine.types import ImageRow
from hosts.live import engine_of
from images import actions, removing
from images.build_forms import tag_of
from images.contents import contents_of
from images.layer_bars import Step, steps
from images.newer import answers_for
from images.query import grammar
from images.references import BadReference, Reference, parse
from images.told import ImageOut, told
from images.views import save
from images.views.verbs import other_owner
from jobs.told import StartedJob
from jobs.told import told as told_job
from web import fetch
from web.operations import In, Operations, Out, streamed
from web.paging import page
from web.problems import Problem, errors_of, need_right, need_understood
from web.request import Request
from web.typed import PAGE, Cursor, Id, Limit, Text, Words, plain

images = Operations("images")
ALL = "/hosts/{host}/images"
ONE = "/hosts/{host}/images/{image_id}"
STREAMS = streamed("application/octet-stream", ranges=True)


class ImagePage(Out):
    items: list[ImageOut]
    next: str | None


class ImageName(In):
    """``reference`` as ``docker pull`` takes it: registry/repository:tag."""

    reference: Text


class Tag(ImageName):
    """``move``: take the name from the image that has it now."""

    move: bool = False


class StepOut(Out):
    """One step; ``size`` in bytes, ``digest`` of the layer that it wrote, "" for none.

    ``shared_with``: ids of other images with the same layer, of those that you may see.
    """

    number: int
    step: str
    created: datetime
    size: int
    digest: str
    comment: str
    shared_with: list[str]


class Removed(Out):
    """``gone``: the image itself went; otherwise it stays under other names."""

    gone: bool


@images.get(ALL, "image.see", ImagePage)
def image_list(
    request: Request, host: str, q: Words = "", cursor: Cursor = "", limit: Limit = PAGE
) -> Any:
    """The images that you may see, the oldest first. ``q`` is the filter language of the page."""
    snapshot = fetch.snapshot(request, host)
    answers = answers_for(request.actor, host)
    query = grammar(snapshot.containers_of_image, answers).parse(q)
    need_understood(query.problems)
    rows, rest = page(query.select(snapshot.images.values()), key, cursor, limit)
    return ImagePage(items=[told(row, snapshot, answers) for row in rows], next=rest)


def key(row: ImageRow) -> tuple[str, ...]:
    """A later inspect knows parts of the second that the list did not."""
    return row.created.replace(microsecond=0).isoformat(), row.id


@images.get(f"{ALL}/save", "image.save", None, openapi=STREAMS)
def images_save(
    request: Request, host: str, id: Annotated[tuple[Id, ...], Query(max_length=500)] = ()
) -> Any:
    """Several images as one tar that `docker load` takes, under all the names they have."""
    fetch.host(request, host)
    return save.answer(request, save.asked(request, host, id))


@images.post(f"{ALL}/check", "image.search", {202: StartedJob})
def image_check_all(request: Request, host: str) -> Any:
    """Have registries asked whether the tags of the images that you see name something newer: a
    job. What they said is `newer` of each image."""
    rows = fetch.snapshot(request, host).images.values()
    return StartedJob(job=told_job(actions.check_newer(request.actor, host, rows)))


@images.get(ONE, "image.see", ImageOut)
def image_detail(request: Request, host: str, image_id: Id) -> Any:
    """One image by its id, without ``sha256:``."""
    target = fetch.image(request, host, image_id)
    assert target.row is not None
    return told(target.row, fetch.sight(request, host), answers_for(request.actor, host))


@images.get(f"{ONE}/inspect", "image.see", dict[str, Any])
def image_inspect(request: Request, host: str, image_id: Id) -> Any:
    """All that the engine knows of it, values that look secret masked."""
    target = fetch.image(request, host, image_id)
    return masked_json(engine_of(host).commands.inspect_image(target.id))


@images.get(f"{ONE}/history", "image.see", list[StepOut])
def image_history(request: Request, host: str, image_id: Id) -> Any:
    """The steps it was made by, the oldest first, values that look secret masked."""
    target = fetch.image(request, host, image_id)
    assert target.row is not None
    history = contents_of(host, target.id).history
    return [step_told(step) for step in steps(history, target.row, fetch.sight(request, host))]


def step_told(step: Step) -> StepOut:
    layer = step.layer
    return StepOut(
        number=step.number,
        step=step.text,
        created=layer.created,
        size=layer.size,
        digest=layer.digest,
        comment=layer.comment,
        shared_with=[row.id for row in step.shared_with],
    )


@images.get(f"{ONE}/save", "image.save", None, openapi=STREAMS)
def image_save(request: Request, host: str, image_id: Id) -> Any:
    """One image as a tar. `Range` with the `ETag` as `If-Range` goes on where it was cut."""
    return save.answer(request, [fetch.image(request, host, image_id)])


@images.post(ALL, "image.pull", {202: StartedJob})
def image_pull(request: Request, host: str, what: ImageName) -> Any:
    """Start a pull, or join the one that runs: a job."""
    fetch.host(request, host)
    job = actions.pull(request.actor, host, reference_of(what))
    return StartedJob(job=told_job(job))


@images.post(f"{ONE}/check", "image.search", {202: StartedJob})
def image_check(request: Request, host: str, image_id: Id) -> Any:
    """The same of one image."""
    target = fetch.image(request, host, image_id)
    assert target.row is not None
    job = actions.check_newer(request.actor, host, [target.row], target)
    return StartedJob(job=told_job(job))


@images.post(f"{ONE}/push", "image.push", {202: StartedJob})
def image_push(request: Request, host: str, image_id: Id, what: ImageName) -> Any:
    """Push it under this name, which it is given where it does not have it yet: a job."""
    target = fetch.image(request, host, image_id)
    reference = reference_of(what)
    if reference.digest:
        words = _("Push to a tag: a digest is what a push results in.")
        raise Problem(422, words, [("reference", words)])
    return StartedJob(job=told_job(actions.push(request.actor, target, reference)))


@images.post(f"{ONE}/tag", "image.tag", {200: ImageOut})
def image_tag(request: Request, host: str, image_id: Id, what: Tag) -> Any:
    """Give it one more name. 409 where that is another image's and ``move`` is not set."""
    target = fetch.image(request, host, image_id)
    reference = reference_of(what)
    if reference.digest:
        words = _("A tag is a name of yours: leave the digest out.")
        raise Problem(422, words, [("reference", words)])
    if not what.move and (owner := other_owner(request, target, reference.familiar)):
        words = _("%(tag)s is another image now (%(id)s): set move to take it from there.") % {
            "tag": reference,
            "id": owner.short_id,
        }
        raise Problem(409, words, [("reference", words)])
    actions.tag(request.actor, target, reference)
    sight = fetch.sight(request, host)
    return told(sight.images[target.id], sight, answers_for(request.actor, host))


class Build(In):
    """``dockerfile`` is its text, or ``upload`` the id of an uploaded context (a plain tar) that
    holds it as ``path``. ``tags`` are references; ``team`` is whose the image will be, where you
    have several."""

    dockerfile: Annotated[str, Field(max_length=LONGEST), AfterValidator(plain)] = ""
    upload: Words = ""
    path: Words = "Dockerfile"
    tags: list[Words] = []
    args: dict[Words, Text] = {}
    labels: dict[Words, Text] = {}
    target: Words = ""
    platform: Words = ""
    no_cache: bool = False
    pull: bool = False
    team: Words = ""


@images.post("/hosts/{host}/builds", "image.build", {202: StartedJob})
def image_build(request: Request, host: str, what: Build) -> Any:
    """Build an image: a job. Its result has the image's id and tags."""
    fetch.host(request, host)
    job = actions.build(request.actor, host, spec_of(what))
    return StartedJob(job=told_job(job))


def spec_of(what: Build) -> BuildSpec:
    """Raises Problem 422 with every field that is wrong."""
    errors: list[tuple[str, str]] = []
    fields = what.model_dump()
    for name in ("args", "labels"):
        fields[name] = tuple(fields[name].items())
    try:
        fields["tags"] = tuple(tag_of(tag) for tag in what.tags)
    except BadReference as error:
        errors.append(("tags", error.message))
        fields["tags"] = ()
    spec = BuildSpec(**fields)
    need_right(errors + errors_of(spec.problems()))
    return spec


def reference_of(what: ImageName) -> Reference:
    try:
        return parse(what.reference)
    except BadReference as error:
        raise Problem(422, error.message, [("reference", error.message)]) from error


@images.delete(ONE, "image.remove", {200: Removed})
def image_remove(
    request: Request,
    host: str,
    image_id: Id,
    reference: Annotated[
        Words, Field(description="Take only this tag or digest away; without it all go.")
    ] = "",
    force: Annotated[bool, Field(description="Although stopped containers use it.")] = False,
) -> Any:
    """Remove an image, or one of its names. 409 where containers stand in the way."""
    target = fetch.image(request, host, image_id)
    assert target.row is not None
    if reference and reference not in (*target.row.tags, *target.row.digests):
        words = _("This image is not called %(name)s.") % {"name": reference}
        raise Problem(422, words, [("reference", words)])
    return Removed(gone=removing.remove(request.actor, target, reference, force))
