"""One masked variable shown to whom the grant lets: asked for again, recorded, and kept nowhere."""

from django.http import HttpResponse

from containers import actions
from containers.views.page import page_context
from web import fetch
from web.request import Request
from web.routes import needs
from web.shape import shaped


@needs("container.reveal_env", "POST")
def container_reveal(request: Request, host: str, container_id: str) -> HttpResponse:
    target = fetch.container(request, host, container_id)
    name = request.GET.get("name", "")
    context = page_context(request, target, "container-detail") | {
        "name": name,
        "value": actions.reveal(request.actor, target, name),
    }
    response = shaped(request, "containers/reveal.html", "containers/_reveal.html", context)
    response["Cache-Control"] = "no-store"
    return response
