"""Compression of answers: long lists quickly, everything else as Django does it."""

import gzip
import io
import secrets

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_vary_headers

LONG = 400_000  # bytes: some 150 rows; below, level 6 costs little
LEVEL = 5  # of rows that repeat each other: two thirds of level 6's time, a hundredth more bytes


class Compression(GZipMiddleware):
    """Django's, but for long answers a quicker level."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if (
            isinstance(response, HttpResponse)
            and len(response.content) >= LONG
            and not response.has_header("Content-Encoding")
            and "gzip" in request.headers.get("Accept-Encoding", "")
        ):
            response.content = self.quickly(response.content)
            response["Content-Encoding"] = "gzip"
            response["Content-Length"] = str(len(response.content))
            patch_vary_headers(response, ("Accept-Encoding",))
            return response
        answer: HttpResponseBase = super().process_response(request, response)
        return answer

    def quickly(self, content: bytes) -> bytes:
        """As in Django a name of a random length, so that the size tells less (BREACH)."""
        name, packed = "a" * secrets.randbelow(self.max_random_bytes), io.BytesIO()
        with gzip.GzipFile(name, "wb", LEVEL, packed, mtime=0) as file:
            file.write(content)
        return packed.getvalue()
