"""Files of a volume: browse, download, look into. Nothing is written."""

import posixpath
from functools import partial
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control

from access import door
from access.targets import VolumeTarget
from containers.directory import normal
from containers.file_order import FileOrder
from containers.views.file_pages import (
    asked_path,
    in_time,
    listed,
    path_context,
    rows,
    source_of,
    text_context,
)
from engine.archive import Listing
from engine.engine import Engine
from engine.types import PathStat
from hosts.live import engine_of
from transfers import downloads, recorded
from transfers.sending import send
from volumes import reading
from volumes.reading import Through
from volumes.views.page import page_context, row_of
from web import fetch
from web.request import Request
from web.routes import needs
from web.shape import is_fragment

READ = "container.files_read"


@needs(READ)
def volume_files(request: Request, host: str, volume_id: str) -> HttpResponseBase:
    """The page at once, its listing as a fragment; ``whole=1`` has both without JavaScript."""
    target = fetch.volume(request, host, volume_id)
    reading.check_plain(request.actor, host, row_of(target))
    context = page_context(request, target, "volume-files") | path_context(asked_path(request))
    context["order"] = order = FileOrder.of(request.GET.dict())
    if is_fragment(request) or request.GET.get("whole"):
        context |= listing(request, target, context["path"], order)
    template = "files/_listing.html" if is_fragment(request) else "volumes/files.html"
    return render(request, template, context)


def listing(request: Request, target: VolumeTarget, path: str, order: FileOrder) -> dict[str, Any]:
    return listed(lambda: rows(folder_of(request, target, path), path, order))


def folder_of(request: Request, target: VolumeTarget, path: str) -> Listing:
    """For whoever passed the gate. Raises Denied and EngineErrors."""
    reading.check_plain(request.actor, target.host, row_of(target))
    by = reading.through(fetch.sight(request, target.host), request.user.pk)
    asking = reading.listed(engine_of(target.host), row_of(target), by, path)
    return in_time(asking, _("the folder was not listed in time."))


def found_at(
    request: Request, target: VolumeTarget, path: str
) -> tuple[Engine, Through, str, PathStat]:
    """The engine, by what it is read, where the path is in the reader and what is there."""
    reading.check_plain(request.actor, target.host, row_of(target))
    engine = engine_of(target.host)
    by = reading.through(fetch.sight(request, target.host), request.user.pk)
    with reading.held(engine, row_of(target), by) as reader:
        at, there = reading.inside(engine.commands, reader, path)
    return engine, by, at, there


@needs(READ)
def volume_download(request: Request, host: str, volume_id: str) -> HttpResponseBase:
    """A file raw, a folder as tar, or as zip by ``as=zip``."""
    target = fetch.volume(request, host, volume_id)
    return send_path(request, target, request.GET.get("path", ""), request.GET.get("as", ""))


def send_path(request: Request, target: VolumeTarget, path: str, shape: str) -> HttpResponseBase:
    """The download itself, for whoever passed the gate. Cut, it is resumed as a container's."""
    path = normal(path)
    of = f"{target.host}/volume:{target.name}/{shape}:{path}"
    resumed = request.headers.get("If-Range", "").strip('"')
    if resumed and (download := downloads.find(resumed, request.user.pk, of)):
        return send(request, download)
    engine, by, at, there = found_at(request, target, path)
    source, ending = source_of(there, shape)
    name = posixpath.basename(path) or target.name
    outcome = door.begin(request.actor, READ, target, path=path)
    pieces = partial(reading.pieces_of, engine, row_of(target), by, source, at)
    size = None if ending else there.size
    download = recorded.begin(request.user.pk, f"{name}{ending}", size, pieces, [outcome], of)
    recorded.need_first_byte(download)
    return send(request, download)


@needs(READ)
@cache_control(no_store=True)
def volume_file_view(request: Request, host: str, volume_id: str) -> HttpResponseBase:
    """The last MiB of a text, or its last ten thousand lines."""
    target = fetch.volume(request, host, volume_id)
    path = asked_path(request)
    engine, by, at, there = found_at(request, target, path)
    with door.change(request.actor, READ, target, path=path, view=True) as outcome:
        asking = reading.text(engine, row_of(target), by, at, there.size)
        text = in_time(asking, _("the file did not come in time."))
        outcome.fields["bytes"] = min(there.size, len(text.text.encode()))
    context = page_context(request, target, "volume-files") | path_context(path)
    context |= text_context(text, there.size)
    return render(request, "volumes/file_view.html", context)
