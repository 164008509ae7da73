"""Where this site is reached."""

from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

LONGEST = 2000  # characters of an address to go on to: cookies hold one, too


def public_url() -> str:
    """The origin people use: PUBLIC_URL, else the address the server listens on."""
    if settings.PUBLIC_URL:
        return str(settings.PUBLIC_URL)
    host = "127.0.0.1" if settings.HOST in ("0.0.0.0", "::", "") else settings.HOST  # noqa: S104
    return f"http://{host}:{settings.PORT}"


def own_path(request: HttpRequest, address: str, otherwise: str = "/") -> str:
    """The path and query of an address of this site, else ``otherwise``: never a way to another
    one, and never a word that Django takes for the name of a view."""
    if len(address) > LONGEST or not url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return otherwise
    parts = urlsplit(address)
    if not parts.path.startswith("/") or parts.path.startswith("//"):
        return otherwise
    return urlunsplit(("", "", parts.path, parts.query, ""))


def way_back(request: HttpRequest, default: str) -> str:
    """Where to go on after a change: the posted or asked ``next``, the page one came from, or
    ``default``. Only addresses of this site count."""
    asked = request.POST.get("next") or request.GET.get("next")
    came_from = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    path = own_path(request, asked or came_from, default)
    return default if urlsplit(path).path == request.path else path
