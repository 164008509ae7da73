"""Browsers that are logged in, and what it takes: passwords and codes."""

import time
from datetime import datetime, timedelta
from types import SimpleNamespace

import pyotp
import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from access import second_factor, throttle
from access.actors import Actor, hash_of_session
from access.models import Login, SecondFactor, User
from access.sealing import seal

PASSWORD = "correct horse battery"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


class Clock:
    """The throttle's: it stands still until it is moved, however slow the machine is."""

    def __init__(self) -> None:
        self.at = timezone.now()

    def now(self) -> datetime:
        return self.at

    def later(self, **span: float) -> None:
        self.at += timedelta(**span)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(throttle, "timezone", SimpleNamespace(now=made.now))
    return made


def key_of(browser: Client) -> str:
    return browser.cookies[settings.SESSION_COOKIE_NAME].value


def actor_of(browser: Client) -> Actor:
    """Who acts in this browser."""
    key = key_of(browser)
    user = User.objects.get(pk=Session.objects.get(pk=key).get_decoded()["_auth_user_id"])
    return Actor.of_user(user, session=hash_of_session(key))


def proved(browser: Client) -> Client:
    """As if its person had just given the password again."""
    found = Login.objects.filter(digest=hash_of_session(key_of(browser)))
    assert found.update(confirmed=timezone.now()) == 1
    return browser


def entered(
    name: str, password: str = PASSWORD, browser: Client | None = None, **meta: str
) -> Client:
    """Logged in by the form."""
    browser = browser or Client()
    answer = browser.post("/login/", {"username": name, "password": password}, **meta)
    assert answer.status_code == 302, answer.content.decode()
    return browser


def with_app(user: User) -> User:
    """Two-step login is on, with SECRET in the app; no code was used yet."""
    SecondFactor.objects.create(
        user=user, sealed_secret=seal(SECRET), made=timezone.now(), confirmed=timezone.now()
    )
    return user


def code(steps: int = 0) -> str:
    """What the app shows now, or so many times half a minute later."""
    at = int(time.time()) // second_factor.STEP_SECONDS + steps
    return str(pyotp.TOTP(SECRET).generate_otp(at))
