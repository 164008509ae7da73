"""Page or fragment: one view serves both from one context."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render


def is_fragment(request: HttpRequest) -> bool:
    """True where htmx asks for a part of the page (htmx 4: HX-Request-Type: partial)."""
    return request.headers.get("HX-Request") == "true" and (
        request.headers.get("HX-Request-Type", "partial") == "partial"
    )


def shaped(
    request: HttpRequest, page: str, fragment: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """Render the fragment for htmx and the page for everybody else."""
    response = render(request, fragment if is_fragment(request) else page, context, status=status)
    response["Vary"] = "HX-Request, HX-Request-Type, Cookie"
    return response


def done(
    request: HttpRequest,
    event: str,
    message: str,
    back: str,
    command_line: str = "",
    **detail: Any,
) -> HttpResponse:
    """After a change: the past-tense event and a toast for htmx; else a redirect that says so."""
    if not is_fragment(request):
        messages.success(request, message)
        return redirect(back)
    toast = {"level": "ok", "message": message, "command_line": command_line}
    response = HttpResponse(status=204)
    response["HX-Trigger"] = json.dumps({event: detail, "toast": toast})
    return response
