"""Two-step login turned off, reset by others, and its keys rotated or lost."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from access import sealing, second_factor
from access.models import RecoveryCode, SecondFactor, User
from audit.models import Entry
from tests.access.factor_cast import ada as ada
from tests.access.factor_cast import by_password
from tests.access.logins import PASSWORD, Clock, code, entered, proved, with_app
from tests.access.logins import clock as clock

pytestmark = pytest.mark.django_db
PAGE, STEP = "/account/second-factor/", "/login/code/"


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
