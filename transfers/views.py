"""tus 1.0 for files on their way into containers. Every request passes the gate again."""

import uuid

from django.http import HttpResponse
from django.urls import reverse

from transfers import receiving, spool, tus
from transfers.errors import TransferRefused
from transfers.forms import UploadForm
from transfers.models import Upload
from web import fetch
from web.request import Request
from web.routes import needs

KIND = "container"


@needs("container.files_write", "POST", "OPTIONS", bearer=True)
def upload_create(request: Request, host: str) -> HttpResponse:
    fetch.host(request, host)
    if request.method == "OPTIONS":
        return receiving.capabilities()
    tus.need_version(request)
    asked = tus.creation(request)
    form = UploadForm(asked.metadata)
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        raise TransferRefused(400, f"Upload-Metadata: {name}: {errors[0]}")
    target = fetch.container(request, host, form.cleaned_data["container"])
    receiving.refuse_too_many(request.user.pk)
    upload = Upload(
        user_id=request.user.pk,
        kind=KIND,
        host=target.host,
        size=asked.size,
        expires=spool.new_expiry(),
        **form.save_fields(),
    )
    return receiving.created(request.actor, upload, reverse("upload", args=[host, upload.pk]))


@needs("container.files_write", "GET", "HEAD", "PATCH", "DELETE", bearer=True)
def upload(request: Request, host: str, upload_id: uuid.UUID) -> HttpResponse:
    row = receiving.own(KIND, host, upload_id, request.user.pk)
    fetch.container(request, host, row.object_id)
    return receiving.answered(request, request.actor, row)
