"""The log page, its tickets and its download."""

import zlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

from django.http import HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from access.targets import ContainerTarget
from containers.log_range import LogRangeForm
from containers.log_words import log_words
from containers.views.page import page_context
from engine.feed import LogRange
from engine.threads import door
from hosts.live import engine_of
from web import fetch, tickets
from web.errors import BadInput
from web.names import by_any_name
from web.request import Request
from web.routes import needs

PIECE = 64 * 1024


@needs("container.logs")
@by_any_name
def container_logs(request: Request, host: str, container_id: str) -> HttpResponseBase:
    target = fetch.container(request, host, container_id)
    context = page_context(request, target, "container-logs")
    return render(request, "containers/logs.html", context | viewer_context([target]))


def viewer_context(targets: Sequence[ContainerTarget]) -> dict[str, Any]:
    """What the log viewer is told: its words, and each container in the order of its place."""
    return {"words": log_words(), "log_containers": [viewed(target) for target in targets]}


def viewed(target: ContainerTarget) -> dict[str, str]:
    base = reverse("container-logs", args=[target.host, target.id])
    return {"id": target.id, "name": target.name, "earlier": f"{base}earlier/"}


@needs("container.logs", "POST")
def logs_ticket(request: Request, host: str, container_id: str) -> HttpResponse:
    target = fetch.container(request, host, container_id)
    wanted = asked(LogRangeForm(request.POST))
    ticket = tickets.issue(request.actor, "container.logs", host, target.id, range=wanted)
    return JsonResponse({"ticket": ticket})


@needs("container.logs")
def logs_download(request: Request, host: str, container_id: str) -> HttpResponseBase:
    """The log as the engine stores it, byte for byte, streamed; ``gz=1`` packs it on the way."""
    target = fetch.container(request, host, container_id)
    form = LogRangeForm({"tail": "all", **request.GET.dict()})
    packed = request.GET.get("gz") == "1"
    pieces = log_bytes(target, asked(form))
    response = StreamingHttpResponse(
        compressed(pieces) if packed else pieces,
        content_type="application/gzip" if packed else "application/octet-stream",
    )
    name = f"{target.name}.log{'.gz' if packed else ''}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["X-Accel-Buffering"] = "no"
    response["Content-Encoding"] = "identity"  # a stream is never gzipped by the middleware
    return response


def asked(form: LogRangeForm) -> LogRange:
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        raise BadInput(_("%(field)s: %(error)s") % {"field": name, "error": errors[0]})
    return form.range()


async def log_bytes(target: ContainerTarget, wanted: LogRange) -> AsyncIterator[bytes]:
    engine, row = engine_of(target.host), target.row
    if row is None or not row.inspected:  # a list does not say whether it has a terminal
        row = await door.run(engine.commands.container, target.id)
    stream = engine.streams.raw_logs(
        target.id,
        tty=row.tty,
        tail=wanted.tail,
        since_ns=wanted.since_ns,
        until_ns=wanted.until_ns,
        stdout=wanted.stdout,
        stderr=wanted.stderr,
    )
    async with stream as pieces:
        async for piece in pieces:
            yield piece


async def compressed(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    packer = zlib.compressobj(6, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    async for piece in pieces:
        if packed := packer.compress(piece):
            yield packed
    yield packer.flush()
