"""Logins at their corners: floods, races, what cannot be recorded, and who has no password."""

from typing import Any

import pytest
from django.conf import settings as site
from django.db import DatabaseError, connection
from django.test import Client

from access import second_factor
from access.actors import Actor, hash_of_session, session_key_of
from access.models import Failures, Login, SecondFactor, User
from access.throttle import of_login
from audit import chain
from audit.models import Entry
from tests.access.logins import PASSWORD, Clock, entered, key_of
from tests.access.logins import clock as clock
from tests.access.test_throttle import HERE, at_once, tries

pytestmark = pytest.mark.django_db
HTML = {"HTTP_ACCEPT": "text/html"}


@pytest.fixture
def ada() -> User:
    return User.objects.create_superuser("ada", password=PASSWORD)


def test_a_flood_of_names_leaves_no_flood_of_rows(clock: Clock) -> None:
    for number in range(22):
        tries(f"name-{number}")
    before = Failures.objects.count()
    assert [tries(f"other-{number}") for number in range(20)] == [[429]] * 20
    assert Failures.objects.count() == before
    assert not Failures.objects.filter(key=of_login("other-7", HERE, "")[0].key).exists()


@pytest.mark.django_db(transaction=True)
def test_two_pages_that_begin_a_second_factor_at_once_show_one_key() -> None:
    ada = User.objects.create_user("ada")
    shown: list[str] = []

    def begin() -> None:
        try:
            shown.append(second_factor.begin(ada))
        finally:
            connection.close()

    at_once(begin, 8)
    assert len(shown) == 8
    assert len(set(shown)) == 1
    assert SecondFactor.objects.count() == 1


def test_who_has_yet_to_set_one_up_can_log_out(ada: User, settings: Any) -> None:
    settings.REQUIRE_TOTP = "all"
    browser = entered("ada", browser=Client(**HTML))
    assert browser.post("/logout/").status_code == 302
    assert "_auth_user_id" not in browser.session


def test_a_login_that_cannot_be_recorded_is_none(ada: User, monkeypatch: Any) -> None:
    def full(*_args: Any, **_fields: Any) -> None:
        raise DatabaseError("database or disk is full")

    monkeypatch.setattr(chain, "append", full)
    browser = Client(**HTML)
    answer = browser.post("/login/", {"username": "ada", "password": PASSWORD})
    assert answer.status_code == 507
    assert "audit log" in answer.content.decode()
    assert "_auth_user_id" not in browser.session
    assert not Login.objects.exists()


def test_a_form_from_before_the_login_is_refused_in_words(ada: User) -> None:
    browser = Client(enforce_csrf_checks=True, **HTML)
    answer = browser.post("/login/", {"username": "ada", "password": PASSWORD})
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "open the page again" in page
    assert 'href="/"' in page
    assert "default-src 'none'" in answer["Content-Security-Policy"]


def test_whom_a_proxy_names_is_told_what_helps_before_a_root_shell(ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(password="!")
    browser = Client(**HTML)
    browser.force_login(User.objects.get())
    assert "manage.py changepassword" in browser.get("/account/step-up/").content.decode()
    page = browser.get("/account/sessions/").content.decode().split("<main", 1)[1]
    assert "/account/password/" not in page


def test_a_socket_with_two_logins_is_watched_by_the_one_that_it_acts_for(ada: User) -> None:
    User.objects.create_user("bob", password=PASSWORD)
    keys = [key_of(entered(name)) for name in ("bob", "ada")]
    cookies = [(b"cookie", f"{site.SESSION_COOKIE_NAME}={key}".encode()) for key in keys]
    scope = {"type": "websocket", "headers": cookies, "client": ("127.0.0.1", 1)}
    actor = Actor.of_scope(scope)
    assert (actor.username, actor.session) == ("ada", hash_of_session(session_key_of(scope)))
    apart = {**scope, "headers": [(b"cookie", b"theme=dark"), cookies[0]]}
    assert Actor.of_scope(apart).username == "bob"


def test_nobody_is_told_that_they_are_logged_out_while_they_are_not(ada: User) -> None:
    assert entered("ada").get("/signed-out/")["Location"] == "/"
    assert "is logged out of Wharfinger" in Client().get("/signed-out/").content.decode()
    assert entered("ada").get("/login/?next=/jobs/")["Location"] == "/jobs/"
    assert entered("ada").get("/login/?next=//evil.example/")["Location"] == "/"


def test_a_password_typed_as_the_name_is_in_no_record(ada: User, clock: Clock) -> None:
    tries(PASSWORD, 8)
    tries("a\0b")
    tries("ada")
    rows = list(Entry.objects.filter(event="session.login").order_by("seq"))
    assert [row.object_name for row in rows] == ["?"] * 8 + ["ada"]
    assert not any(PASSWORD in str(list(row.__dict__.values())) for row in rows)
