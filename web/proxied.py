"""What a trusted proxy says of a request takes effect, once and for requests and sockets alike.

Behind it ``client`` is the real client's address, the scheme is that of the public origin, and
``vouched`` is whom the proxy says it is. Of anybody else such headers are not looked at.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

from access import sign_on
from access.addresses import client_of, is_trusted
from access.errors import Denied
from access.proxy_login import Vouched, stands, vouched_by
from web.bearer import secret_of
from web.errors import answer

Application = Callable[[Any, Any, Any], Awaitable[None]]
SECURE = {"http": "https", "ws": "wss"}


class Proxied:
    """ASGI, in front of everything."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] in ("http", "websocket"):
            scope = as_it_is(scope)
        await self.application(scope, receive, send)


def as_it_is(scope: dict[str, Any]) -> dict[str, Any]:
    peer, port = (scope.get("client") or ("", 0))[:2]
    seen = {**scope, "vouched": None}
    if is_trusted(peer, settings.TRUSTED_PROXIES):
        headers = scope["headers"]
        forwarded = [v.decode("latin1") for k, v in headers if k == b"x-forwarded-for"]
        client = client_of(peer, forwarded, settings.TRUSTED_PROXIES)
        seen["client"] = (client, port if client == peer else 0)
        seen["vouched"] = vouched_by(headers)
    if settings.SECURE:
        # The public origin is the only one: sockets, forms and cookies take no other.
        scheme = scope.get("scheme", "http")
        seen["scheme"] = SECURE.get(scheme, scheme)
    return seen


class ProxyLogin(MiddlewareMixin):
    """Logs in whom the trusted proxy vouches for, and out whom it no longer does."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        vouched: Vouched | None = getattr(request, "scope", {}).get("vouched")
        if request.path == reverse("signed-out"):
            return None  # the one page that one can stay logged out on
        if secret_of(request.headers.get("Authorization", "")) is not None:
            return None  # whoever sends a token is that token: no session for each of its requests
        if stands(request.session, vouched) and (vouched is None or request.user.is_active):
            return None
        if vouched is None:
            logout(request)
            return None
        return enter(request, vouched)


def enter(request: HttpRequest, vouched: Vouched) -> HttpResponse | None:
    request.session.flush()  # whatever was in it was somebody else's
    if vouched.problem:
        words = _("The sign-on of the proxy cannot be used: %(problem)s.")
        return answer(request, 400, words % {"problem": vouched.problem})
    try:
        sign_on.enter(request, vouched.person())
    except Denied as denied:
        return answer(request, denied.status, denied.message)
    return None
