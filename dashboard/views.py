"""The site's own pages: overview, host, health, and what is shown when nothing else fits."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from hosts import live
from web import fetch
from web.errors import answer
from web.request import Request
from web.routes import needs


@needs("public")
def healthz(request: Request) -> HttpResponse:
    """Alive: no login, no call to an engine, no database."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@needs("host.see")
def overview(request: Request) -> HttpResponse:
    fetch.site(request)
    hosts = [(slug, live.engine_of(slug).mirror.snapshot) for slug in live.slugs()]
    return render(request, "dashboard/overview.html", {"hosts": hosts})


@needs("host.see")
def host_detail(request: Request, host: str) -> HttpResponse:
    engine = fetch.host(request, host)
    return render(request, "dashboard/host.html", {"snapshot": engine.mirror.snapshot})


@needs("signed-in")
def styleguide(request: Request) -> HttpResponse:
    return render(request, "dashboard/styleguide.html")


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, 404, _("There is nothing at this address."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, 403, _("This was refused: reload the page and try again."))


def server_error(request: HttpRequest) -> HttpResponse:
    return answer(request, 500, _("Wharfinger failed here. The log of the server says more."))
