"""Who walks the views of containers, and what the mirror knows meanwhile."""

import pytest
from django.test import Client

from access.models import User
from hosts.live import engine_of
from tests.runtime import Loop, until

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def ada(runtime: Loop, client: Client) -> Client:
    """A superuser's browser; it reads pages as a browser does."""
    client.force_login(User.objects.create_superuser("ada"))
    client.defaults["HTTP_ACCEPT"] = "text/html"
    return client


@pytest.fixture
def mallory(runtime: Loop) -> Client:
    """Signed in, without any right."""
    browser = Client()
    browser.force_login(User.objects.create_user("mallory"))
    return browser


def known(id: str) -> str:
    """Wait until the mirror has it; its address."""
    until(lambda: id in engine_of("dock").mirror.snapshot.containers)
    return f"/hosts/dock/containers/{id}/"


def state(id: str) -> str:
    return engine_of("dock").mirror.snapshot.containers[id].state
