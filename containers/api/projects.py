"""One verb on all containers of a compose project, in the order of its services."""

from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import Field

from access.errors import Hidden
from containers.api.operations import Patience, Signal, containers
from containers.views.bulk import VERBS, each_in_turn, found, of_project
from web import fetch
from web.operations import Out
from web.request import Request
from web.typed import Words

ONE = "/hosts/{host}/projects/{project}"
OF_NAME = {verb.name: verb for verb in VERBS}


class ActedOne(Out):
    """``error`` is a sentence, "" where all went well."""

    name: str
    error: str


class ActedAll(Out):
    """One for each container that you may do it to, and that it does something to."""

    items: list[ActedOne]


@containers.post(f"{ONE}/start", "container.start", {200: ActedAll})
def project_start(request: Request, host: str, project: Words) -> Any:
    """Start a compose project, each service after those that it depends on. 409 where all run."""
    return acted(request, host, project, "start", {})


@containers.post(f"{ONE}/stop", "container.stop", {200: ActedAll})
def project_stop(
    request: Request, host: str, project: Words, patience: Patience | None = None
) -> Any:
    """Stop a compose project, each service before those that it depends on. 409 where none runs."""
    return acted(request, host, project, "stop", (patience or Patience()).model_dump())


@containers.post(f"{ONE}/restart", "container.restart", {200: ActedAll})
def project_restart(
    request: Request, host: str, project: Words, patience: Patience | None = None
) -> Any:
    """Stop and start its containers in the order of its services."""
    return acted(request, host, project, "restart", (patience or Patience()).model_dump())


@containers.post(f"{ONE}/kill", "container.kill", {200: ActedAll})
def project_kill(request: Request, host: str, project: Words, what: Signal | None = None) -> Any:
    """Send the main process of each a signal: SIGKILL unless said. 409 where none runs."""
    return acted(request, host, project, "kill", (what or Signal()).model_dump())


@containers.delete(ONE, "container.remove", {200: ActedAll})
def project_remove(
    request: Request,
    host: str,
    project: Words,
    force: Annotated[bool, Field(description="Kill those first that run.")] = False,
    volumes: Annotated[bool, Field(description="With their anonymous volumes.")] = False,
) -> Any:
    """Remove its containers; its networks and named volumes stay."""
    return acted(request, host, project, "remove", {"force": force, "volumes": volumes})


def acted(
    request: Request, host: str, project: str, verb: str, options: dict[str, Any]
) -> ActedAll:
    """Raises Hidden for a project of which the person sees nothing, Denied, or BadInput."""
    snapshot = fetch.snapshot(request, host)
    rows = [row for row in snapshot.containers.values() if project and row.project == project]
    if not rows:
        words = _("There is no compose project %(name)s on %(host)s.")
        raise Hidden(words % {"name": project, "host": host})
    targets, missing = found(request, host, of_project(request, host, verb, rows))
    outcomes = missing + each_in_turn(request, OF_NAME[verb], targets, options)
    return ActedAll(items=[ActedOne(name=each.name, error=each.error) for each in outcomes])
