"""A log for programs: as text or as one JSON object for each line, stored or followed."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.http import HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext as _

from access import at_once
from access.targets import ContainerTarget
from containers.log_range import LogRange, LogRangeForm
from engine.feed import Ended, LogBatch, LogItem, Skipped
from engine.threads import door
from engine.types import LogLine
from hosts.live import engine_of
from web.problems import Problem
from web.reading import Reading
from web.request import Request
from web.seats import seats
from web.standing import still

CHECK_SECONDS = 2.0  # a right that ended, or a token, ends what it was given within five
QUIET_SECONDS = 20.0  # then an empty line goes out: proxies cut what says nothing for long
RIGHT = "container.logs"
TYPES = {"text": "text/plain; charset=utf-8", "json": "application/x-ndjson"}


def range_of(fields: dict[str, str], follow: bool) -> LogRange:
    """Raises Problem 422 with every field that is wrong."""
    form = LogRangeForm(fields)
    if not form.is_valid():
        errors = [(name, str(text)) for name, each in form.errors.items() for text in each]
        raise Problem(422, _("Some fields are wrong."), errors)
    wanted = form.range()
    return replace(wanted, follow=follow and wanted.until_ns is None)


def answer(
    request: Request, target: ContainerTarget, wanted: LogRange, shape: str
) -> HttpResponseBase:
    """Streamed: what the client does not take waits in the engine's log, not here. Raises Problem
    429 and OverQuota.
    """
    lines = as_json if shape == "json" else as_text
    pieces = told(request, target, wanted, lines)
    kept = seated(request, target.host, pieces) if wanted.follow else pieces
    response = StreamingHttpResponse(kept, TYPES[shape])
    response["Content-Encoding"] = "identity"  # keeps the middleware from packing a stream
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


def seated(request: Request, host: str, pieces: AsyncGenerator[bytes]) -> Reading:
    """What goes on for long takes what a socket takes: a place of its person, and of a team."""
    user_id, most = request.actor.user_id or 0, settings.SOCKETS_PER_PERSON
    if not seats.take(user_id, most):
        words = _("You have %(most)d connections open, the most one may have: close one.")
        raise Problem(429, words % {"most": most})
    try:
        place = at_once.enter(request.actor, host, "sockets")
    except BaseException:
        seats.leave(user_id)
        raise

    async def leave() -> None:
        seats.leave(user_id)
        place.leave()

    return Reading(pieces, leave, "a log that is followed by API")


async def told(
    request: Request, target: ContainerTarget, wanted: LogRange, lines: Callable[[LogItem], bytes]
) -> AsyncGenerator[bytes]:
    """Until the log is over, as far as it goes now or the container ends, or the right to it."""

    async def allowed() -> bool:
        return await door.run(still, request, RIGHT, target)

    async with (
        engine_of(target.host).logs.subscribe(target.id, wanted) as items,
        aclosing(watched(items, allowed)) as seen,
    ):
        async for item in seen:
            if item is None:
                yield b"\n"
                continue
            if piece := lines(item):
                yield piece
            if isinstance(item, Ended):
                return


async def watched(
    items: AsyncIterator[LogItem], allowed: Callable[[], Awaitable[bool]]
) -> AsyncGenerator[LogItem | None]:
    """The items while they are allowed; None where nothing came for long."""
    coming, quiet, looked = asyncio.ensure_future(anext(items, None)), 0.0, time.monotonic()
    try:
        while True:
            await asyncio.wait({coming}, timeout=CHECK_SECONDS)
            if time.monotonic() - looked >= CHECK_SECONDS:
                quiet, looked = quiet + time.monotonic() - looked, time.monotonic()
                if not await allowed():
                    return
            if coming.done():
                if (item := coming.result()) is None:
                    return
                coming, quiet = asyncio.ensure_future(anext(items, None)), 0.0
                yield item
            elif quiet >= QUIET_SECONDS:
                quiet = 0.0
                yield None
    finally:
        coming.cancel()
        await asyncio.gather(coming, return_exceptions=True)


def as_text(item: LogItem) -> bytes:
    """The lines as they were written; what is left out is said, for it cannot be seen."""
    if isinstance(item, LogBatch):
        return b"".join([line.data + b"\n" for line in item.lines])
    if isinstance(item, Skipped):
        return f"[{item.count} lines were skipped]\n".encode()
    return b""


def as_json(item: LogItem) -> bytes:
    """``{"time", "cursor", "stream", "line"}`` for a line, ``{"event", …}`` for all else."""
    if not isinstance(item, LogBatch):
        return json.dumps(item.words()).encode() + b"\n"
    return b"".join([json.dumps(as_object(line)).encode() + b"\n" for line in item.lines])


def as_object(line: LogLine) -> dict[str, Any]:
    seconds, ns = divmod(line.ns, 1_000_000_000)
    moment = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return {
        "time": f"{moment}.{ns:09d}Z",
        "cursor": f"{line.ns}.{line.ordinal}",
        "stream": "stderr" if line.stream == 2 else "stdout",
        "line": line.data.decode(errors="replace"),
    }
