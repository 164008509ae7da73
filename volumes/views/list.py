"""The list of volumes. The engine is asked, so that the rows come after the page around them."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from access.gate import may
from access.holders import holders_of, is_shared, team_names
from access.targets import Target, VolumeTarget
from engine.errors import EngineDown, EngineSilent
from engine.snapshot import Snapshot
from engine.usage import Measured
from engine.volume_rows import VolumeRow
from volumes.listing import Listing, Shown, listing
from volumes.query import grammar
from volumes.usable import visible
from volumes.views.page import address_of
from web import fetch, lists
from web.lists import PAGE, Asked
from web.request import Request
from web.routes import needs
from web.shape import is_fragment, shaped

SEGMENTS: tuple[tuple[str, Promise, str], ...] = (
    ("", _("All"), ""),
    ("used", _("Used"), "ok"),
    ("unused", _("Unused"), "idle"),
    ("anonymous", _("Anonymous"), "idle"),
)
COLUMNS: tuple[tuple[str, Promise, str], ...] = (
    ("name", _("Name"), "name"),
    ("size", _("Size"), "num"),
    ("driver", _("Driver"), ""),
    ("used", _("Used by"), "used"),
    ("created", _("Created"), "age"),
)


@needs("volume.see")
def volume_list(request: Request, host: str) -> HttpResponse:
    """The page at once, and its table as a fragment; both at once with ``whole``. ``measure``
    asks the engine how large they are, which may take it a minute."""
    snapshot = fetch.snapshot(request, host)
    asked = Asked(**lists.asked_parts(request, host, grammar(known_users(snapshot))))
    address = reverse("volume-list", args=[host])
    context: dict[str, Any] = {
        "host": host,
        "asked": asked,
        "snapshot": snapshot,
        "address": address + asked.address(),
        "measure": address + asked.address(measure="1", whole="1"),
        "may_prune": may(request.actor, "volume.prune", Target("host", host, host, host)),
        "may_create": may(request.actor, "volume.create", Target("volume", "", "", host)),
    }
    if not is_fragment(request) and "whole" not in request.GET:
        return render(request, "volumes/list.html", context)
    context |= {"whole": True} | table(request, asked, snapshot)
    return shaped(request, "volumes/list.html", "volumes/_refresh.html", context)


def known_users(snapshot: Snapshot) -> Any:
    return snapshot.containers_of_volume


def table(request: Request, asked: Asked[VolumeRow], snapshot: Snapshot) -> dict[str, Any]:
    try:
        engine = fetch.known(asked.host)
        everything = engine.commands.volume_rows()
        if "measure" in request.GET:
            engine.usage.measure()
    except (EngineDown, EngineSilent) as error:
        return {"engine_error": error.message}
    rows = visible(request.actor, asked.host, everything, snapshot)
    measured = engine.usage.last
    sizes = measured.volume_sizes if measured else {}
    found = listing(rows, asked.query, asked.sort, known_users(snapshot), sizes)
    return {"any": bool(rows)} | table_context(request, asked, found, snapshot, measured)


def table_context(
    request: Request,
    asked: Asked[VolumeRow],
    found: Listing,
    snapshot: Snapshot,
    measured: Measured | None,
) -> dict[str, Any]:
    address = reverse("volume-list", args=[asked.host])
    more = len(found.rows) > asked.last
    sizes = measured.volume_sizes if measured else {}
    rows = shown(request, asked.host, found.rows[asked.first : asked.last], snapshot, sizes)
    return {
        "found": len(found.rows),
        "measured": measured,
        "segments": lists.segments(asked, address, found.counts, SEGMENTS),
        "columns": lists.columns(asked, address, COLUMNS),
        "rows": list(rows),
        "next": address + asked.address(page=str(asked.last // PAGE + 1)) if more else "",
        "before": address + asked.address(page=str(asked.page - 1)) if asked.first else "",
    }


def shown(
    request: Request,
    host: str,
    rows: Sequence[VolumeRow],
    snapshot: Snapshot,
    sizes: dict[str, int],
) -> Iterator[Shown]:
    names, used = team_names(), snapshot.by_volume
    for row in rows:
        yield Shown(
            row,
            address_of(host, row.name),
            sizes.get(row.name),
            used.get(row.name, ()),
            holders_of(request.actor, host, "volume", row.name, names),
            is_shared(host, "volume", row.name),
            may(request.actor, "volume.remove", VolumeTarget.of(host, row)),
        )
