"""RFC 9457 problem details: every error under ``/api/``, as data that a program can read."""

import json
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from access.errors import Denied, Fenced
from engine.errors import EngineDown, EngineError, EngineSilent
from engine.spec_problems import Problem as Wrong
from web.wording import worded

TYPE = "application/problem+json"
UNDER = "/api/"
TRY_AGAIN = 5  # seconds, where an engine does not answer
Errors = Iterable[tuple[str, str]]


class Problem(Exception):
    """An answer that is an error. ``errors`` are (field, sentence)."""

    def __init__(
        self, status: int, detail: str, errors: Errors = (), headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.errors = status, detail, list(errors)
        self.headers = headers or {}


def need_understood(problems: Sequence[str]) -> None:
    """Raises Problem 422 with what is wrong with a filter, ``q``."""
    if problems:
        raise Problem(422, " ".join(problems), [("q", each) for each in problems])


def errors_of(problems: Iterable[Wrong]) -> list[tuple[str, str]]:
    """What is wrong with a typed value, as (field, sentence) in the language of the answer."""
    return [(each.field, worded(each.sentence)) for each in problems]


def need_right(errors: Sequence[tuple[str, str]]) -> None:
    """Raises Problem 422 with every field that is wrong."""
    if errors:
        raise Problem(422, _("Some fields are wrong."), errors)


def wants_problem(request: HttpRequest) -> bool:
    return request.path.startswith(UNDER)


def problem(
    request: HttpRequest,
    status: int,
    detail: str,
    errors: Errors = (),
    headers: dict[str, str] | None = None,
) -> HttpResponse:
    """``errors`` name a field each; 401 says how to come in, 503 and 504 when to come again."""
    actor = getattr(request, "actor", None) or getattr(request, "bearer", None)
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": phrase(status),
        "status": status,
        "detail": detail,
    }
    if listed := [{"field": field, "detail": text} for field, text in errors]:
        body["errors"] = listed
    if actor is not None:
        body["request_id"] = actor.request_id
    response = HttpResponse(json.dumps(body), status=status, content_type=TYPE, headers=headers)
    response["Cache-Control"] = "no-store"
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = 'Bearer realm="Wharfinger"'
    if status in (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT):
        response.setdefault("Retry-After", str(TRY_AGAIN))
    return response


def phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:  # 460: a checksum of tus
        return "Error"


def of_error(request: HttpRequest, error: Exception) -> HttpResponse | None:
    """The answer to one of our errors; None for what is a defect."""
    if isinstance(error, Problem):
        return problem(request, error.status, error.detail, error.errors, error.headers)
    if isinstance(error, Fenced):
        return problem(
            request, error.status, _("The fence refuses some fields."), breaches_of(error)
        )
    if isinstance(error, EngineDown | EngineSilent):
        words = _("The engine does not answer: %(error)s") % {"error": error.message}
        return problem(request, error.status, words)
    if isinstance(error, EngineError | Denied):
        return problem(request, error.status, error.message)
    return None


def breaches_of(error: Fenced) -> list[tuple[str, str]]:
    return [(each[0], each[1]) for each in error.breaches]
