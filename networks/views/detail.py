"""One network: what it is, the containers in it, whose it is; and all the engine knows of it."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from access.holders import holding
from access.sight import sees_all
from access.targets import NetworkTarget
from hosts.live import engine_of
from networks.forms import NetworkHoldersForm
from networks.members import for_eyes_of, members
from networks.views.page import page_context
from web import fetch, inspected
from web.request import Request
from web.routes import needs
from web.shape import shaped


@needs("network.see")
def network_detail(request: Request, host: str, network_id: str) -> HttpResponse:
    context = overview_context(request, fetch.network(request, host, network_id))
    return render(request, "networks/overview.html", context)


@needs("network.see")
def network_head(request: Request, host: str, network_id: str) -> HttpResponse:
    context = overview_context(request, fetch.network(request, host, network_id))
    return shaped(request, "networks/overview.html", "networks/_head.html", context)


@needs("network.see")
def network_overview(request: Request, host: str, network_id: str) -> HttpResponse:
    """The body alone, for who follows it."""
    context = overview_context(request, fetch.network(request, host, network_id))
    return shaped(request, "networks/overview.html", "networks/_overview.html", context)


def overview_context(request: Request, target: NetworkTarget) -> dict[str, Any]:
    context = page_context(request, target, "network-detail")
    inspect = engine_of(target.host).commands.inspect_network(target.id)
    teams, shared = holding(target.host, "network", target.name)
    return context | {
        "members": members(inspect, context["users"]),
        "holders_form": NetworkHoldersForm(initial={"teams": teams, "shared": shared}),
    }


@needs("network.see")
def network_inspect(request: Request, host: str, network_id: str) -> HttpResponse:
    target = fetch.network(request, host, network_id)
    context = page_context(request, target, "network-inspect") | inspected.asked(request)
    return render(request, "networks/inspect.html", context)


@needs("network.see")
def network_inspect_tree(request: Request, host: str, network_id: str) -> HttpResponse:
    target = fetch.network(request, host, network_id)
    asked = inspected.asked(request)
    context = page_context(request, target, "network-inspect") | asked
    everything = sees_all(request.actor, host)

    def inspect() -> dict[str, Any]:
        found = engine_of(host).commands.inspect_network(target.id)
        return for_eyes_of(found, context["users"], everything)

    context |= inspected.answer(inspect, asked["q"], asked["raw"])
    return shaped(request, "networks/inspect.html", "_inspect.html", context)
