"""Step-up: what leads to the host or to secrets asks again who one is, within five minutes.

``require(actor)`` is the one call: an action or a view that needs it makes it, after the gate.
It holds for one login only, and it is the server that remembers. ``web.errors`` turns
``StepUpNeeded`` into the page or dialog that asks, and goes on with what was asked for.
"""

from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone

from access import second_factor, throttle
from access.actors import Actor, hash_of_session
from access.errors import StepUpNeeded
from access.models import Login, User

LASTS = timedelta(minutes=5)


def require(actor: Actor) -> None:
    """Raises StepUpNeeded. A token has no login, so it never passes."""
    if not fresh(actor):
        raise StepUpNeeded


def fresh(actor: Actor) -> bool:
    """Whether the person proved in this login, not long ago, who they are."""
    if not actor.session or actor.user_id is None:
        return False
    since = timezone.now() - LASTS
    own = Login.objects.filter(digest=actor.session, user_id=actor.user_id)
    return own.filter(confirmed__gt=since).exists()


def confirm(request: HttpRequest) -> None:
    """They have just proved it: by logging in, by the password, or by a code."""
    digest = hash_of_session(request.session.session_key)
    Login.objects.filter(digest=digest).update(confirmed=timezone.now())


def proves(user: User, secret: str) -> bool:
    """Whether this is the person's password or, where they have one, a code of their second
    factor. Raises TooSoon."""
    with throttle.judged(throttle.of_proof(user.pk)) as attempt:
        if second_factor.accepts(user, secret) or user.check_password(secret):
            attempt.was_right()
    return attempt.good
