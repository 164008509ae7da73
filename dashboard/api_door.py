"""The way into the JSON API: who asks, how often, with what body; then the operation.

Errors are problem details, whatever they are. The API itself is imported with the first request.
"""

import json
import logging
import math
from collections.abc import AsyncIterator
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
    UnreadablePostError,
)
from django.http.response import HttpResponseNotAllowed
from django.middleware.csrf import CsrfViewMiddleware
from django.urls import ResolverMatch
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from access.actors import Actor
from access.rights import BY_OPERATION
from web.allowance import allowance
from web.errors import CANNOT_WRITE, BadInput, status_of
from web.problems import Problem, of_error, problem
from web.request import Request

BASE = "/api/v1/"
SAFE = ("GET", "HEAD", "OPTIONS")
log = logging.getLogger(__name__)


class Csrf(CsrfViewMiddleware):
    """Says why instead of answering with a page."""

    def _reject(self, request: HttpRequest, reason: str) -> Any:
        raise Problem(403, _("With a login, send X-CSRFToken: %(why)s") % {"why": reason})


@csrf_exempt  # judged below, so that its refusal is a problem detail
def api_v1(request: Request, rest: str) -> HttpResponseBase:
    """Every address under ``/api/``."""
    headers: dict[str, str] = {}
    try:
        response = answered(request, rest, headers)
    except Exception as error:
        response = of_exception(request, error)
    for name, value in headers.items():
        response[name] = value
    response.setdefault("Cache-Control", "no-store")
    return response


api_v1.right = BY_OPERATION  # type: ignore[attr-defined]
api_v1.methods = ("GET", "HEAD", "POST", "DELETE")  # type: ignore[attr-defined]
api_v1.bearer = True  # type: ignore[attr-defined]


def answered(request: Request, rest: str, headers: dict[str, str]) -> HttpResponseBase:
    from dashboard.api import routes  # noqa: PLC0415  (11 MiB, for whoever asks)

    request.actor = Actor.of_request(request)
    if not request.actor.signed_in:
        raise Problem(401, _("Send a token: Authorization: Bearer wharf_…"))
    headers.update(counted(request))
    if not request.path_info.startswith(BASE):
        raise Http404
    match = routes().resolve(rest)
    # Read before a form is looked through for its token: that leaves no body to read.
    request.sent = body_of(request)  # type: ignore[attr-defined]
    if request.actor.scope is None and request.method not in SAFE:
        Csrf(lambda _request: HttpResponse()).process_view(request, answered, (), {})
    response = told(request, match)
    if isinstance(response, HttpResponseNotAllowed):
        allowed = ", ".join([*response["Allow"].split(", "), *heads(response)])
        words = _("This address takes %(methods)s.") % {"methods": allowed}
        raise Problem(405, words, headers={"Allow": allowed})
    return response


def told(request: Request, match: ResolverMatch) -> HttpResponseBase:
    """The operation's answer. HEAD is GET without its body, which the server leaves out; of what
    would be streamed nothing is even read.
    """
    head = request.method == "HEAD"
    if head:
        request.method = "GET"
    response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
    if head and isinstance(response, StreamingHttpResponse):
        response.streaming_content = nothing()
    return response


async def nothing() -> AsyncIterator[bytes]:
    empty: tuple[bytes, ...] = ()
    for piece in empty:
        yield piece


def heads(response: HttpResponseBase) -> list[str]:
    return ["HEAD"] if "GET" in response["Allow"] else []


def counted(request: Request) -> dict[str, str]:
    """The RateLimit headers. Raises Problem 429."""
    scope, user = request.actor.scope, request.actor.user_id
    who = f"token {scope.token_id}" if scope else f"user {user}"
    standing = allowance.take(who, settings.API_REQUESTS_PER_MINUTE)
    headers = standing.headers()
    if not standing.good:
        words = _("Too many requests: wait for %(seconds)d s.") % {"seconds": standing.seconds}
        raise Problem(429, words, headers=headers)
    return headers


def body_of(request: HttpRequest) -> Any:
    """What was sent, as JSON; None for nothing. Raises Problem 413, 415 or 422."""
    if request.method in SAFE or not request.body:
        return None  # what comes with a GET means nothing
    if request.content_type != "application/json":
        raise Problem(415, _("Content-Type: send application/json."))
    try:
        return json.loads(request.body, parse_constant=no_number, parse_float=finite)
    except (ValueError, RecursionError):
        words = _("The body is no JSON.")
        raise Problem(422, words, [("body", words)]) from None


def no_number(text: str) -> Any:
    raise ValueError(f"{text} is no number of JSON")


def finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text} is too large")
    return number


def of_exception(request: HttpRequest, error: Exception) -> HttpResponse:
    if (known := of_error(request, error)) is not None:
        return known
    if isinstance(error, DatabaseError) and (status := status_of(error)):
        return problem(request, status, f"{CANNOT_WRITE} {error}")
    if isinstance(error, BadInput):
        return problem(request, error.status, error.message)
    if isinstance(error, Http404):
        return problem(request, 404, _("There is nothing at this address."))
    if isinstance(error, RequestDataTooBig):
        return problem(request, 413, _("The body is too long."))
    if isinstance(error, SuspiciousOperation | UnreadablePostError):
        return problem(request, 400, _("This request cannot be read."))
    log.exception("The API failed at %s %s", request.method, request.path)
    return problem(request, 500, _("Wharfinger failed here. The log of the server says more."))
