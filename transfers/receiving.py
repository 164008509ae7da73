"""What the tus requests of every kind of upload do: reserve, tell where it stands, append.

Each kind has routes of its own, whose views pass the gate with its own right.
"""

import uuid
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.http import http_date
from django.utils.translation import gettext as _

from access.actors import Actor
from access.errors import Hidden
from transfers import spool, tus
from transfers.arrivals import kinds
from transfers.errors import TransferRefused
from transfers.models import Upload

MOST_PER_PERSON = 20


def refuse_too_many(user_id: int) -> None:
    mine = Upload.objects.filter(user_id=user_id).count()
    if mine >= MOST_PER_PERSON:
        words = _("You have %(n)d uploads under way already: let one end first.")
        raise TransferRefused(429, words % {"n": mine})


def created(actor: Actor, upload: Upload, address: str) -> HttpResponse:
    """201 for an upload that is not kept yet; ``address`` is where it goes on."""
    kinds[upload.kind].check(actor, upload)
    spool.create(upload)
    response = tus.speaking(HttpResponse(status=201))
    response["Location"] = address
    response["Upload-Expires"] = http_date(upload.expires.timestamp())
    if upload.complete:
        response["Upload-Job"] = kinds[upload.kind].arrived(actor, upload)
    return response


def own(kind: str, host: str, upload_id: uuid.UUID, user_id: int) -> Upload:
    """The person's own upload. Another's is Hidden."""
    found = Upload.objects.filter(pk=upload_id, kind=kind, host=host, user_id=user_id)
    row = found.first()
    if row is None or not spool.file_of(row.pk).exists():
        raise Hidden(_("There is no such upload, or it is too old: begin again."))
    return row


def answered(request: HttpRequest, actor: Actor, row: Upload) -> HttpResponse:
    """HEAD and GET tell where it stands, PATCH appends, DELETE forgets it."""
    tus.need_version(request)
    if request.method == "PATCH":
        return append(request, actor, row)
    if request.method == "DELETE":
        spool.remove(row)
        return tus.speaking(HttpResponse(status=204))
    response = standing(row, 200)
    response["Upload-Length"] = str(row.size)
    return response


def append(request: HttpRequest, actor: Actor, row: Upload) -> HttpResponse:
    length = tus.patch_length(request)
    offset = tus.number(request, "Upload-Offset")
    checksum = request.headers.get("Upload-Checksum", "")
    spool.append(row, offset, cast(spool.Body, request), length, checksum)
    response = standing(row, 204)
    if row.complete:
        response["Upload-Job"] = kinds[row.kind].arrived(actor, row)
    return response


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
