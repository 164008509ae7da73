"""Between the password and the code: who gave the right password waits here, logged in nowhere."""

import time

from django.http import HttpRequest

from access.models import User

KEY = "second-step"
LASTS = 300  # seconds


def begin(request: HttpRequest, user: User) -> None:
    """The session gets a new key: one that somebody else had put into the browser is worthless."""
    request.session.cycle_key()
    request.session[KEY] = {
        "user": user.pk,
        "backend": user.backend,
        "password": user.get_session_auth_hash(),
        "at": time.time(),
    }


def waiting(request: HttpRequest) -> User | None:
    """Who waits: not for too long, with the same password, and not disabled meanwhile."""
    kept = request.session.get(KEY)
    if not kept or not 0 <= time.time() - kept["at"] < LASTS:
        return None
    user = User.objects.filter(pk=kept["user"], is_active=True).first()
    if user is None or user.get_session_auth_hash() != kept["password"]:
        return None
    user.backend = kept["backend"]
    return user


def over(request: HttpRequest) -> None:
    request.session.pop(KEY, None)
