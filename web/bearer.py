"""``Authorization: Bearer``: the only place a token is read from. Never from an address."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

from access.tokens import BadToken, bearer_of
from web.problems import problem


def secret_of(header: str) -> str | None:
    """The token of an ``Authorization`` header; None where it is of another kind."""
    scheme, _blank, secret = header.strip().partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else None


class BearerMiddleware(MiddlewareMixin):
    """Whoever sends a token is that token, and never also the login that a cookie names.

    A token opens only routes that say so (``needs(…, bearer=True)``).
    """

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        secret = secret_of(request.headers.get("Authorization", ""))
        if secret is None:
            return None
        address = request.META.get("REMOTE_ADDR", "") or ""
        try:
            bearer = bearer_of(secret, address, request.headers.get("User-Agent", ""))
        except BadToken as error:
            return problem(request, 401, error.message)
        request.user = bearer.token.user
        request.bearer = bearer.actor  # type: ignore[attr-defined]
        # A browser never sends this header by itself, so nobody can make it send one for them.
        request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
        return None

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if getattr(request, "bearer", None) is None or getattr(view, "bearer", False):
            return None
        return problem(request, 403, _("A token opens the API and uploads, no pages."))
