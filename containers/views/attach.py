"""The page that attaches to a container's main process: its tickets, and leaving."""

from csp.constants import NONCE
from csp.decorators import csp_update
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render

from access.targets import ContainerTarget
from containers.attaching import AttachOrder
from containers.shell_ends import Leaving
from containers.shells import USUAL_SIZE
from containers.terminal_form import AttachForm
from containers.terminal_wire import Size
from containers.terminal_words import attach_words
from containers.views.page import page_context
from containers.views.terminal import back, ended, open_ones, permitted, valid
from hosts.live import engine_of
from web import fetch, tickets
from web.request import Request
from web.routes import needs

PAGE, RIGHT = "container-attach", "container.attach"


@csp_update({"style-src": [NONCE]})  # xterm.js makes <style> elements
@needs("container.attach")
def container_attach(request: Request, host: str, container_id: str) -> HttpResponse:
    target = fetch.container(request, host, container_id)
    order = order_of(target, USUAL_SIZE)
    context = page_context(request, target, PAGE) | {
        "order": order,
        "closes": order.leaving is Leaving.CLOSES_INPUT,
        "words": attach_words(),
        **open_ones(request, target, PAGE),
    }
    return render(request, "containers/attach.html", context)


def order_of(target: ContainerTarget, size: Size) -> AttachOrder:
    """How the container was made decides what may be typed: the engine is asked."""
    inspect = engine_of(target.host).commands.inspect_container(target.id)
    return AttachOrder.of(target, inspect, size)


@needs("container.attach", "POST")
def attach_ticket(request: Request, host: str, container_id: str) -> HttpResponse:
    """As ``terminal_ticket``."""
    target = fetch.container(request, host, container_id)
    form = valid(AttachForm(request.POST))
    options = back(request, form, target, PAGE)
    if not options:
        options = {"order": permitted(request, order_of(target, form.size()))}
    return JsonResponse({"ticket": tickets.issue(request.actor, RIGHT, host, target.id, **options)})


@needs("container.attach", "POST")
def attach_end(request: Request, host: str, container_id: str, session_id: str) -> HttpResponse:
    """Leave: the main process goes on."""
    return ended(request, fetch.container(request, host, container_id), session_id, PAGE)
