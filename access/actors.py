"""Who acts: a value that the gate judges and the record names."""

import hashlib
import uuid
from dataclasses import dataclass
from typing import Any, Self

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, parse_cookie

from access.models import User


@dataclass(frozen=True, slots=True)
class Actor:
    """One person (or the system) in one request; ``session`` is a hash, never the key."""

    user_id: int | None
    username: str
    superuser: bool = False
    auditor: bool = False
    session: str = ""
    address: str = ""
    browser: str = ""
    request_id: str = ""
    language: str = "en"

    @classmethod
    def of_request(cls, request: HttpRequest) -> Self:
        return cls.of_user(
            request.user,
            session=hash_of_session(request.session.session_key),
            address=request.META.get("REMOTE_ADDR", "") or "",
            browser=request.headers.get("User-Agent", ""),
        )

    @classmethod
    def of_user(cls, user: User | AnonymousUser, **origin: str) -> Self:
        return cls(
            user_id=user.pk if user.is_active else None,
            username=user.get_username(),
            superuser=user.is_active and user.is_superuser,
            auditor=user.is_active and getattr(user, "auditor", False),
            request_id=uuid.uuid4().hex,
            language=getattr(user, "language", "") or "en",
            **origin,
        )

    @classmethod
    def of_scope(cls, scope: dict[str, Any]) -> Self:
        """The actor of a websocket. Reads the database: call it through the door."""
        headers = {
            name.decode("latin1"): value.decode("latin1") for name, value in scope["headers"]
        }
        key = parse_cookie(headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME)
        request = HttpRequest()
        request.session = SessionStore(key)
        return cls.of_user(
            get_user(request),
            session=hash_of_session(key),
            address=(scope.get("client") or [""])[0],
            browser=headers.get("user-agent", ""),
        )

    @property
    def signed_in(self) -> bool:
        return self.user_id is not None


SYSTEM = Actor(user_id=None, username="system")


def hash_of_session(key: str | None) -> str:
    return hashlib.sha256(key.encode()).hexdigest() if key else ""
