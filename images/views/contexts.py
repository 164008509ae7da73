"""What an image is built from, uploaded by tus."""

import uuid

from django.http import HttpResponse

from engine.errors import NotFound
from images import building
from images.views import uploads
from transfers.models import Upload
from web.request import Request
from web.routes import needs


@needs("image.build", "POST", "OPTIONS", bearer=True)
def context_create(request: Request, host: str) -> HttpResponse:
    return uploads.created(request, host, building.UPLOAD_KIND, "image-build-context")


@needs("image.build", "GET", "HEAD", "PATCH", "DELETE", bearer=True)
def context_upload(request: Request, host: str, context_id: uuid.UUID) -> HttpResponse:
    return uploads.answered(request, host, building.UPLOAD_KIND, context_id)


def shown(request: Request, host: str, upload_id: str) -> Upload | None:
    """The context that is there already, where a form comes back."""
    try:
        return building.uploaded(request.actor, host, str(uuid.UUID(upload_id)))
    except (ValueError, NotFound):
        return None
