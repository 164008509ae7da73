"""Images from a file: the page, the form that works without JavaScript, and tus."""

import uuid

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from access.errors import Denied
from engine.errors import EngineError
from images import loading
from images.views import uploads
from transfers import spool
from web import fetch
from web.errors import BadInput
from web.request import Request
from web.routes import needs


@needs("image.load", "GET", "HEAD", "POST")
def image_load(request: Request, host: str) -> HttpResponse:
    """GET offers the form; POST takes a whole file and starts the job."""
    fetch.host(request, host)
    if request.method != "POST":
        return render(request, "images/load.html", {"host": host, "words": uploads.words()})
    file = request.FILES.get("file")
    if file is None:
        raise BadInput(_("file: choose one."))
    upload = uploads.received(request, host, loading.UPLOAD_KIND, file)
    try:
        job = loading.arrived(request.actor, upload)
    except (Denied, EngineError):
        spool.remove(upload)
        raise
    return redirect("job-detail", job_id=job)


@needs("image.load", "POST", "OPTIONS", bearer=True)
def load_create(request: Request, host: str) -> HttpResponse:
    return uploads.created(request, host, loading.UPLOAD_KIND, "image-load-upload")


@needs("image.load", "GET", "HEAD", "PATCH", "DELETE", bearer=True)
def load_upload(request: Request, host: str, upload_id: uuid.UUID) -> HttpResponse:
    return uploads.answered(request, host, loading.UPLOAD_KIND, upload_id)
