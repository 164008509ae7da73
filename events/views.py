"""A host's events as a page: the last ones at once, new ones at the top."""

from django.http import HttpResponse
from django.shortcuts import render

from events.asked import Asked, answer
from web import fetch
from web.request import Request
from web.routes import needs
from web.shape import is_fragment, shaped

FEW = 8


@needs("host.see")
def event_list(request: Request, host: str) -> HttpResponse:
    """``tail`` asks only for what came after the event with the key ``after``, ``few`` for the
    last of them as a card of another page shows them."""
    engine = fetch.host(request, host)
    asked = Asked.of(request.GET.get("q", ""), "all" in request.GET)
    if is_fragment(request) and "few" in request.GET:
        found = answer(request.actor, host, asked, most=FEW)
        return render(request, "events/_few.html", {"found": found})
    tail = is_fragment(request) and "tail" in request.GET
    found = answer(request.actor, host, asked, request.GET.get("after", "")[:60] if tail else "")
    context = {
        "host": host,
        "asked": asked,
        "found": found,
        "snapshot": engine.mirror.snapshot,
        "newest": found.newest or "0",
        "tail": f"{asked.address(tail='1')}&after=",
        "plain": asked.address(all=""),
        "floods": asked.address(all="1"),
    }
    if tail:
        return render(request, "events/_news.html", context)
    return shaped(request, "events/list.html", "events/_list.html", context)
