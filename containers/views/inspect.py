"""All that the engine knows of one container, as a tree or as JSON, searched on the server."""

from django.http import HttpResponseBase
from django.shortcuts import render

from containers.views.page import page_context
from hosts.live import engine_of
from web import fetch, inspected
from web.names import by_any_name
from web.request import Request
from web.routes import needs
from web.shape import shaped


@needs("container.see")
@by_any_name
def container_inspect(request: Request, host: str, container_id: str) -> HttpResponseBase:
    target = fetch.container(request, host, container_id)
    context = page_context(request, target, "container-inspect") | inspected.asked(request)
    return render(request, "containers/inspect.html", context)


@needs("container.see")
@by_any_name
def container_inspect_tree(request: Request, host: str, container_id: str) -> HttpResponseBase:
    target = fetch.container(request, host, container_id)
    asked = inspected.asked(request)
    commands = engine_of(host).commands
    context = page_context(request, target, "container-inspect") | asked
    context |= inspected.answer(
        lambda: commands.inspect_container(target.id), asked["q"], asked["raw"]
    )
    return shaped(request, "containers/inspect.html", "_inspect.html", context)
