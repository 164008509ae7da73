"""The command palette: a page of its own, and the same as a dialog over any other."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from dashboard.palette import find
from dashboard.palette_things import Choice
from web import fetch
from web.context import build
from web.request import Request
from web.routes import needs
from web.shape import is_fragment


@needs("host.see")
def palette(request: Request) -> HttpResponse:
    """``?q=`` words, ``?host=`` where one is, ``?part=results`` for the lines alone."""
    fetch.site(request)
    shell = build(request)
    here = host_of(request.GET.get("host", ""), shell)
    pages = [
        Choice(item.url, item.label, item.icon)
        for item in [*shell["nav"], *shell.get("administration", [])]
    ]
    pages += [Choice(host.url, host.name, "server", host=host.slug) for host in shell["hosts"]]
    words = request.GET.get("q", "")
    context = {"found": find(request.actor, words, here, pages), "words": words, "here": here}
    if not is_fragment(request):
        return render(request, "dashboard/palette.html", context)
    results = request.GET.get("part") == "results"
    template = "dashboard/_palette_results.html" if results else "dashboard/_palette.html"
    return render(request, template, context)


def host_of(asked: str, shell: dict[str, Any]) -> str:
    """Where one is; where that is no host's page, the one that the rail shows."""
    if any(host.slug == asked for host in shell["hosts"]):
        return asked
    return shell["host"].slug if shell.get("host") else ""
