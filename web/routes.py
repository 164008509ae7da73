"""Every view declares its right here; the start fails where one does not."""

import functools
from collections.abc import Callable, Iterator
from typing import Any, Concatenate, ParamSpec, cast
from urllib.parse import urlencode

from django.conf import settings
from django.core.checks import Error, register
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from access import door, sessions, shown_lines
from access.actors import Actor
from access.errors import Denied
from access.gate import authorize
from access.rights import LOGGED_IN, PUBLIC, RIGHTS, SIGNED_IN
from access.targets import SITE
from web.request import Request

P = ParamSpec("P")
View = Callable[Concatenate[Request, P], HttpResponseBase]


class Unchecked(AssertionError):
    """A view answered without having passed the gate: a defect, and never shown as a page."""


def needs(
    right: str, *methods: str, bearer: bool = False
) -> Callable[[View[P]], Callable[..., HttpResponseBase]]:
    """Declare a view's right and methods (GET where none is named); ``bearer``: for tokens too.

    The view fetches its object through ``web.fetch`` on its first line, which asks the gate with
    this right; a view of the site itself calls ``fetch.site``.
    """
    if right not in RIGHTS and right not in (PUBLIC, SIGNED_IN, LOGGED_IN):
        raise ValueError(f"There is no right {right!r}: declare it in access/rights.py.")
    allowed = methods or ("GET", "HEAD")

    def decorate(view: View[P]) -> Callable[..., HttpResponseBase]:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            ours = cast(Request, request)
            if (turned_away := enter(ours, right)) is not None:
                return turned_away
            shown_lines.begin()
            response = view(ours, *args, **kwargs)
            if not ours.checked and response.status_code < 400:
                raise Unchecked(f"{view.__module__}.{view.__name__} never asked the gate.")
            return response

        answering = require_http_methods(list(allowed))(guarded)
        answering.right, answering.methods = right, allowed  # type: ignore[attr-defined]
        answering.bearer = bearer  # type: ignore[attr-defined]
        return cast(Callable[..., HttpResponseBase], answering)

    return decorate


def enter(request: Request, right: str) -> HttpResponse | None:
    """Who asks, and with which right; the way to the login for somebody who has to go there."""
    request.actor, request.right, request.checked = Actor.of_request(request), right, False
    here = request.user.is_authenticated and request.actor.scope is None
    if here:
        sessions.touch(request, request.user)
    if right == LOGGED_IN and here:
        request.actor = Actor.of_login(request)
    if right in (PUBLIC, SIGNED_IN, LOGGED_IN):
        request.checked = right == PUBLIC or request.actor.signed_in
    if right != PUBLIC and not request.actor.signed_in:
        return to_second_factor(request) if here else to_login(request)
    return None


def to_second_factor(request: HttpRequest) -> HttpResponse:
    """For whoever has to set one up before anything else."""
    address = resolve_url("second-factor")
    if is_page(request):
        return redirect(f"{address}?{urlencode({'next': request.get_full_path()})}")
    response = HttpResponse(
        _("Set up two-step login first.") + "\n",
        status=403,
        content_type="text/plain; charset=utf-8",
    )
    if request.headers.get("HX-Request") == "true":
        response["HX-Redirect"] = address
    return response


def is_page(request: HttpRequest) -> bool:
    html = "text/html" in request.headers.get("Accept", "")
    return request.method == "GET" and html and request.headers.get("HX-Request") != "true"


def to_login(request: HttpRequest) -> HttpResponse:
    """A page goes to the login and back; a fragment or a program gets a plain 401."""
    if is_page(request):
        return redirect(
            f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': request.get_full_path()})}"
        )
    response = HttpResponse(
        _("Log in first."), status=401, content_type="text/plain; charset=utf-8"
    )
    if request.headers.get("HX-Request") == "true":
        response["HX-Redirect"] = resolve_url(settings.LOGIN_URL)
    return response


def patterns(
    resolver: URLResolver | None = None, prefix: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    """Every route of the site with its whole address pattern."""
    for entry in (resolver or get_resolver()).url_patterns:
        address = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, address)
        else:
            yield address, entry


@register()
def every_route_has_a_right(app_configs: Any, **kwargs: Any) -> list[Error]:
    return [
        Error(
            f"/{address} declares no right: decorate its view with web.routes.needs.", id="web.E001"
        )
        for address, entry in patterns()
        if not getattr(entry.callback, "right", None)
    ]


def allow(request: Request, target: Any = SITE) -> None:
    """Ask the gate with the view's own right. Raises Denied or Hidden: recorded, but for a mere
    look, which a page repeats for as long as it is open."""
    try:
        authorize(request.actor, request.right, target)
    except Denied as refusal:
        right = RIGHTS.get(request.right)
        looks = right is not None and right.only_reads
        if request.method not in ("GET", "HEAD") or not looks:
            door.denied(request.actor, request.right, target, refusal)
        raise
    request.checked = True


__all__ = ["Denied", "allow", "every_route_has_a_right", "needs", "patterns"]
