"""The audit log as a page."""

from django.core.paginator import Paginator
from django.http import HttpResponse

from access import sight
from audit.models import Result
from web import fetch
from web.request import Request
from web.routes import needs
from web.shape import shaped

PER_PAGE = 100
FILTERS = ("event", "result", "user", "host", "object_id", "object_name")


@needs("audit.see")
def audit_list(request: Request) -> HttpResponse:
    fetch.site(request)
    wanted = {name: request.GET[name] for name in FILTERS if request.GET.get(name)}
    entries = sight.entries(request.actor).filter(**wanted)
    page = Paginator(entries, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "wanted": wanted, "results": Result.choices}
    return shaped(request, "audit/list.html", "audit/_table.html", context)
