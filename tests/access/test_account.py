"""Log in and out, the one-time set-up link, one's own password and looks."""

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from access import second_factor, setup
from access.models import SecondFactor, User
from audit.models import Entry

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def ada() -> User:
    return User.objects.create_superuser("ada", password=PASSWORD)


def test_log_in_leads_back_to_where_one_was_and_is_recorded(client: Client, ada: User) -> None:
    response = client.post("/login/?next=/audit/", {"username": "ada", "password": PASSWORD})
    assert response["Location"] == "/audit/"
    assert Entry.objects.get().event == "session.login"


@pytest.mark.parametrize(
    "away", ["//evil.example/", "https://evil.example/", "javascript:alert(1)"]
)
def test_log_in_never_leads_to_another_site(client: Client, ada: User, away: str) -> None:
    response = client.post("/login/", {"username": "ada", "password": PASSWORD, "next": away})
    assert response["Location"] == "/"


@pytest.mark.parametrize(("name", "password"), [("ada", "not-the-one"), ("nobody", PASSWORD)])
def test_a_wrong_login_says_the_same_for_all_and_is_recorded(
    client: Client, ada: User, name: str, password: str
) -> None:
    response = client.post("/login/", {"username": name, "password": password})
    assert response.status_code == 422
    assert "Please enter a correct username and password" in response.content.decode()
    assert Entry.objects.get().result == "denied"
    assert password not in str(Entry.objects.values().get())


def test_log_out_needs_a_post(client: Client, ada: User) -> None:
    client.force_login(ada)
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/").status_code == 302
    assert client.get("/audit/", headers={"accept": "text/html"})["Location"].startswith("/login/")


def test_the_set_up_link_works_once(client: Client) -> None:
    token = setup.new_token()
    form = {"username": "ada", "password1": PASSWORD, "password2": PASSWORD}
    assert client.get(f"/setup/{token}/").status_code == 200
    assert client.post(f"/setup/{token}/", form).status_code == 302
    assert User.objects.get().is_superuser
    assert Client().get(f"/setup/{token}/").status_code == 404


def test_a_wrong_set_up_link_makes_nobody(client: Client) -> None:
    setup.new_token()
    form = {"username": "eve", "password1": PASSWORD, "password2": PASSWORD}
    assert client.post("/setup/guess/", form).status_code == 404
    assert not User.objects.exists()


def test_a_new_link_voids_the_old_one() -> None:
    old = setup.new_token()
    setup.new_token()
    assert not setup.good(old)


def test_no_link_is_good_once_there_is_a_superuser(ada: User) -> None:
    assert not setup.good(setup.new_token())


def test_the_environment_makes_the_first_superuser_only(settings: object) -> None:
    settings.ADMIN_USER, settings.ADMIN_PASSWORD = "root-of-all", PASSWORD  # type: ignore[attr-defined]
    assert setup.from_environment()
    settings.ADMIN_USER = "second"  # type: ignore[attr-defined]
    assert not setup.from_environment()
    assert User.objects.get().username == "root-of-all"


def test_a_weak_password_is_refused_with_a_sentence(client: Client) -> None:
    token = setup.new_token()
    form = {"username": "ada", "password1": "short", "password2": "short"}
    response = client.post(f"/setup/{token}/", form)
    assert response.status_code == 422
    assert "at least 10 characters" in response.content.decode()


def test_changing_the_password_asks_for_the_old_one(client: Client, ada: User) -> None:
    client.force_login(ada)
    form = {
        "old_password": "wrong",
        "new_password1": "another horse",
        "new_password2": "another horse",
    }
    assert client.post("/account/password/", form).status_code == 422
    form["old_password"] = PASSWORD
    assert client.post("/account/password/", form).status_code == 302
    ada.refresh_from_db()
    assert ada.check_password("another horse")


def test_looks_are_kept_per_person_and_one_at_a_time(client: Client, ada: User) -> None:
    client.force_login(ada)
    client.post("/account/appearance/", {"theme": "dark"})
    client.post("/account/appearance/", {"density": "compact"})
    ada.refresh_from_db()
    assert (ada.theme, ada.density, ada.shortcuts) == ("dark", "compact", True)
    assert client.post("/account/appearance/", {"theme": "pink"}).status_code == 422


def test_cookies_are_strict_and_out_of_reach_of_scripts(client: Client, ada: User) -> None:
    response = client.post("/login/", {"username": "ada", "password": PASSWORD})
    cookie = response.cookies[settings.SESSION_COOKIE_NAME]
    assert (cookie["samesite"], cookie["httponly"]) == ("Strict", True)


def test_what_is_off_is_not_turned_off(client: Client) -> None:
    client.force_login(User.objects.create_user("ada"))
    answer = client.post("/account/second-factor/off/", {"password": "x", "code": "1"})
    assert (answer.status_code, "off already" in answer.content.decode()) == (409, True)


def test_a_secret_that_was_shown_long_ago_is_not_shown_again(ada: User) -> None:
    first = second_factor.begin(ada)
    assert second_factor.begin(ada) == first
    SecondFactor.objects.update(made=timezone.now() - second_factor.SET_UP_WITHIN)
    assert second_factor.begin(ada) != first
