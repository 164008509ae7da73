"""What is done for one person touches nobody else's: codes, tokens, sessions, browsers."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client, RequestFactory
from django.utils import timezone

from access import (
    devices,
    door,
    second_factor,
    sessions,
    step_up,
    throttle,
    tokens,
)
from access.actors import Actor
from access.errors import TooSoon
from access.logins import actors_of
from access.models import ApiToken, Failures, Login, RecoveryCode, SecondFactor, User
from access.sealing import seal
from access.targets import SITE
from access.token_changes import target_of
from audit.models import Entry, Result
from tests.access.gate_cast import bob as bob
from tests.access.gate_cast import shop as shop
from tests.access.logins import PASSWORD, SECRET, Clock, entered, key_of, with_app
from tests.access.logins import clock as clock
from tests.access.people import actor, user

pytestmark = pytest.mark.django_db
HOME = "192.0.2.7"


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada", password=PASSWORD)


@pytest.fixture
def eve() -> User:
    return User.objects.create_user("eve", password=PASSWORD)


def test_a_second_factor_is_forgotten_for_its_person_alone(ada: User, eve: User) -> None:
    for each in (ada, eve):
        with_app(each)
        second_factor.new_recovery_codes(each)
    assert second_factor.forget(ada)
    assert not second_factor.forget(ada)
    assert second_factor.of(eve) is not None
    assert second_factor.recovery_codes_left(eve) == 10
    assert not RecoveryCode.objects.filter(user=ada).exists()


def test_what_somebody_sets_up_is_shown_to_nobody_else(ada: User, eve: User) -> None:
    secret = second_factor.begin(ada)
    assert second_factor.begin(ada) == secret
    other = second_factor.begin(eve)
    assert other != secret
    assert second_factor.begin(ada) == secret
    assert second_factor.confirm(eve, pyotp.TOTP(secret).now()) is None
    assert second_factor.confirm(eve, pyotp.TOTP(other).now()) is not None
    assert second_factor.of(ada) is None


def test_an_app_counts_its_half_minutes_as_ours_does(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A code is good for its own half minute, the one before and the one after."""
    with_app(ada)
    now = 1_800_000_000 - 1_800_000_000 % 30
    monkeypatch.setattr(second_factor.time, "time", lambda: float(now))
    for later, good in (
        (-60, False),
        (-31, False),
        (-30, True),
        (0, True),
        (59, True),
        (60, False),
    ):
        SecondFactor.objects.update(last_step=0)
        shown = pyotp.TOTP(SECRET).at(now + later)
        assert second_factor.accepts(ada, shown) == ("app" if good else ""), later


def test_the_use_of_a_token_is_noted_for_it_alone(ada: User) -> None:
    secret = tokens.new_secret()
    until = timezone.now() + timedelta(days=1)
    used, other = (
        ApiToken.objects.create(user=ada, name=name, digest=tokens.digest_of(of), expires=until)
        for name, of in (("used", secret), ("other", tokens.new_secret()))
    )
    bearer = tokens.bearer_of(secret, HOME)
    assert (bearer.token.pk, bearer.actor.user_id) == (used.pk, ada.pk)
    used.refresh_from_db()
    other.refresh_from_db()
    assert (used.last_address, other.last_address) == (HOME, "")
    assert (other.last_used, target_of(used).id) == (None, str(used.pk))


def test_ones_sessions_are_ones_own(ada: User, eve: User) -> None:
    entered("ada")
    there = entered("eve")
    assert [row.login.user for row in sessions.rows(ada, "")] == [ada]
    request = RequestFactory().get("/")
    request.session = SessionStore()
    assert [login.user for login in sessions.others(request, ada)] == [ada]
    assert set(actors_of({key_of(there)})) == {key_of(there)}
    assert actors_of({"x" * 32}) == {}
    assert sessions.end(sessions.open_of(ada)) == 1
    assert set(actors_of({key_of(there)})) == {key_of(there)}


def test_who_has_no_session_is_not_written_down(ada: User) -> None:
    request = RequestFactory().get("/")
    request.session = SessionStore()
    sessions.touch(request, ada)
    assert not Login.objects.exists()
    sessions.begun(None, request, ada)
    assert Login.objects.get().session_id == request.session.session_key


def test_a_login_stands_with_its_password_and_its_second_factor(ada: User, settings: Any) -> None:
    key = key_of(entered("ada", REMOTE_ADDR=HOME))
    assert actors_of({key})[key].user_id == ada.pk
    assert Login.objects.get().address == HOME
    row = Entry.objects.filter(event="session.login").latest("seq")
    assert (row.address, row.user_id, row.session) == (
        HOME,
        str(ada.pk),
        Login.objects.get().digest,
    )
    settings.REQUIRE_TOTP = second_factor.ALL
    assert actors_of({key}) == {}
    settings.REQUIRE_TOTP = second_factor.OFF
    ada.set_password("another horse battery")
    ada.save()
    assert actors_of({key}) == {}


def test_one_who_waits_for_the_second_step_is_who_gave_the_password(ada: User, eve: User) -> None:
    with_app(eve)
    browser = Client()
    browser.post("/login/", {"username": "eve", "password": PASSWORD})
    browser.post("/login/code/", {"code": pyotp.TOTP(SECRET).now()})
    assert [login.user for login in Login.objects.all()] == [eve]


def test_to_have_proved_it_counts_for_its_person_alone(ada: User, eve: User) -> None:
    entered("ada")
    digest = Login.objects.get().digest
    assert step_up.fresh(replace(actor(ada), session=digest))
    assert not step_up.fresh(replace(actor(eve), session=digest))
    assert not step_up.fresh(actor(ada))
    assert not step_up.fresh(replace(actor(ada), session=digest, user_id=None))


def test_a_browser_is_known_to_the_account_that_it_logged_in_to(ada: User, eve: User) -> None:
    browser = entered("eve")
    request = RequestFactory().get("/")
    request.COOKIES[devices.cookie_name()] = browser.cookies[devices.cookie_name()].value
    assert devices.known(request, "eve")
    assert devices.known(request, "ada") == ""
    assert devices.known(request, "nobody") == ""
    assert browser.cookies[devices.cookie_name()]["max-age"] == 180 * 24 * 3600
    request.COOKIES[devices.cookie_name()] = "forged"
    assert devices.known(request, "eve") == ""


def test_who_was_told_to_wait_and_waited_is_judged(clock: Clock) -> None:
    counters = [throttle.counter("x")]
    for _ in range(6):
        throttle.take(counters)
    for first in (True, False):
        with pytest.raises(TooSoon) as told:
            throttle.take(counters)
        assert told.value.first is first
    clock.later(seconds=1)
    throttle.take(counters)
    with pytest.raises(TooSoon) as told:
        throttle.take(counters)
    assert (told.value.first, told.value.seconds) == (True, 2)


def test_what_others_failed_meanwhile_is_not_taken_back(clock: Clock) -> None:
    """Of a shared counter: one who was right takes back their own try, and no wait of others."""
    shared = [throttle.Counter("shared", 1, timedelta(minutes=3), own=False)]
    with throttle.judged(shared) as attempt:
        throttle.take(shared)
        attempt.was_right()
    left = Failures.objects.get()
    assert (left.count, left.until > clock.at) == (1, True)
    clock.later(seconds=5)
    with throttle.judged(shared) as attempt:
        attempt.was_right()
    left = Failures.objects.get()
    assert (left.count, left.until > clock.at) == (1, False)


def test_failures_of_long_ago_are_forgotten(clock: Clock) -> None:
    throttle.take([throttle.counter("old")])
    clock.later(days=2, minutes=1)
    throttle.take([throttle.counter("new")])
    assert [row.key for row in Failures.objects.all()] == [throttle.key_of("new")]


def test_a_command_that_fails_is_recorded_as_failed() -> None:
    with pytest.raises(ValueError, match="no"), door.by_command("user.reset", SITE, "manage.py x"):
        raise ValueError("no")
    row = Entry.objects.filter(event="user.reset").latest("seq")
    assert (row.result, row.reason, row.user) == (Result.FAILED, "no", "system")
    with pytest.raises(KeyError), door.by_command("user.reset", SITE, "manage.py x"):
        raise KeyError
    assert Entry.objects.filter(event="user.reset").latest("seq").reason == "KeyError"


def test_a_disabled_person_and_a_token_are_no_superuser() -> None:
    root = user("root", is_superuser=True)
    assert Actor.of_user(root).superuser
    root.is_active = False
    assert not Actor.of_user(root).superuser
    assert not Actor.of_user(root).signed_in


def test_what_waits_to_be_sealed_anew_stays_its_owners(ada: User) -> None:
    SecondFactor.objects.create(user=ada, sealed_secret=seal(SECRET), made=timezone.now())
    assert second_factor.reseal_all() == []
    assert second_factor.pending_secret(ada) == SECRET
