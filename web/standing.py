"""Whether whoever asked may still: for answers that go on long after their request was let in."""

from access.actors import Actor, hash_of_session
from access.gate import may
from access.logins import actors_of
from access.models import ApiToken
from access.targets import Target
from access.tokens import actor_of
from web.request import Request


def still(request: Request, right: str, target: Target) -> bool:
    """Asked of the database again. In a thread."""
    actor = now(request)
    return actor is not None and may(actor, right, target)


def now(request: Request) -> Actor | None:
    """Who the token or the login is now; None where it is over."""
    scope = request.actor.scope
    if scope is None:
        key = request.session.session_key or ""
        return actors_of({key}).get(key) if hash_of_session(key) == request.actor.session else None
    row = ApiToken.objects.select_related("user").filter(pk=scope.token_id).first()
    return actor_of(row) if row is not None and not row.over and row.user.is_active else None
