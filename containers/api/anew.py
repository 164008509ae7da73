"""Copies of containers, and containers made anew."""

from dataclasses import replace
from typing import Annotated, Any

from django.utils.translation import gettext as _
from ninja import Status
from pydantic import Field

from containers import actions
from containers.api import runs
from containers.api.operations import ONE, Acted, NewName, SpecIn, acted, containers
from containers.duplicates import shown
from containers.originals import original
from containers.spec_schema import json_of
from engine.specs import ContainerSpec
from jobs.told import StartedJob
from jobs.told import told as told_job
from web import fetch
from web.problems import Problem
from web.request import Request
from web.typed import Id, Words


@containers.get(f"{ONE}/spec", "container.edit", dict[str, Any])
def container_spec(request: Request, host: str, container_id: Id) -> Any:
    """The settings that it was made with, as `edit` takes them; what looks secret is masked."""
    old = original(fetch.container(request, host, container_id))
    return json_of(shown(old.spec), ContainerSpec)


@containers.post(f"{ONE}/edit", "container.edit", {202: StartedJob})
def container_edit(request: Request, host: str, container_id: Id, spec: SpecIn) -> Any:
    """Make it anew with these settings, all of them, under its name: 202 with a job, which leaves
    it as it was where any step fails. Masked values stay as they are.
    """
    target = fetch.container(request, host, container_id)
    wanted = runs.checked(spec, original(target).spec)
    if wanted.name not in ("", target.name):
        words = _("Its name stays: leave it out, or rename the container.")
        raise Problem(422, words, [("name", words)])
    return Status(202, StartedJob(job=told_job(actions.edit(request.actor, target, wanted))))


@containers.post(f"{ONE}/recreate", "container.recreate", {202: StartedJob})
def container_recreate(request: Request, host: str, container_id: Id) -> Any:
    """Pull its image, and make it anew with the settings that it has where that is another one by
    now: 202 with a job."""
    target = fetch.container(request, host, container_id)
    return Status(202, StartedJob(job=told_job(actions.recreate(request.actor, target))))


@containers.post(f"{ONE}/duplicate", "container.duplicate", {201: Acted, 202: StartedJob})
def container_duplicate(
    request: Request,
    host: str,
    container_id: Id,
    what: NewName,
    team: Annotated[Words, Field(description="Short name of the team that will own it.")] = "",
) -> Any:
    """Run another one with its settings, secrets included: as a run, under this name. A token
    needs `container.create` for that, too."""
    target = fetch.container(request, host, container_id)
    spec = replace(original(target).spec, name=what.name)
    job, made = runs.run(request, host, spec, team)
    if job is not None:
        return Status(202, StartedJob(job=job))
    return Status(201, acted(request, host, made))
