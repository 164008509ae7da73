"""The audit log as a page: filtered, newest first, page by page without counting; and one row."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access import sight
from access.errors import Hidden
from access.gate import may
from access.rights import RIGHTS
from access.targets import SITE, Target
from audit import pages, search
from audit.events import EVENTS
from audit.export import last_seq
from audit.models import Entry, Result
from audit.pages import Page
from audit.views.asked import FIELDS, Asked
from audit.views.rows import Row, details, rows
from hosts import live
from web import fetch
from web.request import Request
from web.routes import needs
from web.shape import is_fragment, shaped

SEGMENTS: tuple[tuple[str, str | Promise, str], ...] = (
    ("", gettext_lazy("All"), ""),
    ("failed,denied,unknown", gettext_lazy("Trouble"), "bad"),
    ("denied", gettext_lazy("Denied"), ""),
    ("open", gettext_lazy("Under way"), "info"),
    ("all", gettext_lazy("With intents"), ""),
)


@dataclass(frozen=True, slots=True)
class Segment:
    """One of the views; it writes ``result:…`` into the filter's text."""

    url: str
    label: str | Promise
    tone: str
    current: bool


@needs("audit.see")
def audit_list(request: Request) -> HttpResponse:
    """``before`` and ``after`` are numbers of rows; ``tail`` asks only for the rows after one."""
    fetch.site(request)
    asked = Asked.of(request)
    found = asked.among(sight.entries(request.actor))
    page = page_of(request, asked, search.folded(found) if asked.folds else found)
    context = {"asked": asked, "page": page, "rows": rows(page.entries)} | ways(asked, page)
    if is_fragment(request) and "tail" in request.GET:
        return render(request, "audit/_news.html", context)
    return shaped(request, "audit/list.html", "audit/_list.html", context | around(request, asked))


def page_of(request: Request, asked: Asked, found: QuerySet[Entry]) -> Page:
    if asked.problems:
        return Page()
    floor, up_to = search.span(asked.words)
    top = last_seq()
    if (after := number(request, "after")) is not None:
        if "tail" in request.GET:
            return pages.older(found, top + 1, after)
        page = pages.newer(found, after, top)
        page.newer = bool(page.entries) and page.entries[0].seq < top
        return page
    before = number(request, "before")
    below = top + 1 if before is None else min(before, top + 1)
    page = pages.older(found, below if up_to is None else min(below, up_to + 1), floor)
    page.newer = before is not None and before <= top
    return page


def ways(asked: Asked, page: Page) -> dict[str, str]:
    """Addresses of the pages beside this one, of its export and of what comes after it."""
    return {
        "older": asked.address(before=page.older) if page.older else "",
        "newer": asked.address(after=page.newest) if page.newest else "",
        "newest": asked.address() if asked.text else reverse("audit-list"),
        "csv": asked.address(format="csv"),
        "jsonl": asked.address(format="jsonl"),
        "tail": f"{asked.address(tail='1')}&after=",
    }


def number(request: Request, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if search.NUMBER.fullmatch(text) else None


def around(request: Request, asked: Asked) -> dict[str, Any]:
    """The tools above the rows."""
    actor = request.actor
    hosts = [slug for slug in live.slugs() if may(actor, "host.see", host_of(slug))]
    result = ",".join(word for term in asked.words if term.key == "result" for word in term.values)
    return {
        "segments": [
            Segment(asked.address(q=asked.with_result(value)), label, tone, value == result)
            for value, label, tone in SEGMENTS
        ],
        "fields": {key: asked.value_of(key) for key in FIELDS},
        "any_field": any(asked.value_of(key) for key in FIELDS),
        "events": sorted({**EVENTS, **RIGHTS}),
        "results": [*Result.choices, ("open", _("under way"))],
        "hosts": hosts,
        "zone": timezone.get_current_timezone_name(),
        "may_export": may(actor, "audit.export", SITE),
        "may_verify": may(actor, "audit.verify", SITE),
        "whole": actor.superuser or actor.auditor,
    }


def host_of(slug: str) -> Target:
    return Target("host", slug, slug, slug)


@needs("audit.see")
def audit_entry(request: Request, seq: int) -> HttpResponse:
    """All that the record holds of one row, and the rows that belong to it."""
    fetch.site(request)
    seen = sight.entries(request.actor)
    entry = seen.filter(seq=seq).first() if seq < 2**63 else None
    if entry is None:
        raise Hidden(_("There is no such row in the audit log."))
    seconds = f"{entry.duration_us / 1_000_000:.3f}" if entry.duration_us is not None else ""
    context = {"row": Row(entry), "details": details(entry, seen), "seconds": seconds}
    return shaped(request, "audit/entry.html", "audit/_entry.html", context)
