"""The list of images: from the mirror, never from the engine."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from access.gate import may
from access.targets import Target
from engine.mirror import Snapshot
from engine.types import ImageRow
from images.listing import Listing, listing, shown
from images.newer import Answers, Newer, answers_for, last_asked
from images.query import grammar
from web import fetch, lists
from web.errors import BadInput
from web.lists import PAGE, Asked
from web.request import Request
from web.routes import needs
from web.shape import is_fragment, shaped

SEGMENTS: tuple[tuple[str, Promise, str], ...] = (
    ("", _("All"), ""),
    ("unused", _("Unused"), "idle"),
    ("dangling", _("Dangling"), "warn"),
)
COLUMNS: tuple[tuple[str, Promise, str], ...] = (
    ("name", _("Name"), "name"),
    ("size", _("Size"), "num"),
    ("used", _("Used by"), "used"),
    ("created", _("Created"), "age"),
)
VERBS = ("remove", "push", "prune", "build", "save", "load", "search")


@needs("image.see")
def image_list(request: Request, host: str) -> HttpResponse:
    snapshot = fetch.snapshot(request, host)
    answers = answers_for(request.actor, host)
    words = grammar(snapshot.containers_of_image, answers)
    asked = Asked(**lists.asked_parts(request, host, words))
    rows = list(snapshot.images.values())
    found = listing(rows, asked.query, asked.sort, snapshot, answers)
    if request.GET.get("format") == "ids":
        return ids(asked, found)
    context = list_context(request, asked, found, snapshot, answers) | {"any": bool(rows)}
    if is_fragment(request) and asked.page > 1:
        return render(request, "images/_page.html", context)
    return shaped(request, "images/list.html", "images/_refresh.html", context)


def ids(asked: Asked[ImageRow], found: Listing) -> HttpResponse:
    """``images -q --no-trunc``: one full id a line. A wrong filter is an error."""
    if asked.query.problems:
        raise BadInput(" ".join(asked.query.problems))
    lines = "".join(f"{row.id}\n" for row in found.rows)
    return HttpResponse(lines, content_type="text/plain; charset=utf-8")


def list_context(
    request: Request,
    asked: Asked[ImageRow],
    found: Listing,
    snapshot: Snapshot,
    answers: Answers,
) -> dict[str, Any]:
    address = reverse("image-list", args=[asked.host])
    more = len(found.rows) > asked.last
    here = Target("host", asked.host, asked.host, asked.host)
    return {
        "host": asked.host,
        "asked": asked,
        "snapshot": snapshot,
        "found": len(found.rows),
        "segments": segments(asked, address, found.counts),
        "checked": last_asked(answers),
        "newer_asked": newer_alone(asked),
        "columns": lists.columns(asked, address, COLUMNS),
        "rows": [shown(row, snapshot, answers) for row in found.rows[asked.first : asked.last]],
        "next": address + asked.address(page=str(asked.last // PAGE + 1)) if more else "",
        "before": address + asked.address(page=str(asked.page - 1)) if asked.first else "",
        "verbs": {verb for verb in VERBS if may(request.actor, f"image.{verb}", here)},
    }


def segments(
    asked: Asked[ImageRow], address: str, counts: Mapping[str, int]
) -> list[lists.Segment]:
    """Those by use; and what has something newer, which is a word of its own in the filter."""
    bare = replace(asked, query=asked.query.with_only("newer", ""))
    open_ = newer_alone(asked)
    by_use = lists.segments(bare, address, counts, SEGMENTS)
    text = str(bare.query.with_state("").with_only("newer", Newer.YES))
    url, label = address + asked.address(q=text), _("Newer available")
    newer = lists.Segment(url, label, "info", counts["newer"], open_, text)
    return [*(replace(each, current=each.current and not open_) for each in by_use), newer]


def newer_alone(asked: Asked[ImageRow]) -> bool:
    return asked.query.only("newer") == Newer.YES and lists.is_open(asked.query, "")
