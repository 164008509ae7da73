"""The record as a file, and its verification as a job."""

from django.http import HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from access import sight
from audit import actions
from audit.export import FORMS, file_name
from audit.views.asked import Asked
from web import fetch
from web.errors import BadInput
from web.request import Request
from web.routes import needs

TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson; charset=utf-8"}


@needs("audit.export", "GET")
def audit_export(request: Request) -> HttpResponseBase:
    """What fits the filter, oldest first, intents with it; streamed however long it is."""
    fetch.site(request)
    form = request.GET.get("format", "csv")
    if form not in FORMS:
        raise BadInput(_("format: choose csv or jsonl."))
    asked = Asked.of(request)
    if asked.problems:
        raise BadInput(f"q: {asked.problems[0]}")
    found = asked.among(sight.entries(request.actor))
    pieces = actions.export(request.actor, found, form, asked.text)
    response = StreamingHttpResponse(pieces, content_type=TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="{file_name(form)}"'
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "no-store"
    response["Content-Encoding"] = "identity"  # packing a stream would hold up the loop
    return response


@needs("audit.verify", "POST")
def audit_verify(request: Request) -> HttpResponseBase:
    fetch.site(request)
    return redirect("job-detail", actions.verify(request.actor).pk)
