"""The tus 1.0 words of a request: its headers, read strictly. https://tus.io/protocols/resumable-upload"""

import base64
import re
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from transfers.errors import TransferRefused

VERSION = "1.0.0"
EXTENSIONS = "creation,termination,checksum,expiration"
CHECKSUMS = "sha1,sha256"
MOST_PER_PATCH = 16 * 2**20
SLICE = 8 * 2**20  # what our own client sends and the docs recommend
_NUMBER = re.compile(r"\d{1,18}")


@dataclass(frozen=True, slots=True)
class Creation:
    """What POST asks for: bytes in all, and the metadata as text."""

    size: int
    metadata: dict[str, str]


def need_version(request: HttpRequest) -> None:
    if request.headers.get("Tus-Resumable") != VERSION:
        raise TransferRefused(
            412, _("Tus-Resumable: this server speaks %(v)s only.") % {"v": VERSION}
        )


def number(request: HttpRequest, name: str) -> int:
    value = request.headers.get(name, "")
    if not _NUMBER.fullmatch(value):
        raise TransferRefused(400, _("%(name)s: a whole number is needed.") % {"name": name})
    return int(value)


def creation(request: HttpRequest) -> Creation:
    if "Upload-Defer-Length" in request.headers:
        raise TransferRefused(400, _("Upload-Defer-Length: say the length at the beginning."))
    return Creation(
        number(request, "Upload-Length"), metadata(request.headers.get("Upload-Metadata", ""))
    )


def metadata(header: str) -> dict[str, str]:
    """``name base64, name base64`` as texts. Raises TransferRefused 400."""
    found: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in header.split(","))):
        name, _space, encoded = pair.partition(" ")
        try:
            found[name] = base64.b64decode(encoded, validate=True).decode()
        except ValueError:
            words = _("Upload-Metadata: %(name)s is not base64 of UTF-8 text.")
            raise TransferRefused(400, words % {"name": name}) from None
    return found


def patch_length(request: HttpRequest) -> int:
    """The length of a PATCH body. Raises TransferRefused 413 or 415."""
    if request.content_type != "application/offset+octet-stream":
        raise TransferRefused(415, _("Content-Type: use application/offset+octet-stream."))
    length = number(request, "Content-Length")
    if length > MOST_PER_PATCH:
        words = _("A PATCH may carry %(most)d bytes: set the client's chunk size to %(slice)d.")
        raise TransferRefused(413, words % {"most": MOST_PER_PATCH, "slice": SLICE})
    return length


def speaking(response: HttpResponse) -> HttpResponse:
    """The headers that every tus answer has."""
    response["Tus-Resumable"] = VERSION
    response["Cache-Control"] = "no-store"
    return response
