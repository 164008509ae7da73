"""The router itself is walked: every route has a right, and nobody gets past it without one."""

import re

import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern

from access.models import User
from access.rights import LOGGED_IN, PUBLIC, RIGHTS, SIGNED_IN
from audit import chain
from audit.models import Entry, Result
from dashboard.sockets import websocket_routes
from web.request import Request
from web.routes import Unchecked, every_route_has_a_right, needs, patterns

ROUTES = list(patterns())
GUARDED = [(address, entry) for address, entry in ROUTES if entry.callback.right != PUBLIC]
KNOWN = {
    "host": "dock",
    "container_id": "ab" * 32,
    "image_id": "ab" * 32,
    "token": "x",
    "user_id": "99",
}


def filled(address: str) -> str:
    """A concrete address for a pattern: known words for known names, 1 or a text for others."""

    def value(match: re.Match[str]) -> str:
        kind, name = match[1] or "str", match[2]
        return KNOWN.get(name) or {
            "int": "1",
            "uuid": "00000000-0000-0000-0000-000000000001",
        }.get(kind.rstrip(":"), "x")

    return "/" + re.sub(r"<(\w+:)?(\w+)>", value, address)


def test_every_route_and_socket_declares_a_right() -> None:
    assert every_route_has_a_right(None) == []
    for route in websocket_routes():
        assert route.callback.consumer_class.right in {*RIGHTS, SIGNED_IN}


def test_the_start_fails_for_a_route_without_one(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.urls import get_resolver, path

    def bare(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    bad: URLPattern = path("bare/", bare)
    monkeypatch.setattr(get_resolver(), "url_patterns", [*get_resolver().url_patterns, bad])
    assert [error.id for error in every_route_has_a_right(None)] == ["web.E001"]


def test_only_these_routes_are_public() -> None:
    public = {entry.name for _, entry in ROUTES if entry.callback.right == PUBLIC}
    assert public == {
        "healthz",
        "language",
        "login",
        "login-code",
        "setup",
        "sign-on",
        "sign-on-back",
        "signed-out",
    }


@pytest.mark.django_db
@pytest.mark.parametrize(("address", "entry"), GUARDED, ids=lambda value: str(value)[:60])
def test_nobody_gets_in_without_a_login(client: Client, address: str, entry: URLPattern) -> None:
    for method in ("get", "post"):
        response = getattr(client, method)(filled(address))
        assert response.status_code in (401, 405), (method, response.status_code)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "entry"),
    [(a, e) for a, e in GUARDED if e.callback.right not in (SIGNED_IN, LOGGED_IN)],
    ids=lambda value: str(value)[:60],
)
def test_a_person_without_grants_gets_404_everywhere(
    client: Client, address: str, entry: URLPattern
) -> None:
    client.force_login(User.objects.create_user("bob"))
    for method in ("get", "post"):
        response = getattr(client, method)(filled(address))
        assert response.status_code in (404, 405), (method, response.status_code)


@pytest.mark.django_db
def test_a_denied_change_is_recorded_and_denied_also_where_it_cannot_be(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(User.objects.create_user("bob"))
    assert client.post("/teams/add/").status_code == 404
    assert Entry.objects.get(event="team.manage").result == Result.DENIED

    def full(*args: object, **fields: object) -> None:
        raise OperationalError("database or disk is full")

    monkeypatch.setattr(chain, "append", full)
    assert client.post("/teams/add/").status_code == 404


@pytest.mark.django_db
def test_a_view_that_forgets_the_gate_never_answers() -> None:
    @needs("container.see")
    def forgetful(request: Request) -> HttpResponse:
        return HttpResponse("secret")

    request = RequestFactory().get("/")
    request.user = User.objects.create_superuser("ada")
    request.session = Client().session
    with pytest.raises(Unchecked):
        forgetful(request)


def test_a_right_must_be_declared() -> None:
    with pytest.raises(ValueError, match="declare it in"):
        needs("container.fly")
