"""Images from a file: the page, the form that works without JavaScript, and tus."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from access.errors import Denied
from engine.errors import EngineError
from images import loading
from images.load_forms import ArchiveForm
from transfers import receiving, spool, tus
from transfers.errors import TransferRefused
from transfers.models import Upload
from web import fetch
from web.errors import BadInput
from web.request import Request
from web.routes import needs


@needs("image.load", "GET", "HEAD", "POST")
def image_load(request: Request, host: str) -> HttpResponse:
    """GET offers the form; POST takes a whole file and starts the job."""
    fetch.host(request, host)
    if request.method != "POST":
        return render(request, "images/load.html", {"host": host, "words": load_words()})
    file = request.FILES.get("file")
    if file is None:
        raise BadInput(_("file: choose one."))
    upload = new_upload(request, host, int(file.size or 0), {"filename": str(file.name)})
    spool.create(upload)
    try:
        spool.append(upload, 0, file, upload.size)
        job = loading.arrived(request.actor, upload)
    except (Denied, EngineError):
        spool.remove(upload)
        raise
    return redirect("job-detail", job_id=job)


def load_words() -> dict[str, str]:
    """What the row of the upload says; %(name)s and the like are filled in the browser."""
    return {
        "sending": _("Sending %(name)s"),
        "resumed": _("%(name)s goes on where it was"),
        "waiting": _("%(name)s: connection lost, going on in %(seconds)s s"),
        "cancelled": _("%(name)s was cancelled."),
        "cancel": _("Cancel"),
    }


@needs("image.load", "POST", "OPTIONS", bearer=True)
def load_create(request: Request, host: str) -> HttpResponse:
    fetch.host(request, host)
    if request.method == "OPTIONS":
        return receiving.capabilities()
    tus.need_version(request)
    asked = tus.creation(request)
    upload = new_upload(request, host, asked.size, asked.metadata)
    address = reverse("image-load-upload", args=[host, upload.pk])
    return receiving.created(request.actor, upload, address)


def new_upload(request: Request, host: str, size: int, metadata: dict[str, Any]) -> Upload:
    form = ArchiveForm(metadata)
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        raise TransferRefused(400, f"Upload-Metadata: {name}: {errors[0]}")
    if not size:
        raise TransferRefused(400, _("The file is empty."))
    receiving.refuse_too_many(request.user.pk)
    return Upload(
        user_id=request.user.pk,
        kind=loading.UPLOAD_KIND,
        host=host,
        name=form.cleaned_data["filename"],
        wanted_sha256=form.cleaned_data["sha256"],
        size=size,
        expires=spool.new_expiry(),
    )


@needs("image.load", "GET", "HEAD", "PATCH", "DELETE", bearer=True)
def load_upload(request: Request, host: str, upload_id: uuid.UUID) -> HttpResponse:
    row = receiving.own(loading.UPLOAD_KIND, host, upload_id, request.user.pk)
    fetch.host(request, host)
    return receiving.answered(request, request.actor, row)
