"""The site's own pages: overview, host, health, and what is shown when nothing else fits."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from access import sight
from access.actors import Actor
from access.gate import may
from access.targets import SITE, Target
from dashboard.attention import Concern, concerns
from dashboard.disk import disk_use
from engine.mirror import Snapshot
from hosts import live
from pruning.what import WHATS
from web import fetch
from web.errors import answer
from web.request import Request
from web.routes import needs
from web.shape import shaped

LAST = 10


@dataclass(frozen=True, slots=True)
class HostCard:
    """One host on the overview."""

    slug: str
    snapshot: Snapshot
    running: int
    concerns: tuple[Concern, ...]


@needs("public")
def healthz(request: Request) -> HttpResponse:
    """Alive: no login, no call to an engine, no database."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


@needs("host.see")
def overview(request: Request) -> HttpResponse:
    fetch.site(request)
    cards = [
        card(request.actor, slug)
        for slug in live.slugs()
        if may(request.actor, "host.see", Target("host", slug, slug, slug))
    ]
    entries = sight.entries(request.actor).exclude(result="intent")[:LAST]
    context = {
        "cards": cards,
        "concerns": [concern for card in cards for concern in card.concerns],
        "entries": entries if may(request.actor, "audit.see", SITE) else [],
    }
    return shaped(request, "dashboard/overview.html", "dashboard/_overview.html", context)


def card(actor: Actor, slug: str) -> HostCard:
    snapshot = sight.seen(actor, slug, live.engine_of(slug).mirror.snapshot)
    running = sum(row.running for row in snapshot.containers.values())
    return HostCard(slug, snapshot, running, tuple(concerns(slug, snapshot)))


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


@needs("host.see")
def host_disk(request: Request, host: str) -> HttpResponse:
    """Disk use by kind: an engine call that may be slow, so it is a fragment of its own.

    The engine adds everybody's up, so that it is for those who see the whole host.
    """
    engine = fetch.host(request, host)
    whole = sight.sees_all(request.actor, host)
    kinds = disk_use(engine.usage.measure().usage) if whole else []
    ways = prunes(request, host)
    rows = [(kind, ways.get(kind.kind, "")) for kind in kinds]
    context = {"host": host, "rows": rows, "part": not whole}
    return shaped(request, "dashboard/disk.html", "dashboard/_disk.html", context)


def prunes(request: Request, host: str) -> dict[str, str]:
    """Kind of disk use → where all that it could do without is pruned, if this person may."""
    here = Target("host", host, host, host)
    return {
        what.slug: reverse(what.route, args=[host]) + "?everything=on" * bool(what.everything)
        for what in WHATS
        if may(request.actor, what.right, here)
    }


@needs("signed-in")
def styleguide(request: Request) -> HttpResponse:
    return render(request, "dashboard/styleguide.html")


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
