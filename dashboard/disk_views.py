"""Disk use by object: one engine call that may take a minute, asked for and shared."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from access import sight
from dashboard.disk_objects import KindObjects, objects
from engine.snapshot import Snapshot
from engine.usage import Measured
from engine.volume_rows import volume_from
from volumes.usable import visible
from web import fetch
from web.request import Request
from web.routes import needs
from web.shape import is_fragment


@needs("host.see")
def host_disk_objects(request: Request, host: str) -> HttpResponse:
    """The page with what was measured last, if anything was; ``measure`` measures again."""
    snapshot, usage = fetch.snapshot(request, host), fetch.known(host).usage
    wanted = "measure" in request.GET or (is_fragment(request) and usage.last is None)
    measured = usage.measure() if wanted else usage.last
    context: dict[str, Any] = {"host": host, "measured": measured}
    if measured is not None:
        context["kinds"] = kinds_of(request, host, measured, snapshot)
        context["part"] = not sight.sees_all(request.actor, host)
    name = "_disk_objects" if is_fragment(request) else "disk_objects"
    return render(request, f"dashboard/{name}.html", context)


def kinds_of(
    request: Request, host: str, measured: Measured, snapshot: Snapshot
) -> list[KindObjects]:
    """What this person may see of it; ``snapshot`` is what they see of the host."""
    rows = [volume_from(each) for each in measured.usage.get("Volumes") or ()]
    seen = {row.name for row in visible(request.actor, host, rows, snapshot)}
    everything = sight.sees_all(request.actor, host)
    return objects(host, measured.usage, snapshot, seen, everything)
