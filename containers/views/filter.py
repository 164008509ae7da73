"""What can be filtered for, as things to press: a menu at the filter box, or a page of its own."""

from django.http import HttpResponse
from django.urls import reverse

from containers.filter_chips import chips
from containers.views.asked import Asked
from containers.whose import owners
from web import fetch
from web.request import Request
from web.routes import needs
from web.shape import shaped


@needs("container.see")
def container_filter(request: Request, host: str) -> HttpResponse:
    """Each chip is the list's address with another text; nothing but that text is written."""
    snapshot = fetch.snapshot(request, host)
    asked = Asked.of(request, host)
    kept = {name: value for name, value in asked.parts().items() if value and name != "q"}
    context = {
        "host": host,
        "asked": asked,
        "kept": kept.items(),
        "list_url": reverse("container-list", args=[host]),
        "kinds": chips(asked.query, snapshot.containers.values(), owners(request.actor, host)),
    }
    return shaped(request, "containers/filter.html", "containers/_filter.html", context)
