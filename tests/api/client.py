"""A program that comes in with a token, and what it needs: people, tokens, a container."""

import json
from typing import Any

from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from access import token_changes, tokens
from access.actors import Actor
from access.models import ApiToken, Login, Team, User
from tests.access.people import grant, user
from tests.runtime import Loop

EVERYTHING = "*"


class Program:
    """Sends a token and JSON; ``say`` keeps the last answer's problem for a failed assertion."""

    def __init__(self, secret: str = "", **headers: str) -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = dict(headers)
        if secret:
            self.headers["HTTP_AUTHORIZATION"] = f"Bearer {secret}"

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """``path`` below ``/api/v1/``; ``body`` as JSON, bytes as they are."""
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body)
        sent = {"content_type": "application/json"} | self.headers | headers
        address = path if path.startswith("/") else f"/api/v1/{path}"
        return self.client.generic(method, address, data, **sent)

    def get(self, path: str, **headers: str) -> Any:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.ask("POST", path, body, **headers)


def token(maker: User, *rights: str, **options: Any) -> tuple[ApiToken, str]:
    """Made as the page makes one; ``*`` is all that the maker has."""
    given = tokens.grantable(maker) if EVERYTHING in rights else rights
    options = {"name": f"t{ApiToken.objects.count()}", "days": 90} | options
    return token_changes.make(proved(maker), rights=list(given), **options)


def proved(person: User) -> Actor:
    """In a login that has just proved who it is: making a token asks for that."""
    digest, now = f"proved-{person.pk}", timezone.now()
    session, _new = Session.objects.get_or_create(pk=digest, defaults={"expire_date": now})
    fields = {"session": session, "user": person, "seen": now, "confirmed": now}
    Login.objects.update_or_create(digest=digest, defaults=fields)
    return Actor.of_user(person, session=digest)


def program(maker: User, *rights: str, **options: Any) -> Program:
    return Program(token(maker, *(rights or (EVERYTHING,)), **options)[1])


def superuser(name: str = "root") -> User:
    return user(name, is_superuser=True, is_staff=True)


def is_problem(response: Any, status: int) -> dict[str, Any]:
    """The problem details of a refusal of this status."""
    assert response.status_code == status, (response.status_code, response.content)
    assert response["Content-Type"] == "application/problem+json"
    told: dict[str, Any] = response.json()
    assert told["status"] == status
    assert told["detail"]
    assert set(told) >= {"type", "title", "status", "detail"}
    return told


def viewer(shop: Team, *rights: str, **options: Any) -> Program:
    person = user("vera")
    shop.members.add(person)
    grant(shop, "viewer")
    return program(person, *rights, **options)


def body(response: Any, runtime: Loop) -> bytes:
    async def collect() -> bytes:
        return b"".join([piece async for piece in response.streaming_content])

    return runtime.run(collect())
