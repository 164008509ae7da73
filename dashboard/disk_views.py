"""Disk use by kind and by object: one engine call that may take a minute, kept and shared."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from access import sight
from access.actors import Actor
from access.gate import may
from access.targets import Target
from dashboard.disk import KindUse, disk_use, seen_use
from dashboard.disk_objects import KindObjects, objects
from engine.room import Room, room_of
from engine.snapshot import Snapshot
from engine.types import EngineState
from engine.usage import Measured
from engine.volume_rows import volume_from
from hosts import live
from pruning.what import WHATS
from volumes.usable import visible
from web import fetch
from web.request import Request
from web.routes import needs
from web.shape import is_fragment, shaped


@dataclass(frozen=True, slots=True)
class DiskShown:
    """``rows``: each kind, and where it is pruned or "". ``part``: it is only of what this person
    sees. ``at`` is None before anything was measured; ``due``: it should be measured now."""

    host: str
    at: datetime | None
    rows: tuple[tuple[KindUse, str], ...]
    part: bool
    due: bool
    room: Room | None


@needs("host.see")
def host_disk(request: Request, host: str) -> HttpResponse:
    """By kind, measured a quarter of an hour ago at most; ``measure`` measures again."""
    snapshot, usage = fetch.snapshot(request, host), fetch.known(host).usage
    usage.measure() if "measure" in request.GET else usage.recent()
    context = {"host": host, "disk": disk_shown(request.actor, host, snapshot)}
    return shaped(request, "dashboard/disk.html", "dashboard/_disk.html", context)


def disk_shown(actor: Actor, host: str, snapshot: Snapshot) -> DiskShown:
    """Of what was measured last; ``snapshot`` is what this person sees of the host. No engine
    call. What the engine adds up is everybody's: for those who see the whole host."""
    engine = live.engine_of(host)
    whole, measured = sight.sees_all(actor, host), engine.usage.last
    kinds: list[KindUse] = []
    if measured is not None and whole:
        kinds = disk_use(measured.usage)
    elif measured is not None:
        kinds = seen_use(measured.usage, snapshot, seen_volumes(actor, host, measured, snapshot))
    ways = prunes(actor, host) if whole else {}
    return DiskShown(
        host,
        measured.at if measured else None,
        tuple((kind, ways.get(kind.kind, "")) for kind in kinds),
        not whole,
        engine.usage.due and snapshot.state == EngineState.UP,
        room_of(engine.address, snapshot.facts) if whole else None,
    )


def prunes(actor: Actor, host: str) -> dict[str, str]:
    """Kind of disk use → where all that it could do without is pruned, if this person may."""
    here = Target("host", host, host, host)
    return {
        what.slug: reverse(what.route, args=[host]) + "?everything=on" * bool(what.everything)
        for what in WHATS
        if may(actor, what.right, here)
    }


@needs("host.see")
def host_disk_objects(request: Request, host: str) -> HttpResponse:
    """The page with what was measured last, if anything was; ``measure`` measures again."""
    snapshot, usage = fetch.snapshot(request, host), fetch.known(host).usage
    wanted = "measure" in request.GET or (is_fragment(request) and usage.last is None)
    measured = usage.measure() if wanted else usage.last
    context: dict[str, Any] = {"host": host, "measured": measured}
    if measured is not None:
        context["kinds"] = kinds_of(request.actor, host, measured, snapshot)
        context["part"] = not sight.sees_all(request.actor, host)
    name = "_disk_objects" if is_fragment(request) else "disk_objects"
    return render(request, f"dashboard/{name}.html", context)


def kinds_of(actor: Actor, host: str, measured: Measured, snapshot: Snapshot) -> list[KindObjects]:
    """What this person may see of it; ``snapshot`` is what they see of the host."""
    seen = seen_volumes(actor, host, measured, snapshot)
    return objects(host, measured.usage, snapshot, seen, sight.sees_all(actor, host))


def seen_volumes(actor: Actor, host: str, measured: Measured, snapshot: Snapshot) -> set[str]:
    rows = [volume_from(each) for each in measured.usage.get("Volumes") or ()]
    return {row.name for row in visible(actor, host, rows, snapshot)}
