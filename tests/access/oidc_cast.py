"""A provider of sign-ons, and somebody who comes back from it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client

from access import oidc_provider
from access.models import User
from tests.idp import CLIENT, SECRET, Idp, running_idp


@pytest.fixture(scope="module")
def running() -> Iterator[Idp]:
    with running_idp() as idp:
        yield idp


@pytest.fixture
def idp(running: Idp, settings: Any) -> Idp:
    running.calm()
    oidc_provider.of_issuer.cache_clear()
    cache.clear()
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID = running.issuer, CLIENT
    settings.OIDC_CLIENT_SECRET = SECRET
    return running


def answer_of(client: Client, idp: Idp, next: str = "/audit/") -> str:
    """The address that the browser comes back with."""
    return idp.come_back(client.get("/sign-on/", {"next": next})["Location"])


def signed_on(client: Client, idp: Idp, next: str = "/audit/") -> HttpResponse:
    response: Any = client.get(answer_of(client, idp, next))
    return response


def refused(client: Client, response: HttpResponse, status: int = 403) -> str:
    """Nobody is logged in, it is said in words; the words."""
    assert response.status_code == status
    assert "_auth_user_id" not in client.session
    assert not User.objects.exists()
    return response.content.decode()
