"""One-use tickets that open a socket: made after the gate, bound to session, object and action."""

import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from access.actors import Actor

SECONDS = 30
MOST = 10_000


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a ticket opens. ``options`` were checked when it was made."""

    actor: Actor
    action: str
    host: str
    object_id: str
    expires: float
    options: dict[str, Any] = field(default_factory=dict)


_tickets: dict[str, Ticket] = {}
_lock = threading.Lock()  # they are issued in threads and redeemed on the loop


def issue(actor: Actor, action: str, host: str, object_id: str, **options: Any) -> str:
    value = secrets.token_urlsafe(24)
    ticket = Ticket(actor, action, host, object_id, time.monotonic() + SECONDS, options)
    with _lock:
        forget_old()
        _tickets[value] = ticket
    return value


def redeem(value: str, session: str, action: str, host: str, object_id: str) -> Ticket | None:
    """The ticket, once; None where it is unknown, too old, or was made for something else."""
    with _lock:
        ticket = _tickets.pop(value, None)
    if ticket is None or ticket.expires < time.monotonic():
        return None
    bound = (ticket.actor.session, ticket.action, ticket.host, ticket.object_id)
    return ticket if bound == (session, action, host, object_id) else None


def forget_old() -> None:
    """Holding the lock."""
    now = time.monotonic()
    for value in [value for value, ticket in _tickets.items() if ticket.expires < now]:
        _tickets.pop(value, None)
    while len(_tickets) >= MOST:
        _tickets.pop(next(iter(_tickets)), None)
