"""What the pages that ask for a password or a code share: the record of it, and the wait."""

from typing import Any, TypeVar

from django.http import HttpResponse

from access import door
from access.actors import Actor
from access.errors import TooSoon
from access.targets import Target
from audit.models import Result
from web.request import Request

Response = TypeVar("Response", bound=HttpResponse)


def account(username: str) -> Target:
    return Target("user", username, username)


def worked(request: Request, event: str, **parameters: Any) -> None:
    """By the person who is logged in, with their own account."""
    actor = Actor.of_login(request)
    door.note(actor, event, account(request.user.username), parameters=parameters)


def failed(request: Request, event: str, reason: str, username: str = "") -> None:
    name = username or request.user.get_username()
    door.note(Actor.of_login(request), event, account(name), Result.DENIED, reason=reason)


def denied(request: Request, event: str, error: TooSoon, username: str = "") -> None:
    """Recorded once for each wait: a flood of tries must not become a flood of rows."""
    if error.first:
        failed(request, event, f"too many failed tries: {error.seconds} s to wait", username)


def waited(response: Response, error: TooSoon) -> Response:
    response["Retry-After"] = str(error.seconds)
    return response
