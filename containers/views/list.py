"""The list of containers: from the mirror, never from the engine."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from access.gate import may
from access.targets import ContainerTarget, Target
from containers.listing import Group, Listing, listing
from containers.query import ATTENTION
from containers.views.asked import Asked
from containers.views.patch import can_patch, patch
from containers.views.rows import Rows
from engine.mirror import Snapshot
from engine.types import ContainerRow
from web import fetch, lists
from web.errors import BadInput
from web.lists import PAGE
from web.request import Request
from web.routes import needs
from web.shape import is_fragment, shaped

SEGMENTS: tuple[tuple[str, Promise, str], ...] = (
    ("", _("All"), ""),
    ("running", _("Running"), "ok"),
    (ATTENTION, _("Attention"), "bad"),
    ("stopped", _("Stopped"), "idle"),
)
COLUMNS: tuple[tuple[str, Promise, str], ...] = (
    ("name", _("Name"), "name"),
    ("state", _("State"), "st"),
    ("ports", _("Ports"), "prt"),
    ("since", _("Since"), "age"),
)


BULK_ACTS: tuple[tuple[str, Promise, str], ...] = (
    ("start", _("Start"), "player-play"),
    ("restart", _("Restart"), "refresh"),
    ("stop", _("Stop"), "player-stop"),
    ("kill", _("Kill…"), "bolt"),
    ("remove", _("Delete…"), "trash"),
)
GROUP_ACTS = BULK_ACTS[1:3]


@dataclass(frozen=True, slots=True)
class Act:
    """A button of the bulk bar or of a group."""

    url: str
    label: str | Promise
    icon: str
    danger: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A group with its rows as HTML."""

    group: Group
    rows: SafeString


@needs("container.see")
def container_list(request: Request, host: str) -> HttpResponse:
    snapshot = fetch.host(request, host).mirror.snapshot
    asked = Asked.of(request, host)
    rows = list(visible(request, host, snapshot))
    found = listing(rows, asked.query, asked.sort, asked.grouped)
    if request.GET.get("format") == "ids":
        return ids(asked, found)
    context = list_context(request, asked, found) | {"snapshot": snapshot, "any": bool(rows)}
    if is_fragment(request) and "ids" in request.GET and can_patch(request, asked, found):
        return render(request, "containers/_patch.html", context | patch(request, found, host))
    if is_fragment(request) and asked.page > 1:
        return render(request, "containers/_page.html", context)
    return shaped(request, "containers/list.html", "containers/_refresh.html", context)


def visible(request: Request, host: str, snapshot: Snapshot) -> Iterator[ContainerRow]:
    for row in snapshot.containers.values():
        if may(request.actor, request.right, ContainerTarget.of(host, row)):
            yield row


def ids(asked: Asked, found: Listing) -> HttpResponse:
    """``ps -q``: one full id a line. A wrong filter is an error, not an empty answer."""
    if asked.query.problems:
        raise BadInput(" ".join(asked.query.problems))
    lines = "".join(f"{row.id}\n" for row in found.rows)
    return HttpResponse(lines, content_type="text/plain; charset=utf-8")


def list_context(request: Request, asked: Asked, found: Listing) -> dict[str, Any]:
    address = reverse("container-list", args=[asked.host])
    more = len(found.rows) > asked.last
    shown = Rows(request, asked.host)
    return {
        "host": asked.host,
        "asked": asked,
        "address": address + asked.address(),
        "found": len(found.rows),
        "segments": lists.segments(asked, address, found.counts, SEGMENTS),
        "columns": lists.columns(asked, address, COLUMNS),
        "heads": asked.grouped and any(found.sizes),
        "group_acts": acts(request, asked.host, GROUP_ACTS),
        "bulk_acts": acts(request, asked.host, BULK_ACTS),
        "grouping": address + asked.address(group="none" if asked.grouped else ""),
        "groups": [
            Shown(group, shown.html(group.rows)) for group in found.groups(asked.first, asked.last)
        ],
        "next": address + asked.address(page=str(asked.last // PAGE + 1)) if more else "",
        "before": address + asked.address(page=str(asked.page - 1)) if asked.first else "",
    }


def acts(request: Request, host: str, table: tuple[tuple[str, Promise, str], ...]) -> list[Act]:
    """Those that this actor may do here at all; each container is asked for again."""
    here = Target("host", host, host, host)
    return [
        Act(reverse(f"container-bulk-{verb}", args=[host]), label, icon, verb in ("kill", "remove"))
        for verb, label, icon in table
        if may(request.actor, f"container.{verb}", here)
    ]
