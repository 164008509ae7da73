"""Guessing is slowed down, per account and per address; nobody is kept out by strangers."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import signing
from django.db import connection
from django.test import Client

from access import devices, throttle
from access.errors import TooSoon
from access.models import Failures, User
from audit.models import Entry
from tests.access.logins import PASSWORD, Clock, entered
from tests.access.logins import clock as clock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
HERE, THERE = "192.0.2.7", "198.51.100.9"


@pytest.fixture
def ada() -> User:
    return User.objects.create_user("ada", password=PASSWORD)


def tries(
    name: str, count: int = 1, address: str = HERE, browser: Client | None = None
) -> list[int]:
    """The answers to so many wrong passwords."""
    web = browser or Client()
    form = {"username": name, "password": "wrong"}
    return [web.post("/login/", form, REMOTE_ADDR=address).status_code for _ in range(count)]


def right(name: str = "ada", address: str = HERE, browser: Client | None = None) -> int:
    form = {"username": name, "password": PASSWORD}
    return (browser or Client()).post("/login/", form, REMOTE_ADDR=address).status_code


def test_after_a_few_failures_one_waits_and_is_told_how_long(ada: User, clock: Clock) -> None:
    assert tries("ada", 7) == [422] * 6 + [429]
    answer = Client().post("/login/", {"username": "ada", "password": PASSWORD}, REMOTE_ADDR=HERE)
    assert answer.status_code == 429
    assert answer["Retry-After"] == "1"
    assert "Too many failed tries: wait for 1 second" in answer.content.decode()
    clock.later(seconds=1)
    assert right() == 302


def test_the_wait_doubles_up_to_a_quarter_of_an_hour_and_never_more(
    ada: User, clock: Clock
) -> None:
    tries("ada", 5)
    waits = []
    for _ in range(14):
        tries("ada")
        waits.append((Failures.objects.latest("until").until - clock.at).total_seconds())
        clock.later(seconds=waits[-1])
    assert waits[:5] == [1, 2, 4, 8, 16]
    assert max(waits) == 900


def test_somebody_at_another_address_gets_in(ada: User) -> None:
    tries("ada", 30)
    assert right(address=HERE) == 429
    assert right(address=THERE) == 302


def test_a_browser_that_was_here_before_gets_in_whatever_strangers_do(ada: User) -> None:
    own = entered("ada", REMOTE_ADDR=HERE)
    own.post("/logout/")
    for at in range(60):
        tries("ada", address=f"203.0.113.{at}")
    tries("ada", 20)
    assert right(address="203.0.113.200") == 429
    assert right(address=HERE, browser=own) == 302


def test_many_addresses_together_wait_too_and_are_let_in_again(ada: User, clock: Clock) -> None:
    answers = [tries("ada", address=f"203.0.113.{at}")[0] for at in range(60)]
    assert answers[:51] == [422] * 51
    assert set(answers[51:]) == {429}
    clock.later(minutes=15)
    assert right(address=THERE) == 302


def test_a_known_browser_guesses_no_faster(ada: User) -> None:
    own = entered("ada")
    own.post("/logout/")
    assert tries("ada", 7, browser=own) == [422] * 6 + [429]
    assert right(browser=own) == 429


def test_one_address_that_tries_many_names_waits_for_all(ada: User) -> None:
    for at in range(21):
        tries(f"name{at}")
    assert right() == 429
    assert right(address=THERE) == 302


def test_being_right_forgives_ones_own_failures_but_not_the_addresss(ada: User) -> None:
    for _ in range(3):
        tries("ada", 5)
        assert right() == 302
    shared = Failures.objects.get(key=throttle.key_of("address", HERE))
    assert shared.count == 15


def test_a_shared_counter_falls_to_nothing_and_no_further(ada: User) -> None:
    for _ in range(3):
        assert right() == 302
        left = dict(Failures.objects.values_list("key", "count"))
        assert left == {each.key: 0 for each in throttle.of_login("ada", HERE, "")}
    shared = [each for each in throttle.of_login("ada", HERE, "") if not each.own]
    with throttle.judged(shared) as attempt:
        Failures.objects.update(count=0)  # forgotten meanwhile
        attempt.was_right()
    assert {*Failures.objects.values_list("count", flat=True)} == {0}


def test_failures_are_forgotten_with_time(ada: User, clock: Clock) -> None:
    tries("ada", 6)
    clock.later(minutes=15 * 6)
    assert tries("ada", 6) == [422] * 6


def test_a_restart_forgets_nothing(ada: User, clock: Clock) -> None:
    tries("ada", 6)
    assert Failures.objects.filter(until__gt=clock.at).exists()


@pytest.mark.parametrize("name", ["ada", "Nobody", "off"])
def test_unknown_and_disabled_names_answer_alike_and_a_hash_is_computed(
    ada: User, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    User.objects.create_user("off", password=PASSWORD, is_active=False)
    hashed: list[str] = []
    encode = MD5PasswordHasher.encode

    def counting(self: Any, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counting)
    answers = [Client().post("/login/", {"username": name, "password": "wrong"}) for _ in range(7)]
    assert [answer.status_code for answer in answers] == [422] * 6 + [429]
    assert hashed == ["wrong"] * 6
    assert "correct username and password" in answers[0].content.decode()
    assert int(answers[6]["Retry-After"]) == 1


def test_a_disabled_persons_right_password_is_wrong_as_well(ada: User) -> None:
    User.objects.filter(pk=ada.pk).update(is_active=False)
    assert right() == 422


def test_all_are_recorded_but_a_flood_is_not(ada: User) -> None:
    tries("ada", 40)
    rows = list(Entry.objects.order_by("seq").values_list("event", "result", "reason"))
    assert rows == [("session.login", "denied", "wrong name or password")] * 6 + [
        ("session.login", "denied", "too many failed tries: 1 s to wait")
    ]


def test_names_that_look_alike_are_one_account() -> None:
    keys = {throttle.of_login(name, HERE, "")[0].key for name in ("Ada", "ada", "ADA", "\uff21da")}
    assert len(keys) == 1


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.2", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("fe80::1%eth0", "fe80::2", True),
        ("", "nonsense", True),
    ],
)
def test_an_address_is_what_one_person_has(one: str, other: str, same: bool) -> None:
    assert (throttle.network(one) == throttle.network(other)) is same


def test_another_accounts_or_a_forged_cookie_makes_no_known_browser(ada: User) -> None:
    User.objects.create_user("eve", password=PASSWORD)
    eve = entered("eve")
    eve.post("/logout/")
    tries("ada", 6)
    assert right(browser=eve) == 429
    eve.cookies[devices.cookie_name()] = "W10:forged:signature"
    assert right(browser=eve) == 429


def test_a_login_with_a_forged_cookie_is_one_of_a_stranger(ada: User) -> None:
    """Signed by another key, for something else, or not at all: nobody crashes, nobody is known."""
    told, key = [(devices.tag_of(ada), "forged")], "another key"
    other = signing.dumps(told, key=key, salt=devices.SALT)
    forged = (other, signing.dumps(told, salt="another"), other.rpartition(":")[0], "forged")
    for value in forged:
        given = entered("ada", browser=bearing(value)).cookies[devices.cookie_name()].value
        ((tag, id),) = signing.loads(given, salt=devices.SALT)
        assert (tag, id != "forged") == (devices.tag_of(ada), True)
    tries("ada", 6)
    assert [right(browser=bearing(value)) for value in forged] == [429] * 4


def bearing(value: str) -> Client:
    """A browser with this in place of its cookie."""
    browser = Client()
    browser.cookies[devices.cookie_name()] = value
    return browser


def test_a_new_password_makes_strangers_of_all_browsers(ada: User) -> None:
    own = entered("ada")
    own.post("/logout/")
    ada.set_password("another horse battery")
    ada.save()
    tries("ada", 6)
    form = {"username": "ada", "password": "another horse battery"}
    assert own.post("/login/", form, REMOTE_ADDR=HERE).status_code == 429


def test_the_device_cookie_is_out_of_reach(ada: User) -> None:
    cookie = entered("ada").cookies[devices.cookie_name()]
    assert (cookie["samesite"], cookie["httponly"]) == ("Strict", True)


@pytest.mark.django_db(transaction=True)
def test_a_hundred_tries_at_once_are_no_faster() -> None:
    judged: list[bool] = []

    def guess() -> None:
        try:
            with throttle.judged([throttle.counter("race")]):
                judged.append(True)
        except TooSoon:
            pass
        finally:
            connection.close()

    at_once(guess, 24)
    assert len(judged) == 6


def at_once(act: Callable[[], None], count: int) -> None:
    threads = [threading.Thread(target=act) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
