"""A download from the spool as an HTTP answer: as an attachment, whole or from a byte on."""

import re
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from transfers.downloads import Download

_RANGE = re.compile(r"bytes=(\d{1,18})-(\d{1,18})?")


def send(request: HttpRequest, download: Download) -> HttpResponseBase:
    """200 with all, 206 with a range, 416 for a range behind the end.

    A range is honoured only of the very download that it was begun with, once its size is known.
    """
    wanted = _RANGE.fullmatch(request.headers.get("Range", ""))
    same = request.headers.get("If-Range", "").strip('"') == download.id
    if wanted is None or download.size is None or not same:
        return whole(download)
    start = int(wanted[1])
    end = min(int(wanted[2]) + 1 if wanted[2] else download.size, download.size)
    if start >= end:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{download.size}"})
    response = named(StreamingHttpResponse(download.read(start, end), status=206), download)
    response["Content-Range"] = f"bytes {start}-{end - 1}/{download.size}"
    response["Content-Length"] = str(end - start)
    return response


def whole(download: Download) -> HttpResponseBase:
    response = named(StreamingHttpResponse(download.read()), download)
    if download.size is not None:
        response["Content-Length"] = str(download.size)
    return response


def named(response: HttpResponseBase, download: Download) -> HttpResponseBase:
    """The headers that keep it a file: never shown, never run, never cached."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", download.name)
    response["Content-Type"] = "application/octet-stream"
    response["Content-Disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(download.name, safe='')}"
    )
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "no-store"
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = f'"{download.id}"'
    response["Content-Encoding"] = "identity"  # keeps the middleware from packing a stream
    return response
