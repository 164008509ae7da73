"""Images as a file: one, or all that are ticked."""

from collections.abc import Sequence
from contextlib import suppress

from django.http import HttpResponseBase
from django.utils.translation import gettext as _

from access.targets import ImageTarget
from engine.errors import EngineSilent
from images import saving
from transfers import downloads, recorded
from transfers.sending import send
from web import fetch, many
from web.errors import BadInput
from web.request import Request
from web.routes import needs


@needs("image.save")
def image_save(request: Request, host: str, image_id: str) -> HttpResponseBase:
    """``Range`` with ``If-Range`` goes on where it was cut."""
    return answer(request, [fetch.image(request, host, image_id)])


@needs("image.save", "POST")
def image_bulk_save(request: Request, host: str) -> HttpResponseBase:
    fetch.host(request, host)
    return answer(request, asked(request, host, request.POST.getlist("id")))


def asked(request: Request, host: str, ids: Sequence[str]) -> list[ImageTarget]:
    """All of them, or an error: a file of a part of what was asked for would deceive."""
    ids = list(dict.fromkeys(ids))
    if not 0 < len(ids) <= many.MOST:
        raise BadInput(_("Tick between 1 and %(most)d images.") % {"most": many.MOST})
    return [fetch.image(request, host, id) for id in ids]


def answer(request: Request, targets: Sequence[ImageTarget]) -> HttpResponseBase:
    resumed = request.headers.get("If-Range", "").strip('"')
    owner = request.actor.user_id or 0
    download = resumed and downloads.find(resumed, owner, saving.of_what(targets))
    if not download:
        download = saving.begin(request.actor, targets)
        # The engine writes a large image to its own disk first: then the browser waits for it.
        with suppress(EngineSilent):
            recorded.need_first_byte(download)
    return send(request, download)
