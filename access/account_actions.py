"""What a superuser does to somebody's logins: recorded like every change."""

from access import door, second_factor, sessions
from access.actors import Actor
from access.models import Login, User
from access.targets import Target


def reset_second_factor(actor: Actor, user: User) -> None:
    was = {"second_factor": second_factor.of(user) is not None}
    now = {"second_factor": False}
    with door.change(actor, "user.manage", target_of(user), was=was, now=now):
        second_factor.forget(user)


def end_sessions(actor: Actor, user: User, logins: list[Login]) -> int:
    """How many were still open."""
    with door.change(actor, "user.manage", target_of(user), end_sessions=len(logins)):
        return sessions.end(logins)


def target_of(user: User) -> Target:
    return Target("user", user.username, user.username)
