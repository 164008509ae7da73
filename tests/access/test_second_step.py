"""The login of who has two-step login: the step behind the password, and where it is required."""

import pytest
from django.conf import settings as site
from django.test import Client

from access import identities, second_factor, second_step
from access.models import User
from tests.access.factor_cast import ada as ada
from tests.access.factor_cast import by_password, enrolled, logged_in
from tests.access.logins import PASSWORD, Clock, code, entered, key_of, with_app
from tests.access.logins import clock as clock

pytestmark = pytest.mark.django_db
PAGE, STEP = "/account/second-factor/", "/login/code/"
HTML = {"HTTP_ACCEPT": "text/html"}


def test_guessing_codes_is_slowed_down_from_wherever(ada: User, clock: Clock) -> None:
    with_app(ada)
    answers = [
        by_password().post(STEP, {"code": "000000"}, REMOTE_ADDR=f"203.0.113.{at}").status_code
        for at in range(7)
    ]
    assert answers == [422] * 6 + [429]
    late = by_password().post(STEP, {"code": code()})
    assert (late.status_code, late["Retry-After"]) == (429, "1")
    clock.later(seconds=1)
    assert by_password().post(STEP, {"code": code()}).status_code == 302


def test_who_guesses_codes_keeps_no_known_browser_out(ada: User, clock: Clock) -> None:
    own = entered("ada")
    own.post("/logout/")
    with_app(ada)
    for _ in range(9):
        by_password().post(STEP, {"code": "000000"})
    assert by_password(own).post(STEP, {"code": code()}).status_code == 302


def test_the_second_step_is_nobodys_without_the_first(ada: User) -> None:
    with_app(ada)
    assert Client().post(STEP, {"code": code()})["Location"].startswith("/login/?")


@pytest.mark.parametrize("change", ["late", "password", "disabled"])
def test_whoever_waits_there_does_not_wait_for_ever(
    ada: User, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_app(ada)
    browser = by_password()
    if change == "late":
        monkeypatch.setattr(second_step, "LASTS", 0)
    elif change == "password":
        ada.set_password("another horse battery")
        ada.save()
    else:
        User.objects.update(is_active=False)
    late = browser.post(STEP, {"code": code(), "next": "/teams/"})
    assert late["Location"] == "/login/?next=%2Fteams%2F"
    assert "code within five minutes" in browser.get(late["Location"]).content.decode()
    assert not logged_in(browser)


def test_each_step_has_a_session_key_of_its_own(ada: User) -> None:
    """Session fixation: a key that was put into the browser before is never logged in."""
    with_app(ada)
    browser = Client()
    session = browser.session
    session["planted"] = True
    session.save()
    browser.cookies[site.SESSION_COOKIE_NAME] = session.session_key
    keys = [session.session_key]
    keys.append(key_of(by_password(browser)))
    browser.post(STEP, {"code": code()})
    keys.append(key_of(browser))
    assert len(set(keys)) == 3
    thief = Client()
    for old in keys[:2]:
        thief.cookies[site.SESSION_COOKIE_NAME] = old
        assert not logged_in(thief)


@pytest.mark.parametrize(
    "away", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
def test_neither_step_leads_to_another_site(ada: User, away: str) -> None:
    with_app(ada)
    browser = by_password(next=away)
    assert browser.post(STEP, {"code": code(), "next": away})["Location"] == "/"


def test_the_way_leads_on_to_where_one_wanted(ada: User) -> None:
    with_app(ada)
    browser = Client()
    form = {"username": "ada", "password": PASSWORD, "next": "/teams/"}
    step = browser.post("/login/", form)["Location"]
    assert browser.post(step, {"code": code()})["Location"] == "/teams/"


@pytest.mark.parametrize(("required", "held"), [("off", ""), ("superusers", "a"), ("all", "ab")])
def test_where_it_is_required_nothing_else_is_open_before(
    ada: User, settings: object, required: str, held: str
) -> None:
    User.objects.create_user("bob", password=PASSWORD)
    settings.REQUIRE_TOTP = required  # type: ignore[attr-defined]
    for name in ("ada", "bob"):
        browser = Client(**HTML)
        form = {"username": name, "password": PASSWORD, "next": "/account/sessions/"}
        to = browser.post("/login/", form)["Location"]
        assert to.startswith(PAGE) == (name[0] in held)
        assert logged_in(browser) == (name[0] not in held)
        if name[0] in held:
            assert browser.post("/people/add/", {"username": "eve"}).status_code == 403
            assert not User.objects.filter(username="eve").exists()
            assert browser.get(PAGE).status_code == 200


def test_once_set_up_all_is_open(ada: User, settings: object) -> None:
    settings.REQUIRE_TOTP = "all"  # type: ignore[attr-defined]
    browser = entered("ada")
    assert not logged_in(browser)
    enrolled(browser)
    assert logged_in(browser)


def test_a_sign_on_service_asks_its_own(settings: object, ada: User) -> None:
    settings.REQUIRE_TOTP = "all"  # type: ignore[attr-defined]
    assert second_factor.owed(ada, {})
    assert not second_factor.owed(ada, {identities.KEPT: {"source": "https://id"}})
