"""The overview: what needs a person first, then hosts, disk use, running jobs, what was done."""

from dataclasses import dataclass

from django.http import HttpResponse

from access import sight
from access.actors import Actor
from access.gate import may
from access.targets import SITE, Target
from dashboard.attention import Concern, HostConcern, concerns, host_concerns
from dashboard.disk_views import DiskShown, disk_shown
from engine.snapshot import Snapshot
from hosts import live
from jobs import runner
from jobs.rows import JobRow, row_of
from jobs.targets import JobTarget
from web import fetch
from web.request import Request
from web.routes import needs
from web.shape import shaped

LAST = 10
MOST_CONCERNS = 20


@dataclass(frozen=True, slots=True)
class HostCard:
    """One host. ``more`` are its containers in need of a look that the page does not name."""

    slug: str
    snapshot: Snapshot
    running: int
    host_concerns: tuple[HostConcern, ...]
    concerns: tuple[Concern, ...]
    more: int
    disk: DiskShown


@needs("host.see")
def overview(request: Request) -> HttpResponse:
    fetch.site(request)
    actor = request.actor
    seen = (s for s in live.slugs() if may(actor, "host.see", Target("host", s, s, s)))
    cards = [card(actor, slug) for slug in seen]
    entries = sight.entries(actor).exclude(result="intent")[:LAST]
    context = {
        "cards": cards,
        "calm": not any(card.concerns or card.host_concerns for card in cards),
        "jobs": running_jobs(actor),
        "entries": entries if may(actor, "audit.see", SITE) else [],
    }
    return shaped(request, "dashboard/overview.html", "dashboard/_overview.html", context)


def card(actor: Actor, slug: str) -> HostCard:
    mirror = live.engine_of(slug).mirror
    snapshot = sight.seen(actor, slug, mirror.snapshot)
    disk = disk_shown(actor, slug, snapshot)
    found = tuple(concerns(slug, snapshot, mirror.past))
    return HostCard(
        slug,
        snapshot,
        sum(row.running for row in snapshot.containers.values()),
        tuple(host_concerns(slug, snapshot, disk.room)),
        found[:MOST_CONCERNS],
        len(found) - len(found[:MOST_CONCERNS]),
        disk,
    )


def running_jobs(actor: Actor) -> list[JobRow]:
    """Those that the tray counts, the newest first. From memory."""
    jobs = [run.job for run in reversed(runner.running())]
    return [
        row_of(job, may(actor, "job.cancel", JobTarget.of(job)))
        for job in jobs
        if may(actor, "job.see", JobTarget.of(job))
    ]
