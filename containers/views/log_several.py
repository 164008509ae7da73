"""The page of several containers' logs in one view."""

from urllib.parse import urlencode

from django.http import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from containers.views.log_lines import several
from containers.views.logs import viewer_context
from web import fetch
from web.request import Request
from web.routes import needs


@needs("container.logs", "GET", "POST")
def merged_logs(request: Request, host: str) -> HttpResponseBase:
    """``?id=…&id=…``. A POST, from the list's ticks, goes on to that address."""
    asked = request.POST if request.method == "POST" else request.GET
    ids = list(dict.fromkeys(asked.getlist("id")))
    if len(ids) == 1:
        only = fetch.container(request, host, ids[0])
        return HttpResponseRedirect(reverse("container-logs", args=[host, only.id]))
    targets = several(request, host, ids)
    if request.method == "POST":
        return HttpResponseRedirect(address(host, ids))
    context = {"host": host, "targets": targets, "snapshot": fetch.sight(request, host)}
    return render(request, "containers/logs_several.html", context | viewer_context(targets))


def address(host: str, ids: list[str]) -> str:
    return f"{reverse('merged-logs', args=[host])}?{urlencode({'id': ids}, doseq=True)}"
