"""The list of containers: from the mirror, never from the engine."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from access.gate import may
from access.targets import Target
from containers.columns import COLUMNS, Beside, beside, chosen
from containers.listing import SORTS, Group, Listing, in_order, listing
from containers.query import ATTENTION, MEASURED, ONLY_LIVE, OUTDATED
from containers.views.asked import Asked
from containers.views.heads import BULK_ACTS, Heads, acts
from containers.views.patch import can_patch, patch
from containers.views.rows import Rows
from engine.mirror import Snapshot
from engine.types import ContainerRow
from web import fetch, lists
from web.addresses import way_back
from web.errors import BadInput
from web.lists import DEFAULT_SORT, PAGE
from web.request import Request
from web.routes import needs
from web.shape import is_fragment, shaped

SEGMENTS: tuple[tuple[str, Promise, str], ...] = (
    ("", _("All"), ""),
    ("running", _("Running"), "ok"),
    (ATTENTION, _("Attention"), "bad"),
    ("stopped", _("Stopped"), "idle"),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A group with its head and rows as HTML; a group that goes on has no second head."""

    group: Group
    head: SafeString | str
    rows: SafeString


@needs("container.see")
def container_list(request: Request, host: str) -> HttpResponse:
    snapshot = fetch.snapshot(request, host)
    asked = Asked.of(request, host)
    rows = ordered(snapshot, asked)
    found = listing(rows, asked.query, asked.grouped)
    if request.GET.get("format") == "ids":
        return ids(asked, found)
    context = list_context(request, asked, found) | {"snapshot": snapshot, "any": bool(rows)}
    if is_fragment(request) and "ids" in request.GET and can_patch(request, asked, found):
        return render(request, "containers/_patch.html", context | patch(request, asked, found))
    context["groups"] = list(shown(request, asked, found))
    if is_fragment(request) and asked.page > 1:
        return render(request, "containers/_page.html", context)
    return shaped(request, "containers/list.html", "containers/_refresh.html", context)


@needs("container.see")
def container_columns(request: Request, host: str) -> HttpResponse:
    """Which columns to show: kept with the person's other looks."""
    fetch.snapshot(request, host)
    back = urlsplit(way_back(request, reverse("container-list", args=[host])))
    left = [pair for pair in parse_qsl(back.query) if pair[0] != "columns"]
    shown = chosen(request.GET.get("columns", "") or request.user.columns)
    context = {
        "host": host,
        "back": urlunsplit(back._replace(query=urlencode(left))),
        "choices": [(column, column.key in shown) for column in COLUMNS.values()],
    }
    return shaped(request, "containers/columns.html", "containers/_columns.html", context)


def ordered(snapshot: Snapshot, asked: Asked) -> tuple[ContainerRow, ...]:
    """What the person may see, in order: sorted once per change and sight, not per request."""
    column = asked.sort.removeprefix("-")
    if column in MEASURED:
        readings = fetch.known(asked.host).meter.readings
        return in_order(snapshot.containers.values(), asked.sort, asked.grouped, readings)
    sort = asked.sort if column in SORTS else DEFAULT_SORT
    key = ("containers", sort, asked.grouped)
    held = snapshot.derived.get(key)
    if held is None:
        held = in_order(snapshot.containers.values(), sort, asked.grouped)
        snapshot.derived[key] = held
    return cast(tuple[ContainerRow, ...], held)


def ids(asked: Asked, found: Listing) -> HttpResponse:
    """``ps -q``: one full id a line. A wrong filter is an error, not an empty answer."""
    if asked.query.problems or asked.measures:
        raise BadInput(" ".join(asked.query.problems) or str(ONLY_LIVE))
    lines = "".join(f"{row.id}\n" for row in found.rows)
    return HttpResponse(lines, content_type="text/plain; charset=utf-8")


def list_context(request: Request, asked: Asked, found: Listing) -> dict[str, Any]:
    address = reverse("container-list", args=[asked.host])
    more = len(found.rows) > asked.last
    return {
        "host": asked.host,
        "asked": asked,
        "address": address + asked.address(),
        "found": len(found.rows),
        "segments": lists.segments(asked, address, found.counts, SEGMENTS),
        "columns": heads_of(asked, address),
        "outdated": outdated(request, asked, address),
        "prune": prune_address(request, asked.host),
        "bulk_acts": acts(request, asked.host, BULK_ACTS),
        "grouping": address + asked.address(group="none" if asked.grouped else ""),
        "next": address + asked.address(page=str(asked.last // PAGE + 1)) if more else "",
        "before": address + asked.address(page=str(asked.page - 1)) if asked.first else "",
    }


def heads_of(asked: Asked, address: str) -> list[lists.Column]:
    """Those that sort are links."""
    chosen = [COLUMNS[key] for key in asked.columns]
    table: list[tuple[str, Promise, str]] = [("name", _("Name"), "name")]
    table += [(column.key, column.label, column.css) for column in chosen if column.sorts]
    rest = [column for column in chosen if not column.sorts]
    links = lists.columns(asked, address, table)
    return links + [lists.Column("", column.label, column.css, "") for column in rest]


def outdated(request: Request, asked: Asked, address: str) -> lists.Segment | None:
    """Those whose image's name means a newer one by now; None where there are none."""
    snapshot = fetch.sight(request, asked.host)
    count = snapshot.derived.get(OUTDATED)
    if count is None:
        rows = snapshot.containers.values()
        count = sum(snapshot.newer_image(row) is not None for row in rows)
        snapshot.derived[OUTDATED] = count
    current = asked.query.only("is") == OUTDATED
    if not (count or current):
        return None
    text = str(asked.query.with_only("is", "" if current else OUTDATED))
    url = address + asked.address(q=text)
    return lists.Segment(url, _("Newer image"), "info", count, current, text)


def prune_address(request: Request, host: str) -> str:
    """Where those that do not run are pruned, for who may."""
    here = Target("host", host, host, host)
    return (
        reverse("prune-containers", args=[host])
        if may(request.actor, "container.prune", here)
        else ""
    )


def shown(request: Request, asked: Asked, found: Listing) -> Iterator[Shown]:
    rows = Rows(request, asked.host, asked.columns, around(request, asked, found))
    heads = Heads(request, asked.host, len(asked.columns))
    headed = asked.grouped and any(found.sizes)
    for group in found.groups(asked.first, asked.last):
        head = heads.html(group) if headed and not group.continued else ""
        yield Shown(group, head, rows.html(group.rows))


def around(request: Request, asked: Asked, found: Listing) -> Beside:
    rows = found.rows[asked.first : asked.last]
    return beside(request.actor, asked.host, asked.columns, rows)
