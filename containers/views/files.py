"""Files of a container: browse, download, look into, upload without JavaScript."""

import asyncio
import posixpath
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.db.models import F
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control

from access import door
from access.targets import ContainerTarget
from containers import copy_out, copy_upload
from containers.directory import list_path, normal
from containers.file_order import FileOrder
from containers.text_files import LARGEST
from containers.views.file_pages import (
    asked_path,
    in_time,
    listed,
    path_context,
    rows,
    source_of,
    text_context,
)
from containers.views.page import page_context
from containers.written_tree import MARKS
from engine.archive import Listing
from engine.command_line import verb_line
from engine.engine import Engine
from engine.layer_diff import Written
from engine.threads import door as loop
from engine.types import ContainerRow
from hosts.live import engine_of
from transfers import downloads, recorded, spool
from transfers.forms import UploadForm
from transfers.models import Conflict, Upload
from transfers.sending import send
from web import fetch
from web.errors import BadInput
from web.names import by_any_name
from web.request import Request
from web.routes import needs
from web.shape import is_fragment

LIST_SECONDS = 15
MARKS_SECONDS = 0.7


@needs("container.files_read")
@by_any_name
def container_files(request: Request, host: str, container_id: str) -> HttpResponseBase:
    """The page at once, its listing as a fragment; ``whole=1`` has both without JavaScript."""
    target = fetch.container(request, host, container_id)
    context = page_context(request, target, "container-files") | path_context(asked_path(request))
    context["order"] = order = FileOrder.of(request.GET.dict())
    if is_fragment(request) or request.GET.get("whole"):
        context |= listing(target, context["path"], order, request.user.pk)
    template = "files/_listing.html" if is_fragment(request) else "containers/files.html"
    context |= {
        "words": file_words(),
        "unfinished": unfinished(request, target),
        "takes_files": True,
    }
    return render(request, template, context)


def unfinished(request: Request, target: ContainerTarget) -> list[Upload]:
    """The person's own uploads into it that broke off, or run in another tab."""
    mine = Upload.objects.filter(user_id=request.user.pk, host=target.host, object_id=target.id)
    return list(mine.filter(received__lt=F("size")).order_by("expires"))


def file_words() -> dict[str, str]:
    """What the upload rows say; %(name)s and the like are filled in the browser."""
    return {
        "sending": _("Sending %(name)s"),
        "resumed": _("%(name)s goes on where it was"),
        "waiting": _("%(name)s: connection lost, going on in %(seconds)s s"),
        "placing": _("Putting %(name)s into the container"),
        "done": _("%(name)s is there."),
        "skipped": _("%(name)s was skipped."),
        "cancelled": _("%(name)s was cancelled."),
        "replace": _("Replace"),
        "keep": _("Keep both"),
        "skip": _("Skip"),
        "cancel": _("Cancel"),
        "close": _("Close"),
        "failed": _("%(name)s: %(reason)s"),
        "again": _("Try again"),
    }


def listing(target: ContainerTarget, path: str, order: FileOrder, who: int) -> dict[str, Any]:
    """``who`` is the person's id, here and below."""
    engine, row = engine_of(target.host), target.row
    assert row is not None

    def ask() -> dict[str, Any]:
        found, written = loop.call(looked_at(engine, row, path, who), LIST_SECONDS)
        return rows(found, path, order, partial(mark, written))

    return listed(ask)


async def looked_at(
    engine: Engine, row: ContainerRow, path: str, who: int
) -> tuple[Listing, Written | None]:
    """A folder, and what of the container is not as its image has it where that comes quickly."""
    marks = asyncio.create_task(engine.written.soon(row.id, MARKS_SECONDS, who=who))
    try:
        return await list_path(engine, row, path), await marks
    finally:
        marks.cancel()


def mark(written: Written | None, path: str) -> str:
    return MARKS.get(written.kind_of(path), "") if written else ""


@needs("container.files_read")
def file_download(request: Request, host: str, container_id: str) -> HttpResponseBase:
    """A file raw, a directory as tar, or as zip by ``as=zip``. ``Range`` with ``If-Range`` goes
    on where it was cut.
    """
    target = fetch.container(request, host, container_id)
    return send_path(request, target, request.GET.get("path", ""), request.GET.get("as", ""))


def send_path(request: Request, target: ContainerTarget, path: str, shape: str) -> HttpResponseBase:
    """The download itself, for whoever passed the gate with ``container.files_read``."""
    path = normal(path)
    of = f"{target.host}/{target.id}/{shape}:{path}"
    resumed = request.headers.get("If-Range", "").strip('"')
    owner = request.user.pk
    if resumed and (download := downloads.find(resumed, owner, of)):
        return send(request, download)
    engine = engine_of(target.host)
    path, there = copy_out.resolve(engine.commands, target.id, path)
    name = posixpath.basename(path) or target.name
    source, ending = source_of(there, shape)
    line = verb_line("cp", f"{target.name}:{path}", ".")
    outcome = door.begin(request.actor, "container.files_read", target, line, path=path)
    size = None if ending else there.size
    read = lambda: source(engine, target.id, path)  # noqa: E731
    download = recorded.begin(owner, f"{name}{ending}", size, read, [outcome], of)
    recorded.need_first_byte(download)
    return send(request, download)


@needs("container.files_read")
@cache_control(no_store=True)
def file_view(request: Request, host: str, container_id: str) -> HttpResponseBase:
    """The last MiB of a text, or its last ten thousand lines."""
    target = fetch.container(request, host, container_id)
    engine = engine_of(host)
    path, there = copy_out.resolve(engine.commands, target.id, asked_path(request))
    if there.is_dir:
        files = reverse("container-files", args=[host, target.id])
        return redirect(f"{files}?{urlencode({'path': path})}")
    with door.change(
        request.actor, "container.files_read", target, path=path, view=True
    ) as outcome:
        reading = copy_out.text_of(engine, target.id, path, there.size)
        text = in_time(reading, _("the file did not come in time."))
        outcome.fields["bytes"] = min(there.size, len(text.text.encode()))
    context = page_context(request, target, "container-files") | path_context(path)
    context |= text_context(text, there.size)
    small = there.size <= LARGEST and not text.binary
    context["may_edit"] = small and "files_write" in context["verbs"]
    return render(request, "containers/file_view.html", context)


@needs("container.files_write", "POST")
def file_upload(request: Request, host: str, container_id: str) -> HttpResponse:
    """The form that works without JavaScript: into the same spool, and on as the same job."""
    target = fetch.container(request, host, container_id)
    files = request.FILES.getlist("file")
    if not files:
        raise BadInput(_("file: choose at least one."))
    for file in files:
        form = UploadForm(
            {
                "filename": file.name,
                "container": target.id,
                "directory": request.POST.get("directory", ""),
                "conflict": request.POST.get("conflict") or Conflict.ASK,
            }
        )
        if not form.is_valid():
            name, errors = next(iter(form.errors.items()))
            raise BadInput(f"{name}: {errors[0]}")
        receive(request, target, form, file)
    return redirect("job-list")


def receive(request: Request, target: ContainerTarget, form: UploadForm, file: Any) -> None:
    upload = Upload(
        user_id=request.user.pk,
        kind="container",
        host=target.host,
        size=file.size,
        expires=spool.new_expiry(),
        **form.save_fields(),
    )
    copy_upload.check(request.actor, upload)
    spool.create(upload)
    try:
        spool.append(upload, 0, file, file.size)
        copy_upload.arrived(request.actor, upload)
    except BaseException:  # whatever it is: what stayed would go on by itself after a restart
        spool.remove(upload)
        raise
