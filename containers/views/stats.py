"""What a container uses, live, and its processes."""

from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from access.targets import ContainerTarget
from containers.processes import processes
from containers.views.page import page_context
from engine.errors import Conflict, EngineDown, EngineSilent
from hosts.live import engine_of
from web import fetch
from web.names import by_any_name
from web.request import Request
from web.routes import needs
from web.shape import shaped


@needs("container.see")
@by_any_name
def container_stats(request: Request, host: str, container_id: str) -> HttpResponseBase:
    """The page at once, its numbers by the live socket; ``whole=1`` has one look at them, for
    who has no JavaScript.
    """
    target = fetch.container(request, host, container_id)
    context = page_context(request, target, "container-stats") | {"words": words()}
    context["sort"] = asked_sort(request)
    if request.GET.get("whole"):
        context |= {"whole": True} | sampled(target) | listed(target, context["sort"])
    return render(request, "containers/stats.html", context)


@needs("container.see")
@by_any_name
def container_top(request: Request, host: str, container_id: str) -> HttpResponseBase:
    target = fetch.container(request, host, container_id)
    context = page_context(request, target, "container-stats") | {"only_top": True, "whole": True}
    context["sort"] = asked_sort(request)
    context |= listed(target, context["sort"])
    return shaped(request, "containers/stats.html", "containers/_top.html", context)


def asked_sort(request: Request) -> str:
    return request.GET.get("sort", "")[:40]


def sampled(target: ContainerTarget) -> dict[str, Any]:
    try:
        return {"sample": engine_of(target.host).commands.sample(target.id)}
    except (Conflict, EngineDown, EngineSilent) as error:
        return {"sample_error": error.message}


def listed(target: ContainerTarget, sort: str) -> dict[str, Any]:
    """One that does not run has none, which is no fault."""
    if target.row is None or not target.row.running:
        return {"processes": None}
    try:
        return {"processes": processes(engine_of(target.host).commands.top(target.id), sort)}
    except Conflict:
        return {"processes": None}
    except (EngineDown, EngineSilent) as error:
        return {"engine_error": error.message}


def words() -> dict[str, str]:
    """What the page's script says, by state."""
    return {
        "waiting": _("Waiting for the first numbers…"),
        "running": "",
        "stopped": _("It does not run: the numbers go on when it starts again."),
        "lost": _("The engine does not answer: the numbers go on when it does."),
        "gone": _("It is gone."),
        "host": _("{size} of the host's {limit}"),
        "limit": _("{size} of {limit}"),
    }
