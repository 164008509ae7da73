"""Files that become images, uploaded: by tus, or with a form where there is no JavaScript."""

import uuid
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from images.load_forms import FileForm
from transfers import receiving, spool, tus
from transfers.errors import TransferRefused
from transfers.models import Upload
from web import fetch
from web.request import Request


def created(request: Request, host: str, kind: str, route: str) -> HttpResponse:
    """What tus says to a creation; ``route`` names the address where the upload goes on."""
    fetch.host(request, host)
    if request.method == "OPTIONS":
        return receiving.capabilities()
    tus.need_version(request)
    asked = tus.creation(request)
    upload = new(request, host, kind, asked.size, asked.metadata)
    return receiving.created(request.actor, upload, reverse(route, args=[host, upload.pk]))


def answered(request: Request, host: str, kind: str, upload_id: uuid.UUID) -> HttpResponse:
    row = receiving.own(kind, host, upload_id, request.user.pk)
    fetch.host(request, host)
    return receiving.answered(request, request.actor, row)


def new(request: Request, host: str, kind: str, size: int, metadata: dict[str, Any]) -> Upload:
    """Not kept yet. Raises TransferRefused."""
    form = FileForm(metadata)
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        raise TransferRefused(400, f"Upload-Metadata: {name}: {errors[0]}")
    if not size:
        raise TransferRefused(400, _("The file is empty."))
    receiving.refuse_too_many(request.user.pk)
    return Upload(
        user_id=request.user.pk,
        kind=kind,
        host=host,
        name=form.cleaned_data["filename"],
        wanted_sha256=form.cleaned_data["sha256"],
        size=size,
        expires=spool.new_expiry(),
    )


def received(request: Request, host: str, kind: str, file: UploadedFile[Any]) -> Upload:
    """A whole file of a form, in the spool."""
    upload = new(request, host, kind, int(file.size or 0), {"filename": str(file.name)})
    spool.create(upload)
    try:
        spool.append(upload, 0, file, upload.size)
    except TransferRefused:
        spool.remove(upload)
        raise
    return upload


def words() -> dict[str, str]:
    """What the row of the upload says; %(name)s and the like are filled in the browser."""
    return {
        "sending": _("Sending %(name)s"),
        "resumed": _("%(name)s goes on where it was"),
        "waiting": _("%(name)s: connection lost, going on in %(seconds)s s"),
        "cancelled": _("%(name)s was cancelled."),
        "cancel": _("Cancel"),
    }
