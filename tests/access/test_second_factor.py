"""Two-step login: enrolment, the second step, recovery codes, requirement and reset."""

import re

import pytest
from django.db import connection
from django.test import Client

from access import sealing, second_factor
from access.models import RecoveryCode, SecondFactor, User
from access.sealing import unseal
from audit.models import Entry
from tests.access.factor_cast import ada as ada
from tests.access.factor_cast import by_password, enrolled, logged_in
from tests.access.logins import SECRET, code, entered, proved, with_app
from tests.access.logins import clock as clock
from tests.access.test_throttle import at_once

pytestmark = pytest.mark.django_db
PAGE, STEP = "/account/second-factor/", "/login/code/"
HTML = {"HTTP_ACCEPT": "text/html"}


def test_the_app_is_set_up_with_a_code_and_asked_from_then_on(ada: User) -> None:
    assert len(enrolled(entered("ada"))) == 10
    browser = by_password()
    assert not logged_in(browser)
    assert browser.post(STEP, {"code": code(1)}).status_code == 302
    assert logged_in(browser)
    events = list(Entry.objects.order_by("seq").values_list("event", "result"))
    assert events[-2:] == [("user.second_factor", "ok"), ("session.login", "ok")]
    assert Entry.objects.latest("seq").parameters["by"] == "app"


def test_a_wrong_first_code_turns_nothing_on_and_keeps_the_key(ada: User) -> None:
    browser = entered("ada")
    browser.get(PAGE)
    secret = unseal(SecondFactor.objects.get().sealed_secret)
    assert browser.post(PAGE, {"code": "000000"}).status_code == 422
    assert second_factor.of(ada) is None
    assert second_factor.begin(ada) == secret
    assert not RecoveryCode.objects.exists()


def test_the_first_code_is_used_up_by_setting_up(ada: User) -> None:
    second_factor.begin(ada)
    SecondFactor.objects.update(sealed_secret=sealing.seal(SECRET))
    shown = code()
    assert second_factor.confirm(ada, shown)
    assert second_factor.accepts(ada, shown) == ""


def test_a_login_of_long_ago_sets_nothing_up(ada: User) -> None:
    browser = Client(**HTML)
    browser.force_login(ada)
    assert browser.get(PAGE)["Location"] == "/account/step-up/?next=%2Faccount%2Fsecond-factor%2F"
    assert browser.post(PAGE, {"code": code()}).status_code == 403
    assert not SecondFactor.objects.exists()


def test_the_key_is_sealed_and_never_shown_again(ada: User) -> None:
    browser = entered("ada")
    enrolled(browser)
    assert SECRET not in str(SecondFactor.objects.values().get())
    page = browser.get(PAGE).content.decode()
    assert SECRET not in page.replace(" ", "")
    assert "otpauth" not in page


def test_the_picture_keeps_to_the_policy() -> None:
    svg = second_factor.picture_of(second_factor.address_of(User(username='<a"&>'), SECRET))
    assert svg.startswith("<svg")
    assert not re.search(r"style=|<script|<style|on\w+=|otpauth|href", svg)


def test_the_same_code_is_refused_the_second_time(ada: User) -> None:
    with_app(ada)
    used = code()
    assert by_password().post(STEP, {"code": used}).status_code == 302
    again = by_password()
    assert again.post(STEP, {"code": used}).status_code == 422
    assert not logged_in(again)


@pytest.mark.parametrize("steps", [-3, 3, 200])
def test_a_code_of_another_time_is_refused(ada: User, steps: int) -> None:
    with_app(ada)
    assert by_password().post(STEP, {"code": code(steps)}).status_code == 422


@pytest.mark.parametrize(
    "typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "-00001", "x" * 9999]
)
def test_what_is_no_code_is_refused_in_words(ada: User, typed: str) -> None:
    with_app(ada)
    assert by_password().post(STEP, {"code": typed}).status_code == 422


def test_a_code_may_be_typed_with_a_space(ada: User) -> None:
    with_app(ada)
    shown = code()
    assert by_password().post(STEP, {"code": f" {shown[:3]} {shown[3:]}"}).status_code == 302


def test_a_recovery_code_works_once_and_is_kept_as_a_hash(ada: User) -> None:
    first, second, *_rest = enrolled(entered("ada"))
    assert first not in str(list(RecoveryCode.objects.values()))
    assert by_password().post(STEP, {"code": first.upper()}).status_code == 302
    assert Entry.objects.latest("seq").parameters["by"] == "recovery"
    assert by_password().post(STEP, {"code": first}).status_code == 422
    assert by_password().post(STEP, {"code": second.replace("-", " ")}).status_code == 302
    assert second_factor.recovery_codes_left(ada) == 8


def test_anothers_recovery_code_is_worth_nothing(ada: User) -> None:
    eve = with_app(User.objects.create_user("eve"))
    codes = second_factor.new_recovery_codes(eve)
    with_app(ada)
    assert by_password().post(STEP, {"code": codes[0]}).status_code == 422


@pytest.mark.django_db(transaction=True)
def test_a_code_used_twice_at_once_is_taken_once() -> None:
    ada = with_app(User.objects.create_user("ada"))
    recovery, shown = second_factor.new_recovery_codes(ada)[0], code()
    took: list[str] = []

    def use(typed: str) -> None:
        try:
            took.append(second_factor.accepts(ada, typed))
        finally:
            connection.close()

    at_once(lambda: use(recovery), 8)
    at_once(lambda: use(shown), 8)
    assert sorted(filter(None, took)) == ["app", "recovery"]


@pytest.mark.django_db(transaction=True)
def test_set_up_twice_at_once_gives_one_set_of_codes() -> None:
    ada = User.objects.create_user("ada")
    second_factor.begin(ada)
    SecondFactor.objects.update(sealed_secret=sealing.seal(SECRET))
    given: list[list[str] | None] = []

    def set_up() -> None:
        try:
            given.append(second_factor.confirm(ada, code()))
        finally:
            connection.close()

    at_once(set_up, 6)
    assert len([codes for codes in given if codes]) == 1
    assert RecoveryCode.objects.count() == 10


def test_new_recovery_codes_void_the_old_and_need_a_proof(ada: User) -> None:
    browser = Client()
    browser.force_login(with_app(ada))
    old = second_factor.new_recovery_codes(ada)
    assert browser.post(f"{PAGE}codes/").status_code == 403
    assert proved(browser).post(f"{PAGE}codes/").status_code == 200
    assert second_factor.accepts(ada, old[0]) == ""


def test_a_code_proves_who_one_is(ada: User) -> None:
    browser = Client()
    browser.force_login(with_app(ada))
    shown = code()
    assert browser.post("/account/step-up/", {"secret": shown}).status_code == 302
    assert browser.post("/account/step-up/", {"secret": shown}).status_code == 422
