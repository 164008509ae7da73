"""One page for each kind of leftovers: its options, what would go, and the button."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from access.gate import may
from access.targets import Target
from pruning import actions
from pruning.options import OptionsForm
from pruning.previews import Preview, previews
from pruning.what import WHATS, What
from web import fetch
from web.errors import BadInput
from web.request import Request
from web.routes import needs
from web.shape import is_fragment, shaped

PATIENCE = 70_000  # ms: the engine may walk every layer and volume


def view_of(what: What) -> Callable[..., HttpResponseBase]:
    @needs(what.right, "GET", "HEAD", "POST")
    def view(request: Request, host: str) -> HttpResponseBase:
        fetch.host(request, host)
        return start(request, host, what) if request.method == "POST" else page(request, host, what)

    return view


def page(request: Request, host: str, what: What) -> HttpResponse:
    """``look`` asks the engine; without it the page comes at once, and its script asks."""
    form = OptionsForm(what, request.GET)
    valid = form.is_valid()
    asks = is_fragment(request) or "look" in request.GET
    context = {
        "host": host,
        "what": what,
        "form": form,
        "tabs": tabs(request, host, what),
        "asks": asks,
        "part": is_fragment(request),
        "patience": PATIENCE,
        "address": f"{request.path}?{request.META.get('QUERY_STRING', '')}",
    }
    if asks and valid:
        shown = actions.preview(request.actor, host, what, form.options())
        context |= preview_context(host, shown)
    return shaped(request, "pruning/page.html", "pruning/_preview.html", context)


def preview_context(host: str, shown: Preview) -> dict[str, Any]:
    return {
        "shown": shown,
        "line": shown.options.line(shown.what),
        "type_name": host if shown.loses_data else "",
    }


def tabs(request: Request, host: str, current: What) -> list[dict[str, Any]]:
    """The kinds that this person may prune here."""
    here = Target("host", host, host, host)
    return [
        {"url": reverse(what.route, args=[host]), "label": what.title, "current": what is current}
        for what in WHATS
        if may(request.actor, what.right, here)
    ]


def start(request: Request, host: str, what: What) -> HttpResponseBase:
    key = request.POST.get("preview", "")
    shown = previews.get(key, request.actor.user_id, host, what)
    if shown.loses_data and request.POST.get("typed_name", "").strip() != host:
        words = _("Type %(name)s to confirm: nothing was removed.")
        raise BadInput(words % {"name": host})
    return redirect("job-detail", job_id=actions.prune(request.actor, host, what, key).id)
