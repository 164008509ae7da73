"""In which language somebody reads: their own choice, else their browser's."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, parse_cookie
from django.utils.translation import get_language_from_request

LASTS = 365 * 24 * 3600  # seconds


def known(code: str) -> bool:
    return code in dict(settings.LANGUAGES)


def of_person(user: Any, request: HttpRequest) -> str:
    """The choice that a person keeps here; the language cookie; what the browser asks for."""
    own = str(getattr(user, "language", ""))
    return own if known(own) else get_language_from_request(request)


def asked_by(headers: dict[str, str]) -> HttpRequest:
    """A websocket's handshake as a request that says which language it asks for."""
    request = HttpRequest()
    request.COOKIES = parse_cookie(headers.get("cookie", ""))
    request.META["HTTP_ACCEPT_LANGUAGE"] = headers.get("accept-language", "")
    return request


def keep(answer: HttpResponse, code: str) -> HttpResponse:
    """Let this browser ask for it, so that its login page speaks it, too."""
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=LASTS,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )
    return answer
