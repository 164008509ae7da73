"""Browsers that have logged in to an account before: strangers cannot keep these out.

A signed cookie, out of reach of scripts, holds for each account an id of this browser. It opens
nothing: it only says by which counter of failures a login is judged (``access.throttle``). A new
password makes strangers of all of them.
"""

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from access.models import User

MOST_ACCOUNTS = 8
LASTS = 180 * 24 * 3600  # seconds
SALT = "access.devices"


def cookie_name() -> str:
    return "__Host-wharfinger-device" if settings.SECURE else "wharfinger-device"


def known(request: HttpRequest, username: str) -> str:
    """The id under which this account knows the browser; "" for a stranger."""
    ids = read(request)
    user = User.objects.filter(username=username).first() if ids else None
    return ids.get(tag_of(user), "") if user else ""


def remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """This browser has logged in as this person."""
    ids = read(request)
    tag = tag_of(user)
    mine = ids.pop(tag, "") or secrets.token_urlsafe(12)
    newest = [*ids.items(), (tag, mine)][-MOST_ACCOUNTS:]
    response.set_cookie(
        cookie_name(),
        signing.dumps(newest, salt=SALT),
        max_age=LASTS,
        secure=settings.SECURE,
        httponly=True,
        samesite="Strict",
    )


def read(request: HttpRequest) -> dict[str, str]:
    """Tag of the account → id of the browser."""
    value = request.COOKIES.get(cookie_name(), "")
    if not value:
        return {}
    try:
        return dict(signing.loads(value, salt=SALT, max_age=LASTS))
    except signing.BadSignature:
        return {}


def tag_of(user: User) -> str:
    """Of the account and its password: neither can be told from it."""
    return salted_hmac(SALT, f"{user.pk} {user.password}").hexdigest()[:16]
