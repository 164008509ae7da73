"""The list of networks. The engine is asked, so that the rows come after the page around them."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from access.gate import may
from access.holders import holders_of, is_shared, team_names
from access.targets import NetworkTarget, Target
from engine.errors import EngineDown, EngineSilent
from engine.snapshot import Snapshot
from engine.types import ContainerRow, NetworkRow
from networks.listing import Listing, Shown, listing
from networks.query import grammar
from networks.usable import users_of, visible
from web import fetch, lists
from web.lists import PAGE, Asked
from web.request import Request
from web.routes import needs
from web.shape import is_fragment, shaped

SEGMENTS: tuple[tuple[str, Promise, str], ...] = (
    ("", _("All"), ""),
    ("used", _("Used"), "ok"),
    ("unused", _("Unused"), "idle"),
)
COLUMNS: tuple[tuple[str, Promise, str], ...] = (
    ("name", _("Name"), "name"),
    ("driver", _("Driver"), ""),
    ("used", _("Used by"), "used"),
    ("created", _("Created"), "age"),
)
Users = Callable[[NetworkRow], tuple[ContainerRow, ...]]


@needs("network.see")
def network_list(request: Request, host: str) -> HttpResponse:
    """The page at once, and its table as a fragment; both at once with ``whole``."""
    snapshot = fetch.snapshot(request, host)
    users = known_users(snapshot)
    asked = Asked(**lists.asked_parts(request, host, grammar(users)))
    here = Target("network", "", "", host)
    context: dict[str, Any] = {
        "host": host,
        "asked": asked,
        "snapshot": snapshot,
        "address": reverse("network-list", args=[host]) + asked.address(),
        "may_prune": may(request.actor, "network.prune", Target("host", host, host, host)),
        "may_create": may(request.actor, "network.create", here),
    }
    if not is_fragment(request) and "whole" not in request.GET:
        return render(request, "networks/list.html", context)
    context |= {"whole": True} | table(request, asked, snapshot, users)
    return shaped(request, "networks/list.html", "networks/_refresh.html", context)


def known_users(snapshot: Snapshot) -> Users:
    """Asked several times of each row."""
    by_id: dict[str, tuple[ContainerRow, ...]] = {}

    def users(row: NetworkRow) -> tuple[ContainerRow, ...]:
        if row.id not in by_id:
            by_id[row.id] = users_of(row, snapshot)
        return by_id[row.id]

    return users


def table(
    request: Request, asked: Asked[NetworkRow], snapshot: Snapshot, users: Users
) -> dict[str, Any]:
    try:
        everything = fetch.known(asked.host).commands.network_rows()
    except (EngineDown, EngineSilent) as error:
        return {"engine_error": error.message}
    rows = visible(request.actor, asked.host, everything, snapshot)
    found = listing(rows, asked.query, asked.sort, users)
    return {"any": bool(rows)} | table_context(request, asked, found, users)


def table_context(
    request: Request, asked: Asked[NetworkRow], found: Listing, users: Users
) -> dict[str, Any]:
    address = reverse("network-list", args=[asked.host])
    more = len(found.rows) > asked.last
    return {
        "found": len(found.rows),
        "segments": lists.segments(asked, address, found.counts, SEGMENTS),
        "columns": lists.columns(asked, address, COLUMNS),
        "rows": list(shown(request, asked.host, found.rows[asked.first : asked.last], users)),
        "next": address + asked.address(page=str(asked.last // PAGE + 1)) if more else "",
        "before": address + asked.address(page=str(asked.page - 1)) if asked.first else "",
    }


def shown(request: Request, host: str, rows: Sequence[NetworkRow], users: Users) -> Iterator[Shown]:
    names = team_names()
    for row in rows:
        remove = not row.predefined and may(
            request.actor, "network.remove", NetworkTarget.of(host, row)
        )
        teams = holders_of(request.actor, host, "network", row.name, names)
        yield Shown(row, users(row), teams, is_shared(host, "network", row.name), remove)
