"""Errors become answers in one place: a page, a toast or a plain sentence, never a bare 500."""

import json
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access.beyond import RIGHT as BEYOND
from access.errors import Beyond, Denied, StepUpNeeded, TooSoon
from access.gate import may
from access.targets import Target
from engine.errors import EngineError
from web import asking
from web.explained import meaning
from web.problems import problem, wants_problem

CANNOT_WRITE = gettext_lazy(
    "The database of the dashboard cannot be written, so nothing was changed:"
)


class BadInput(Exception):
    """A person's input that no form guards: 422 with a sentence that names the field."""

    status = 422

    def __init__(self, message: str, status: int = 422) -> None:
        super().__init__(message)
        self.message, self.status = message, status


class ErrorMiddleware(MiddlewareMixin):
    """Maps our errors to their status and shows the sentence in the shape that was asked for."""

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, StepUpNeeded) and not wants_problem(request):
            return asking.who_one_is(request, error.message)
        if isinstance(error, TooSoon):
            response = answer(request, error.status, error.message)
            response["Retry-After"] = str(error.seconds)
            return response
        if isinstance(error, EngineError | Denied | BadInput):
            more = {"meaning": meaning(str(error)), **way_on(request, error)}
            return answer(request, error.status, error.message, **more)
        if isinstance(error, DatabaseError) and (status := status_of(error)):
            request.session.modified = False  # it could not be saved either
            return answer(request, status, f"{CANNOT_WRITE} {error}")
        return None


def status_of(error: DatabaseError) -> int | None:
    """507 where there is no room or no leave to write, 503 where others write for too long."""
    words = str(error).lower()
    if any(sign in words for sign in ("full", "readonly", "read-only", "no space", "disk i/o")):
        return 507
    return 503 if "locked" in words else None


def form_too_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW: mostly a page that was open during a login or a logout."""
    words = _(
        "This form is older than your login, or the browser keeps no cookies."
        " Nothing was done: open the page again."
    )
    return answer(request, 403, words)


def way_on(request: HttpRequest, error: Exception) -> dict[str, str]:
    """The address, and the words for it, where this person can do something about it."""
    actor = getattr(request, "actor", None)
    if not isinstance(error, Beyond) or actor is None:
        return {}
    if not may(actor, BEYOND, Target("container", error.container_id, "", error.host)):
        return {}
    url = reverse("container-beyond", args=[error.host, error.container_id])
    return {"url": url, "action": _("Go beyond the fence")}


def answer(request: HttpRequest, status: int, message: str, **way: str) -> HttpResponse:
    """An error as problem details under /api/, a page, a toast for htmx, or plain text; ``way``:
    ``url`` and ``action`` of where to go on, ``meaning`` of a sentence that is translated already.
    """
    if wants_problem(request):
        return problem(request, status, message)
    actor = getattr(request, "actor", None)
    context: dict[str, Any] = {
        "status": status,
        "message": message,
        "meaning": meaning(message),
        "request_id": actor.request_id if actor else "",
        **way,
    }
    if request.headers.get("HX-Request") == "true" and not request.headers.get("HX-Boosted"):
        response = render(request, "_error.html", context, status=status)
        response["HX-Trigger"] = json.dumps({"toast": {"level": "bad", **context}})
        response["HX-Reswap"] = "none"
        return response
    if "text/html" in request.headers.get("Accept", ""):
        return render(request, "error.html", context, status=status)
    return HttpResponse(message + "\n", status=status, content_type="text/plain; charset=utf-8")
