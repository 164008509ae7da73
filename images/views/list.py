"""The list of images."""

from django.http import HttpResponse

from web import fetch
from web.request import Request
from web.routes import needs
from web.shape import shaped


@needs("image.see")
def image_list(request: Request, host: str) -> HttpResponse:
    snapshot = fetch.host(request, host).mirror.snapshot
    context = {"host": host, "snapshot": snapshot, "rows": list(snapshot.images.values())}
    return shaped(request, "images/list.html", "images/_table.html", context)
