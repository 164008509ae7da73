"""Somebody with two-step login."""

import re

import pytest
from django.test import Client

from access import sealing
from access.models import SecondFactor, User
from tests.access.logins import PASSWORD, SECRET, code
from tests.access.logins import clock as clock

PAGE, STEP = "/account/second-factor/", "/login/code/"
HTML = {"HTTP_ACCEPT": "text/html"}


@pytest.fixture
def ada() -> User:
    return User.objects.create_superuser("ada", password=PASSWORD)


def enrolled(browser: Client) -> list[str]:
    """Set up as a person does it; the recovery codes."""
    page = browser.get(PAGE).content.decode()
    assert "<svg" in page
    pending = SecondFactor.objects.get()
    pending.sealed_secret = sealing.seal(SECRET)
    pending.save()
    shown = browser.post(PAGE, {"code": code()})
    assert shown.status_code == 200, shown.content.decode()
    assert shown["Cache-Control"] == "no-store"
    return re.findall(r"\b[a-z2-9]{4}(?:-[a-z2-9]{4}){3}\b", shown.content.decode())


def by_password(browser: Client | None = None, **more: str) -> Client:
    """As far as the second step."""
    browser = browser or Client()
    form = {"username": "ada", "password": PASSWORD, **more}
    assert browser.post("/login/", form)["Location"].startswith(STEP)
    return browser


def logged_in(browser: Client) -> bool:
    return browser.get("/account/sessions/", **HTML).status_code == 200
