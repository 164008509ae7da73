"""Images made of containers."""

from typing import Annotated, Any

from ninja import Status
from pydantic import Field

from containers import actions
from containers.api.operations import ONE, containers
from containers.commit_forms import tag_of
from engine.commit_spec import CommitSpec
from images.references import BadReference
from jobs.told import StartedJob
from jobs.told import told as told_job
from web import fetch
from web.operations import In
from web.problems import errors_of, need_right
from web.request import Request
from web.typed import Id, Text, Words

MOST = 500


class Commit(In):
    """``reference`` is what the image will be called, none for its id alone. What is left out stays
    as the container has it; ``command`` and ``entrypoint`` are lists of words, ``expose`` ports as
    80 or 53/udp, ``volumes`` folders. ``team`` is whose the image will be: without it the
    container's, where that is yours."""

    reference: Words = ""
    message: Words = ""
    author: Words = ""
    pause: Annotated[bool, Field(description="While its files are copied.")] = True
    command: Annotated[list[Text], Field(max_length=MOST)] | None = None
    entrypoint: Annotated[list[Text], Field(max_length=MOST)] | None = None
    env: dict[Words, Text] = {}
    expose: Annotated[list[Words], Field(max_length=MOST)] = []
    labels: dict[Words, Text] = {}
    user: Words = ""
    workdir: Words = ""
    volumes: Annotated[list[Words], Field(max_length=MOST)] = []
    team: Words = ""


@containers.post(f"{ONE}/commit", "container.commit", {202: StartedJob})
def container_commit(
    request: Request, host: str, container_id: Id, what: Commit | None = None
) -> Any:
    """Make an image of what it has written and of its settings, variables included: 202 with a job.

    Its result has the image's id and tags. 409 where one is being made of it already.
    """
    target = fetch.container(request, host, container_id)
    job = actions.commit(request.actor, target, spec_of(what or Commit()))
    return Status(202, StartedJob(job=told_job(job)))


def spec_of(what: Commit) -> CommitSpec:
    """Raises Problem 422 with every field that is wrong."""
    errors: list[tuple[str, str]] = []
    fields = what.model_dump()
    for name in ("env", "labels"):
        fields[name] = tuple(fields[name].items())
    for name in ("command", "entrypoint", "expose", "volumes"):
        fields[name] = None if fields[name] is None else tuple(fields[name])
    try:
        fields["reference"] = tag_of(what.reference) if what.reference else ""
    except BadReference as error:
        errors.append(("reference", error.message))
    spec = CommitSpec(**fields)
    need_right(errors + errors_of(spec.problems()))
    return spec
