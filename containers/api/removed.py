"""Containers that were removed within the week, and can be run again."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from django.utils.translation import gettext as _
from ninja import Status
from pydantic import Field

from containers import forgetting, removals
from containers.api import runs
from containers.api.operations import Acted, NewName, acted, containers
from containers.views.removed import fetched
from engine.errors import Conflict
from jobs.told import StartedJob
from web import fetch
from web.operations import Out
from web.request import Request
from web.typed import Id, Words

ALL = "/hosts/{host}/removed-containers"


class RemovedOut(Out):
    """``id`` is the one that it had."""

    id: str
    name: str
    image: str
    removed: datetime


class RemovedContainers(Out):
    items: list[RemovedOut]


class Forgotten(Out):
    """How many are not kept any more."""

    forgotten: int


@containers.get(ALL, removals.RIGHT, RemovedContainers)
def removed_container_list(request: Request, host: str) -> Any:
    """Those whose settings are kept, for seven days, and that you could run again; the newest
    first."""
    fetch.host(request, host)
    rows = [each.row for each in removals.of_host(request.actor, host)]
    items = [
        RemovedOut(id=row.container_id, name=row.name, image=row.image, removed=row.removed)
        for row in rows
    ]
    return RemovedContainers(items=items)


@containers.post(f"{ALL}/{{removed_id}}/run", removals.RIGHT, {201: Acted, 202: StartedJob})
def removed_container_run(
    request: Request,
    host: str,
    removed_id: Id,
    what: NewName | None = None,
    team: Annotated[Words, Field(description="Short name of the team that will own it.")] = "",
) -> Any:
    """Run it again with its settings, secrets included: as a run, under its name or a new one. A
    token needs `container.create` for that, too."""
    removed = fetched(request, host, removed_id)
    if removed.settings is None:
        raise Conflict(_("No key of this server opens the settings of that container any more."))
    spec = replace(removed.original.spec, name=what.name if what else removed.target.name)
    job, made = runs.run(request, host, spec, team)
    if job is not None:
        return Status(202, StartedJob(job=job))
    return Status(201, acted(request, host, made))


@containers.delete(f"{ALL}/{{removed_id}}", forgetting.RIGHT, {204: None})
def removed_container_forget(request: Request, host: str, removed_id: Id) -> Any:
    """Forget its settings now: it cannot be run again."""
    forgetting.forget(request.actor, fetched(request, host, removed_id))
    return Status(204, None)


@containers.delete(ALL, forgetting.RIGHT, {200: Forgotten})
def removed_container_forget_all(request: Request, host: str) -> Any:
    """Forget all that you could run again."""
    fetch.host(request, host)
    return Forgotten(forgotten=forgetting.forget_all(request.actor, host))
