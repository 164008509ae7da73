"""Containers that were removed within the week, and can be run again."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from django.utils.translation import gettext as _
from ninja import Status
from pydantic import Field

from access.errors import Hidden
from access.targets import Target
from containers import removals
from containers.api import runs
from containers.api.operations import Acted, NewName, acted, containers
from jobs.told import StartedJob
from web import fetch
from web.operations import Out
from web.request import Request
from web.routes import allow
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
    fetch.known(host)
    removed = removals.find(host, removed_id)
    allow(request, removed.target if removed else Target("container", removed_id, "", host))
    if removed is None:
        words = _("Nothing is kept of a container %(name)s on %(host)s.")
        raise Hidden(words % {"name": removed_id[:12], "host": host})
    spec = replace(removed.original.spec, name=what.name if what else removed.target.name)
    job, made = runs.run(request, host, spec, team)
    if job is not None:
        return Status(202, StartedJob(job=job))
    return Status(201, acted(request, host, made))
