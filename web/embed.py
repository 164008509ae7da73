"""Lists, containers and logs inside a page of the operator's portal: ``?embed=1``.

Only these pages, only inside the origins of EMBED_ORIGINS, and only for what can be undone: a
portal that was taken over could lead a click astray. Everything else, the login too, says so and
opens in a page of its own.
"""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

from web.addresses import own_path
from web.errors import answer

PAGES = {"container-list", "container-detail", "container-logs", "merged-logs"}
FILES = {"logs-download"}  # comes as a file, whatever frame asked for it
FRAMES = {"iframe", "frame", "embed", "object"}
SAFE = {"GET", "HEAD"}
RIGHTS = {"container.see", "container.logs"} | {
    f"container.{verb}" for verb in ("start", "stop", "restart", "pause", "unpause")
}


class Embedding(MiddlewareMixin):
    """Decides by what the browser says of the frame (Sec-Fetch-Dest), which no page can forge."""

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if not settings.EMBED_ORIGINS:
            return None
        name = request.resolver_match.url_name if request.resolver_match else None
        if request.method not in SAFE:
            return None if getattr(view, "right", "") in RIGHTS else refused(request)
        asked = name in PAGES and request.GET.get("embed") == "1"
        request.embedded = asked  # type: ignore[attr-defined]
        if asked:
            request.full_page = without(request.get_full_path())  # type: ignore[attr-defined]
        elif request.headers.get("Sec-Fetch-Dest") in FRAMES and name not in FILES:
            return redirect(embedded(request.get_full_path())) if name in PAGES else door(request)
        return None

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if getattr(request, "embedded", False):
            ours: Any = response
            ours._csp_replace = {"frame-ancestors": settings.EMBED_ORIGINS}
            ours.xframe_options_exempt = True
        return response


def refused(request: HttpRequest) -> HttpResponse | None:
    """What is not done from inside a frame: by our own pages' word, or by the browser's."""
    framed = (
        request.headers.get("Wharfinger-Frame") == "1"
        or request.headers.get("Sec-Fetch-Dest") in FRAMES
    )
    words = _("This is not done inside another page. Open Wharfinger in a page of its own.")
    return answer(request, 403, words) if framed else None


def door(request: HttpRequest) -> HttpResponse:
    """In place of a page that is not shown in a frame: the way to it."""
    request.embedded = True  # type: ignore[attr-defined]
    address = request.get_full_path()
    wanted = dict(parse_qsl(urlsplit(address).query)).get("next", "")
    is_login = request.resolver_match is not None and request.resolver_match.url_name == "login"
    # A login in a tab counts in this frame only where the browser keeps one set of cookies.
    apart = settings.EMBED_CROSS_SITE
    again = own_path(request, wanted, "") if is_login and not apart else ""
    context = {"address": without(address), "login": is_login, "apart": apart, "again": again}
    return render(request, "embed_door.html", context)


def embedded(address: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}embed=1"


def without(address: str) -> str:
    """The same for a page of its own, also where it leads on to (``next``)."""
    parts = urlsplit(address)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(k, without(v) if k == "next" else v) for k, v in pairs if (k, v) != ("embed", "1")]
    return parts._replace(query=urlencode(kept)).geturl()


class PartitionedCookies:
    """ASGI: cookies for a frame of another site are kept apart for each site around it.

    Django's and Python's cookies of 3.11 do not know the word yet.
    """

    def __init__(self, application: Callable[[Any, Any, Any], Awaitable[None]]) -> None:
        self.application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def sent(message: Any) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [set_apart(*each) for each in message["headers"]]}
            await send(message)

        await self.application(scope, receive, sent if scope["type"] == "http" else send)


def set_apart(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    cross_site = name.lower() == b"set-cookie" and b"samesite=none" in value.lower()
    return name, value + b"; Partitioned" if cross_site else value
