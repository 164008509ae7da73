"""The list of containers."""

from django.http import HttpResponse

from web import fetch
from web.request import Request
from web.routes import needs
from web.shape import shaped


@needs("container.see")
def container_list(request: Request, host: str) -> HttpResponse:
    snapshot = fetch.host(request, host).mirror.snapshot
    context = {"host": host, "snapshot": snapshot, "rows": list(snapshot.containers.values())}
    return shaped(request, "containers/list.html", "containers/_table.html", context)
