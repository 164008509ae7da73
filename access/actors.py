"""Who acts: a value that the gate judges and the record names."""

import hashlib
import uuid
from dataclasses import dataclass, replace
from typing import Any, Self

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, parse_cookie

from access import languages, proxy_login, second_factor
from access.models import User
from access.scopes import Scope


@dataclass(frozen=True, slots=True)
class Actor:
    """One person (or the system) in one request; ``session`` is a hash, never the key.

    With a ``scope`` it is a person's token: never ``superuser`` or ``auditor`` itself, so that what
    asks for these leaves a token out; where its maker's count, ``reaches_all`` and ``reads_all``
    say so.
    """

    user_id: int | None
    username: str
    superuser: bool = False
    auditor: bool = False
    session: str = ""
    address: str = ""
    browser: str = ""
    request_id: str = ""
    language: str = "en"
    scope: Scope | None = None

    @classmethod
    def of_request(cls, request: HttpRequest) -> Self:
        """Nobody, where a second factor is asked for that the person has yet to set up."""
        if isinstance(bearer := getattr(request, "bearer", None), cls):
            return bearer
        login = cls.of_login(request)
        return login.held() if second_factor.owed(request.user, request.session) else login

    @classmethod
    def of_login(cls, request: HttpRequest) -> Self:
        """Who logged in, also where they may do nothing yet."""
        return cls.of_user(
            request.user,
            session=hash_of_session(request.session.session_key),
            address=request.META.get("REMOTE_ADDR", "") or "",
            browser=request.headers.get("User-Agent", ""),
            language=languages.of_person(request.user, request),
        )

    @classmethod
    def of_user(cls, user: User | AnonymousUser, scope: Scope | None = None, **origin: str) -> Self:
        themselves = user.is_active and scope is None
        return cls(
            user_id=user.pk if user.is_active else None,
            username=user.get_username(),
            superuser=themselves and user.is_superuser,
            auditor=themselves and getattr(user, "auditor", False),
            request_id=uuid.uuid4().hex,
            scope=scope,
            **{"language": getattr(user, "language", "") or "en", **origin},
        )

    @classmethod
    def of_scope(cls, scope: dict[str, Any]) -> Self:
        """The actor of a websocket. Reads the database: call it through the door."""
        headers = {
            name.decode("latin1"): value.decode("latin1") for name, value in scope["headers"]
        }
        key = session_key_of(scope) or None
        request = HttpRequest()
        request.session = SessionStore(key)
        user = get_user(request)
        if not proxy_login.stands(request.session, scope.get("vouched")):
            user = AnonymousUser()
        login = cls.of_user(
            user,
            session=hash_of_session(key),
            address=(scope.get("client") or [""])[0],
            browser=headers.get("user-agent", ""),
            language=languages.of_person(user, languages.asked_by(headers)),
        )
        return login.held() if second_factor.owed(user, request.session) else login

    def held(self) -> Self:
        """By name only: may do nothing."""
        return replace(self, user_id=None, superuser=False, auditor=False)

    @property
    def signed_in(self) -> bool:
        return self.user_id is not None

    @property
    def reaches_all(self) -> bool:
        """A superuser or a superuser's token: every object, for the rights that it has."""
        return self.superuser or (self.scope is not None and self.scope.superuser)

    @property
    def reads_all(self) -> bool:
        """As ``reaches_all``, for an auditor too: every object, to look at."""
        return self.reaches_all or self.auditor or (self.scope is not None and self.scope.auditor)

    def within(self, right: str, host: str) -> bool:
        """Whether its own bounds let it: a person has none, a token its scope."""
        return self.scope is None or self.scope.covers(right, host)


def session_key_of(scope: dict[str, Any]) -> str:
    """The session that a request or a websocket came with; "" for none. The one way to read it,
    the same as Django's of requests: where two are sent, all must look at the same one."""
    cookies = [value.decode("latin1") for name, value in scope["headers"] if name == b"cookie"]
    return str(parse_cookie("; ".join(cookies)).get(settings.SESSION_COOKIE_NAME, ""))


SYSTEM = Actor(user_id=None, username="system")


def hash_of_session(key: str | None) -> str:
    return hashlib.sha256(key.encode()).hexdigest() if key else ""
