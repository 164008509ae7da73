"""What was removed within the week, and can be made again."""

from django.http import HttpResponse
from django.shortcuts import render

from containers import removals
from web import fetch
from web.request import Request
from web.routes import needs


@needs(removals.RIGHT)
def container_removed(request: Request, host: str) -> HttpResponse:
    fetch.host(request, host)
    rows = [
        {
            "name": each.row.name,
            "image": each.row.image,
            "project": each.target.row.project if each.target.row else "",
            "removed": each.row.removed,
            "again": removals.address(host, each.row.container_id),
        }
        for each in removals.of_host(request.actor, host)
    ]
    return render(request, "containers/removed.html", {"host": host, "rows": rows})
