"""Files of an image, without a container that runs: browse, download, look into."""

import posixpath
from functools import partial
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control

from access import door
from access.targets import ImageTarget
from containers import image_files
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
from hosts.live import engine_of
from images.page import page_context
from transfers import downloads, recorded
from transfers.sending import send
from web import fetch
from web.names import image_by_any_name
from web.request import Request
from web.routes import needs
from web.shape import is_fragment

RIGHT = "image.files_read"


@needs(RIGHT)
@image_by_any_name
def image_files_page(request: Request, host: str, image_id: str) -> HttpResponseBase:
    """The page at once, its listing as a fragment; ``whole=1`` has both without JavaScript."""
    target = fetch.image(request, host, image_id)
    context = page_context(request, target, "image-files") | path_context(asked_path(request))
    context["order"] = order = FileOrder.of(request.GET.dict())
    if is_fragment(request) or request.GET.get("whole"):
        context |= listing(target, request.user.pk, context["path"], order)
    template = "files/_listing.html" if is_fragment(request) else "images/files.html"
    return render(request, template, context)


def listing(target: ImageTarget, who: int, path: str, order: FileOrder) -> dict[str, Any]:
    return listed(lambda: rows(folder_of(target, who, path), path, order))


def folder_of(target: ImageTarget, who: int, path: str) -> Listing:
    """For whoever passed the gate. Raises EngineErrors."""
    asking = image_files.listed(engine_of(target.host), target.id, who, path)
    return in_time(asking, _("the folder was not listed in time."))


@needs(RIGHT)
def image_file_download(request: Request, host: str, image_id: str) -> HttpResponseBase:
    """A file raw, a folder as tar, or as zip by ``as=zip``."""
    target = fetch.image(request, host, image_id)
    return send_path(request, target, request.GET.get("path", ""), request.GET.get("as", ""))


def send_path(request: Request, target: ImageTarget, path: str, shape: str) -> HttpResponseBase:
    """The download itself, for whoever passed the gate. Cut, it is resumed as a container's."""
    path, owner = normal(path), request.actor.user_id or 0
    of = f"{target.host}/image:{target.id}/{shape}:{path}"
    resumed = request.headers.get("If-Range", "").strip('"')
    if resumed and (download := downloads.find(resumed, owner, of)):
        return send(request, download)
    engine = engine_of(target.host)
    at, there = image_files.found_at(engine, target.id, owner, path)
    source, ending = source_of(there, shape)
    name = posixpath.basename(path) or "root"
    outcome = door.begin(request.actor, RIGHT, target, path=path)
    pieces = partial(image_files.pieces_of, engine, target.id, owner, source, at)
    size = None if ending else there.size
    download = recorded.begin(owner, f"{name}{ending}", size, pieces, [outcome], of)
    recorded.need_first_byte(download)
    return send(request, download)


@needs(RIGHT)
@cache_control(no_store=True)
def image_file_view(request: Request, host: str, image_id: str) -> HttpResponseBase:
    """The last MiB of a text, or its last ten thousand lines."""
    target = fetch.image(request, host, image_id)
    engine, path, who = engine_of(host), asked_path(request), request.user.pk
    at, there = image_files.found_at(engine, target.id, who, path)
    with door.change(request.actor, RIGHT, target, path=path, view=True) as outcome:
        reading = image_files.text(engine, target.id, who, at, there.size)
        text = in_time(reading, _("the file did not come in time."))
        outcome.fields["bytes"] = min(there.size, len(text.text.encode()))
    context = page_context(request, target, "image-files") | path_context(path)
    context |= text_context(text, there.size)
    return render(request, "images/file_view.html", context)
