"""One container: its head from the mirror at once, what needs an inspect as a fragment."""

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import render

from access.sight import entries
from access.targets import ContainerTarget
from audit.models import Entry, Result
from containers.details import Details, details
from containers.last_events import last_events
from containers.log_places import at_end
from containers.originals import inspected
from containers.views.page import page_context
from containers.views.ports import port_links, public_name
from engine.errors import EngineDown, EngineSilent
from hosts.live import engine_of
from web import fetch
from web.names import by_any_name
from web.request import Request
from web.routes import needs
from web.shape import shaped

LAST_ENTRIES = 8
ENDINGS = ("container.stop", "container.kill", "container.restart")


@needs("container.see")
@by_any_name
def container_detail(request: Request, host: str, container_id: str) -> HttpResponseBase:
    target = fetch.container(request, host, container_id)
    context = page_context(request, target, "container-detail")
    return render(request, "containers/overview.html", context)


@needs("container.see")
@by_any_name
def container_head(request: Request, host: str, container_id: str) -> HttpResponseBase:
    target = fetch.container(request, host, container_id)
    context = page_context(request, target, "container-detail")
    return shaped(request, "containers/overview.html", "containers/_head.html", context)


@needs("container.see")
@by_any_name
def container_overview(request: Request, host: str, container_id: str) -> HttpResponseBase:
    target = fetch.container(request, host, container_id)
    found, error = asked_engine(target)
    context = page_context(request, target, "container-detail") | {
        "details": found,
        "engine_error": error,
        "ports": port_links(found.row.ports, public_name(request, host)) if found else [],
        "entries": last_entries(request, target),
        "events": last_events(engine_of(host), target.id),
        "ending": ending(target),
        "ended_at": at_end(found.row) if found else "",
        "whole": True,
    }
    return shaped(request, "containers/overview.html", "containers/_overview.html", context)


@needs("container.see")
@by_any_name
def container_menu(request: Request, host: str, container_id: str) -> HttpResponseBase:
    target = fetch.container(request, host, container_id)
    context = page_context(request, target, "")
    return shaped(request, "containers/menu.html", "containers/_menu.html", context)


@needs("container.see")
@by_any_name
def container_command(request: Request, host: str, container_id: str) -> HttpResponseBase:
    """The equal ``docker run`` line and Compose file, to copy."""
    target = fetch.container(request, host, container_id)
    found = details(*inspected(target))
    context = page_context(request, target, "") | {"line": found.run_line, "compose": found.compose}
    return shaped(request, "containers/command.html", "containers/_command.html", context)


def asked_engine(target: ContainerTarget) -> tuple[Details | None, str]:
    """What the engine says; where it does not answer, the sentence that stands in its place."""
    try:
        return details(*inspected(target)), ""
    except (EngineDown, EngineSilent) as error:
        return None, error.message


def last_entries(request: Request, target: ContainerTarget) -> list[Entry]:
    """Of the rows about it those that the person may read: not others' doings."""
    return list(about(target, entries(request.actor))[:LAST_ENTRIES])


def ending(target: ContainerTarget) -> Entry | None:
    """Who stopped it, where it does not run and somebody here did."""
    if target.row is None or target.row.running:
        return None
    last = (
        about(target, Entry.objects.all())
        .filter(result=Result.OK)
        .exclude(event="container.rename")
        .first()
    )
    return last if last is not None and last.event in ENDINGS else None


def about(target: ContainerTarget, among: QuerySet[Entry]) -> QuerySet[Entry]:
    found = among.filter(host=target.host, object_kind="container", object_id=target.id)
    return found.exclude(result=Result.INTENT)
