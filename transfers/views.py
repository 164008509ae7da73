"""tus 1.0: create, ask, append, end. Every request passes the gate again."""

import uuid
from typing import cast

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import http_date
from django.utils.translation import gettext as _

from access.errors import Hidden
from access.targets import ContainerTarget
from transfers import spool, tus
from transfers.arrivals import kinds
from transfers.errors import TransferRefused
from transfers.forms import UploadForm
from transfers.models import Upload
from web import fetch
from web.request import Request
from web.routes import needs

MOST_PER_PERSON = 20
KIND = "container"


@needs("container.files_write", "POST", "OPTIONS", bearer=True)
def upload_create(request: Request, host: str) -> HttpResponse:
    fetch.host(request, host)
    if request.method == "OPTIONS":
        return capabilities()
    tus.need_version(request)
    asked = tus.creation(request)
    form = UploadForm(asked.metadata)
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        raise TransferRefused(400, f"Upload-Metadata: {name}: {errors[0]}")
    target = fetch.container(request, host, form.cleaned_data["container"])
    upload = new_upload(request, target, asked.size, form)
    kinds[KIND].check(request.actor, upload)
    spool.create(upload)
    response = tus.speaking(HttpResponse(status=201))
    response["Location"] = reverse("upload", args=[host, upload.pk])
    response["Upload-Expires"] = http_date(upload.expires.timestamp())
    if upload.complete:
        response["Upload-Job"] = kinds[KIND].arrived(request.actor, upload)
    return response


@needs("container.files_write", "GET", "HEAD", "PATCH", "DELETE", bearer=True)
def upload(request: Request, host: str, upload_id: uuid.UUID) -> HttpResponse:
    row = own_upload(request, host, upload_id)
    tus.need_version(request)
    if request.method == "PATCH":
        return append(request, row)
    if request.method == "DELETE":
        spool.remove(row)
        return tus.speaking(HttpResponse(status=204))
    response = standing(row, 200)
    response["Upload-Length"] = str(row.size)
    return response


def append(request: Request, row: Upload) -> HttpResponse:
    length = tus.patch_length(request)
    offset = tus.number(request, "Upload-Offset")
    checksum = request.headers.get("Upload-Checksum", "")
    spool.append(row, offset, cast(spool.Body, request), length, checksum)
    response = standing(row, 204)
    if row.complete:
        response["Upload-Job"] = kinds[row.kind].arrived(request.actor, row)
    return response


def own_upload(request: Request, host: str, upload_id: uuid.UUID) -> Upload:
    """The person's own upload, after the gate on its container. Another's is Hidden."""
    row = Upload.objects.filter(pk=upload_id, host=host, user_id=request.user.pk).first()
    if row is None or not spool.file_of(row.pk).exists():
        raise Hidden(_("There is no such upload, or it is too old: begin again."))
    fetch.container(request, host, row.object_id)
    return row


def new_upload(request: Request, target: ContainerTarget, size: int, form: UploadForm) -> Upload:
    mine = Upload.objects.filter(user_id=request.user.pk).count()
    if mine >= MOST_PER_PERSON:
        words = _("You have %(n)d uploads under way already: let one end first.")
        raise TransferRefused(429, words % {"n": mine})
    return Upload(
        user_id=request.user.pk,
        kind=KIND,
        host=target.host,
        size=size,
        expires=spool.new_expiry(),
        **form.save_fields(),
    )


def standing(row: Upload, status: int) -> HttpResponse:
    response = tus.speaking(HttpResponse(status=status))
    response["Upload-Offset"] = str(row.received)
    response["Upload-Expires"] = http_date(row.expires.timestamp())
    return response


def capabilities() -> HttpResponse:
    response = tus.speaking(HttpResponse(status=204))
    response["Tus-Version"] = tus.VERSION
    response["Tus-Extension"] = tus.EXTENSIONS
    response["Tus-Checksum-Algorithm"] = tus.CHECKSUMS
    response["Tus-Max-Size"] = str(settings.UPLOAD_BYTES)
    return response
