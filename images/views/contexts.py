"""What an image is built from, uploaded: by tus, or with the form where there is no JavaScript."""

import uuid
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from engine.errors import NotFound
from images import building
from images.build_forms import ContextForm
from transfers import receiving, spool, tus
from transfers.errors import TransferRefused
from transfers.models import Upload
from web import fetch
from web.request import Request
from web.routes import needs


@needs("image.build", "POST", "OPTIONS", bearer=True)
def context_create(request: Request, host: str) -> HttpResponse:
    fetch.host(request, host)
    if request.method == "OPTIONS":
        return receiving.capabilities()
    tus.need_version(request)
    asked = tus.creation(request)
    upload = new_upload(request, host, asked.size, asked.metadata)
    address = reverse("image-build-context", args=[host, upload.pk])
    return receiving.created(request.actor, upload, address)


@needs("image.build", "GET", "HEAD", "PATCH", "DELETE", bearer=True)
def context_upload(request: Request, host: str, context_id: uuid.UUID) -> HttpResponse:
    row = receiving.own(building.UPLOAD_KIND, host, context_id, request.user.pk)
    fetch.host(request, host)
    return receiving.answered(request, request.actor, row)


def new_upload(request: Request, host: str, size: int, metadata: dict[str, Any]) -> Upload:
    form = ContextForm(metadata)
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        raise TransferRefused(400, f"Upload-Metadata: {name}: {errors[0]}")
    if not size:
        raise TransferRefused(400, _("The context is empty."))
    receiving.refuse_too_many(request.user.pk)
    return Upload(
        user_id=request.user.pk,
        kind=building.UPLOAD_KIND,
        host=host,
        name=form.cleaned_data["filename"],
        wanted_sha256=form.cleaned_data["sha256"],
        size=size,
        expires=spool.new_expiry(),
    )


def received(request: Request, host: str, file: UploadedFile[Any]) -> Upload:
    """A whole file of a form, in the spool."""
    upload = new_upload(request, host, int(file.size or 0), {"filename": str(file.name)})
    spool.create(upload)
    try:
        spool.append(upload, 0, file, upload.size)
    except TransferRefused:
        spool.remove(upload)
        raise
    return upload


def shown(request: Request, host: str, upload_id: str) -> Upload | None:
    """The context that is there already, where a form comes back."""
    try:
        return building.uploaded(request.actor, host, str(uuid.UUID(upload_id)))
    except (ValueError, NotFound):
        return None


def words() -> dict[str, str]:
    """What the row of the upload says; %(name)s and the like are filled in the browser."""
    return {
        "sending": _("Sending %(name)s"),
        "resumed": _("%(name)s goes on where it was"),
        "waiting": _("%(name)s: connection lost, going on in %(seconds)s s"),
        "cancelled": _("%(name)s was cancelled."),
    }
