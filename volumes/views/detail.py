"""One volume: what it is, who has it, and all that the engine knows of it."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from access.holders import holding
from hosts.live import engine_of
from volumes.views.page import page_context
from web import fetch, inspected
from web.plan_forms import HoldersForm
from web.request import Request
from web.routes import needs
from web.shape import shaped


@needs("volume.see")
def volume_detail(request: Request, host: str, volume_id: str) -> HttpResponse:
    target = fetch.volume(request, host, volume_id)
    teams, shared = holding(target.host, "volume", target.name)
    form = HoldersForm(initial={"teams": teams, "shared": shared})
    context = page_context(request, target, "volume-detail") | {"holders_form": form}
    return render(request, "volumes/overview.html", context)


@needs("volume.see")
def volume_inspect(request: Request, host: str, volume_id: str) -> HttpResponse:
    target = fetch.volume(request, host, volume_id)
    context = page_context(request, target, "volume-inspect") | inspected.asked(request)
    return render(request, "volumes/inspect.html", context)


@needs("volume.see")
def volume_inspect_tree(request: Request, host: str, volume_id: str) -> HttpResponse:
    target = fetch.volume(request, host, volume_id)
    asked = inspected.asked(request)
    context = page_context(request, target, "volume-inspect") | asked

    def inspect() -> dict[str, Any]:
        return engine_of(host).commands.inspect_volume(target.name)

    context |= inspected.answer(inspect, asked["q"], asked["raw"])
    return shaped(request, "volumes/inspect.html", "_inspect.html", context)
