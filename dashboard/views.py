"""The site's own pages: host, health, and what is shown when nothing else fits."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from access.gate import may
from access.targets import Target
from dashboard.disk_views import disk_shown
from web import fetch
from web.errors import answer
from web.request import Request
from web.routes import needs


@needs("public")
def healthz(request: Request) -> HttpResponse:
    """Alive: no login, no call to an engine, no database."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@needs("host.see")
def host_rail(request: Request, host: str) -> HttpResponse:
    """The counts in the rail, each for its place: they follow the lists."""
    fetch.host(request, host)
    return render(request, "_rail_counts.html")


@needs("host.see")
def host_detail(request: Request, host: str) -> HttpResponse:
    snapshot = fetch.snapshot(request, host)
    raw = snapshot.facts.raw if snapshot.facts else {}
    registries = raw.get("RegistryConfig") or {}
    context = {
        "host": host,
        "snapshot": snapshot,
        "facts": snapshot.facts,
        "raw": raw,
        "running": sum(row.running for row in snapshot.containers.values()),
        "mirrors": registries.get("Mirrors") or [],
        "insecure": insecure_registries(registries),
        "disk": disk_shown(request.actor, host, snapshot),
        "warnings": raw.get("Warnings") or [],
        "may_manage": may(request.actor, "host.manage", Target("host", host, host, host)),
        "may_prune": may(request.actor, "container.prune", Target("host", host, host, host)),
        "may_watch": may(request.actor, "terminal.watch", Target("host", host, host, host)),
    }
    return render(request, "dashboard/host.html", context)


def insecure_registries(config: dict[str, object]) -> list[str]:
    """Networks and names that the engine speaks plain HTTP to."""
    networks = config.get("InsecureRegistryCIDRs") or []
    indexes = config.get("IndexConfigs") or {}
    assert isinstance(networks, list)
    assert isinstance(indexes, dict)
    names = [name for name, index in indexes.items() if not index.get("Secure", True)]
    return [*map(str, networks), *names]


@needs("signed-in")
def styleguide(request: Request) -> HttpResponse:
    from dashboard.samples import samples  # noqa: PLC0415  (nobody else needs it)

    return render(request, "dashboard/styleguide.html", samples())


@needs("signed-in")
def api_docs(request: Request) -> HttpResponse:
    """The OpenAPI document as a page of ours: no script, nothing from elsewhere."""
    from dashboard.api_page import sections  # noqa: PLC0415  (the API weighs 11 MiB)

    return render(request, "dashboard/api.html", {"sections": sections()})


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, 400, _("This request cannot be read."))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, 404, _("There is nothing at this address."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, 403, _("This was refused: reload the page and try again."))


def server_error(request: HttpRequest) -> HttpResponse:
    return answer(request, 500, _("Wharfinger failed here. The log of the server says more."))
