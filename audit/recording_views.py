"""Recordings of terminals: which there are, one played back, and its file."""

from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

from csp.constants import NONCE
from csp.decorators import csp_update
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from access import door as record
from access import sight
from access.errors import Hidden, NotRecorded
from access.gate import may
from access.targets import SITE, StartedTarget
from audit import shelf
from audit.models import Recording
from audit.recording_forms import RecordingFilter
from audit.recording_words import recording_words
from engine.threads import door
from web import fetch
from web.request import Request
from web.routes import allow, needs
from web.shape import shaped

PER_PAGE = 50


def target_of(row: Recording) -> StartedTarget:
    return StartedTarget(
        "recording", row.id, f"{row.user}: {row.container}", row.host, user_id=row.user_id
    )


def recording_of(request: Request, recording_id: str) -> Recording:
    """Fetch and authorise. Raises Hidden: what one may not play is not there."""
    row = Recording.objects.filter(id=recording_id).first()
    if row is None:
        allow(request, StartedTarget("recording", recording_id))
        raise Hidden(_("There is no such recording."))
    allow(request, target_of(row))
    return row


@needs("audit.see")
def recording_list(request: Request) -> HttpResponse:
    fetch.site(request)
    form, found = RecordingFilter(request.GET), sight.recordings(request.actor)
    rows = form.narrowed(found) if form.is_valid() else found.none()
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "form": form, "any": found.exists()}
    return shaped(request, "audit/recordings.html", "audit/_recordings.html", context)


@csp_update({"style-src": [NONCE]})  # xterm.js makes <style> elements
@needs("audit.see")
def recording_page(request: Request, recording_id: str) -> HttpResponse:
    row = recording_of(request, recording_id)
    context = {
        "row": row,
        "standing": shelf.standing(row),
        "may_see_entry": may(request.actor, "audit.see", SITE),
        "words": recording_words(),
    }
    return render(request, "audit/recording.html", context)


@needs("audit.see")
def recording_cast(request: Request, recording_id: str) -> HttpResponse | StreamingHttpResponse:
    """The asciicast for the player; that somebody played it is recorded."""
    return sent(request, recording_of(request, recording_id), "recording.play")


@needs("audit.see")
def recording_download(request: Request, recording_id: str) -> HttpResponse | StreamingHttpResponse:
    row = recording_of(request, recording_id)
    response = sent(request, row, "recording.download")
    name = f"{row.started:%Y%m%d-%H%M%S}-{row.id[:8]}.cast"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def sent(request: Request, row: Recording, event: str) -> StreamingHttpResponse:
    if not shelf.is_there(row):
        raise Hidden(_("The file of this recording is gone."))
    with suppress(NotRecorded):  # a read goes on where it cannot be recorded
        record.note(request.actor, event, target_of(row), sha256=row.sha256)
    response = StreamingHttpResponse(pieces(row), content_type="application/x-asciicast")
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Content-Encoding"] = "identity"  # a stream is never gzipped by the middleware
    response["Cache-Control"] = "private, no-store"
    return response


async def pieces(row: Recording) -> AsyncIterator[Any]:
    """Opened only where it is read: an answer that nobody takes holds no file."""
    file = await door.run(shelf.opened, row)
    try:
        while piece := await door.run(file.read, shelf.PIECE):
            yield piece
    finally:
        file.close()
