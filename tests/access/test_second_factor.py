"""Two-step login: enrolment, the second step, recovery codes, requirement and reset."""

import re
from io import StringIO

import pytest
from django.conf import settings as site
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from access import identities, sealing, second_factor, second_step
from access.models import RecoveryCode, SecondFactor, User
from access.sealing import unseal
from audit.models import Entry
from tests.access.logins import PASSWORD, SECRET, Clock, code, entered, key_of, proved, with_app
from tests.access.logins import clock as clock
from tests.access.test_throttle import at_once

pytestmark = pytest.mark.django_db
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


def test_turning_off_asks_for_password_and_code(ada: User, clock: Clock) -> None:
    browser = Client()
    browser.force_login(with_app(ada))
    off = f"{PAGE}off/"
    for form in ({"password": PASSWORD, "code": "000000"}, {"password": "no", "code": code()}):
        assert browser.post(off, form).status_code == 422
        assert second_factor.of(ada) is not None
    assert browser.post(off, {"password": PASSWORD, "code": code(1)}).status_code == 302
    assert second_factor.of(ada) is None
    assert not RecoveryCode.objects.exists()


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


def test_a_superuser_resets_anothers_and_only_after_a_proof(ada: User) -> None:
    bob = with_app(User.objects.create_user("bob", password=PASSWORD))
    browser = Client()
    browser.force_login(ada)
    address = f"/people/{bob.pk}/second-factor/reset/"
    assert browser.post(address).status_code == 403
    assert second_factor.of(bob) is not None
    assert proved(browser).get(address).status_code == 200
    assert browser.post(address).status_code == 302
    assert second_factor.of(bob) is None
    entry = Entry.objects.latest("seq")
    assert (entry.event, entry.object_id, entry.user) == ("user.manage", "bob", "ada")
    assert entry.parameters["was"] == {"second_factor": True}


def test_nobody_resets_ones_own_that_way_and_others_none(ada: User) -> None:
    with_app(ada)
    own = entered_by_app()
    assert own.post(f"/people/{ada.pk}/second-factor/reset/").status_code == 409
    bob = User.objects.create_user("bob", password=PASSWORD)
    others = entered("bob")
    assert others.post(f"/people/{ada.pk}/second-factor/reset/").status_code == 404
    assert others.post(f"/people/{bob.pk}/second-factor/reset/").status_code in (403, 404)
    assert second_factor.of(ada) is not None


def entered_by_app() -> Client:
    browser = by_password()
    assert browser.post(STEP, {"code": code()}).status_code == 302
    return browser


def test_the_command_resets_for_who_is_locked_out(ada: User) -> None:
    with_app(ada)
    out = StringIO()
    call_command("reset_second_factor", "ada", stdout=out)
    assert "is reset" in out.getvalue()
    assert entered("ada")
    assert Entry.objects.order_by("seq")[0].user == "system"
    with pytest.raises(CommandError, match="nobody called 'eve'"):
        call_command("reset_second_factor", "eve")


def test_the_keys_rotate_and_the_old_one_may_go(ada: User) -> None:
    with_app(ada)
    lost = User.objects.create_user("lost")
    SecondFactor.objects.create(user=lost, sealed_secret="broken", made=timezone.now())
    said = StringIO()
    call_command("rotate_registry_keys", verbosity=0, stderr=said)
    assert "two-step login of lost opens with no key" in said.getvalue()
    kept = sealing.path().read_text()
    sealing.path().write_text(sealing.keys()[0] + "\n")
    try:
        assert by_password().post(STEP, {"code": code()}).status_code == 302
    finally:
        sealing.path().write_text(kept)


def test_with_a_lost_key_file_a_recovery_code_still_works(ada: User) -> None:
    with_app(ada)
    codes = second_factor.new_recovery_codes(ada)
    SecondFactor.objects.update(sealed_secret="not sealed by us")
    assert by_password().post(STEP, {"code": code()}).status_code == 422
    assert by_password().post(STEP, {"code": codes[0]}).status_code == 302
