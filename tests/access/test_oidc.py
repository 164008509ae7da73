"""Sign-on by OpenID Connect, against a provider that speaks real HTTP, signs, and lies."""

import time
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from access import oidc_provider
from access.models import Identity, Login, User
from audit.models import Entry
from tests.access.oidc_cast import answer_of, refused, signed_on
from tests.access.oidc_cast import idp as idp
from tests.access.oidc_cast import running as running
from tests.access.people import user
from tests.access.test_throttle import at_once
from tests.idp import SECRET, Idp

pytestmark = pytest.mark.django_db
Claims = dict[str, Any]


def test_a_first_sign_on_makes_an_account_without_any_right(client: Client, idp: Idp) -> None:
    response = signed_on(client, idp)
    assert response["Location"] == "/audit/"
    ada = User.objects.get()
    assert (ada.username, ada.is_superuser, ada.auditor) == ("ada", False, False)
    assert not ada.has_usable_password()
    assert not ada.teams.exists()
    assert client.session["_auth_user_id"] == str(ada.pk)
    events = list(Entry.objects.order_by("seq").values_list("event", "result"))
    assert events == [("user.create", "ok"), ("session.login", "ok")]
    assert Entry.objects.latest("seq").parameters == {"source": idp.issuer, "subject": "u-1"}


def test_the_second_sign_on_is_the_same_person_whatever_they_are_called(idp: Idp) -> None:
    signed_on(Client(), idp)
    idp.who |= {"preferred_username": "admin", "email": "root@example.org"}
    again = Client()
    signed_on(again, idp)
    assert again.session["_auth_user_id"] == str(User.objects.get().pk)
    assert User.objects.get().username == "ada"


@pytest.mark.parametrize("claims", [{"preferred_username": "Root"}, {"email": "root@example.org"}])
def test_nobody_gets_an_account_by_its_name_or_e_mail(
    client: Client, idp: Idp, claims: Claims
) -> None:
    User.objects.create_superuser("root", email="root@example.org")
    idp.who = {"sub": "u-2", "groups": [], "email_verified": True, **claims}
    response = signed_on(client, idp)
    assert response.status_code == 403
    assert "is not known to be yours" in response.content.decode()
    assert "_auth_user_id" not in client.session
    assert not Identity.objects.exists()
    assert Entry.objects.get().result == "denied"


def test_an_administrator_connects_an_account_that_was_there_before(idp: Idp) -> None:
    before = User.objects.create_user("ada")
    assert signed_on(Client(), idp).status_code == 403
    call_command("connect_sign_on", "ada", "u-1")
    browser = Client()
    signed_on(browser, idp)
    assert browser.session["_auth_user_id"] == str(before.pk)
    with pytest.raises(CommandError, match="is connected with ada already"):
        call_command("connect_sign_on", "ada", "u-1")
    call_command("connect_sign_on", "ada", "u-1", "--end")
    assert signed_on(Client(), idp).status_code == 403


@pytest.mark.parametrize("next", ["//evil.example/", "https://evil.example/", "javascript:x()"])
def test_sign_on_never_leads_to_another_site(client: Client, idp: Idp, next: str) -> None:
    assert signed_on(client, idp, next)["Location"] == "/"


def test_the_cookie_of_a_sign_on_is_lax_short_and_gone_afterwards(client: Client, idp: Idp) -> None:
    begun = client.get("/sign-on/")
    cookie = begun.cookies["wharfinger-sign-on"]
    assert (cookie["samesite"], cookie["httponly"], cookie["max-age"]) == ("Lax", True, 600)
    back = client.get(idp.come_back(begun["Location"]))
    assert back.cookies["wharfinger-sign-on"]["max-age"] == 0
    assert SECRET not in begun["Location"]


def test_a_wrong_state_is_refused_before_the_code_is_used(client: Client, idp: Idp) -> None:
    address = answer_of(client, idp).replace("state=", "state=x")
    assert "begun elsewhere" in refused(client, client.get(address))
    assert "/token" not in idp.asked


def test_an_answer_is_good_only_in_the_browser_that_asked(client: Client, idp: Idp) -> None:
    address = answer_of(Client(), idp)
    assert "begun elsewhere" in refused(client, client.get(address))
    answer_of(client, idp)  # also where that one asked for itself
    assert "begun elsewhere" in refused(client, client.get(address))
    assert "/token" not in idp.asked


def test_an_answer_is_good_once(client: Client, idp: Idp) -> None:
    address = answer_of(client, idp)
    kept = client.cookies["wharfinger-sign-on"].value
    assert client.get(address).status_code == 302
    thief = Client()
    assert "begun elsewhere" in thief.get(address).content.decode()
    thief.cookies["wharfinger-sign-on"] = kept
    response = thief.get(address)
    assert response.status_code == 403
    assert "used already" in response.content.decode()
    assert "_auth_user_id" not in thief.session


def test_a_code_that_the_provider_knows_as_used_is_refused(client: Client, idp: Idp) -> None:
    address = answer_of(client, idp)
    idp.codes.clear()
    assert "This code is used up." in refused(client, client.get(address))


def test_a_stolen_code_is_worth_nothing_without_its_verifier(client: Client, idp: Idp) -> None:
    stolen = answer_of(Client(), idp).split("code=")[1].split("&")[0]
    own = answer_of(client, idp)
    code = own.split("code=")[1].split("&")[0]
    assert "Wrong verifier" in refused(client, client.get(own.replace(code, stolen)))


def test_an_answer_that_names_another_issuer_is_refused(client: Client, idp: Idp) -> None:
    address = answer_of(client, idp) + "&iss=https%3A%2F%2Fevil.example"
    assert "not of the sign-on service" in refused(client, client.get(address))
    idp.metadata = {"authorization_response_iss_parameter_supported": True}
    oidc_provider.of_issuer.cache_clear()
    assert "not of the sign-on service" in refused(client, client.get(answer_of(client, idp)))


def test_what_the_provider_refuses_is_said(client: Client, idp: Idp) -> None:
    answer_of(client, idp)
    state = answer_of(client, idp).split("state=")[1]
    address = f"/sign-on/back/?error=access_denied&error_description=<b>No.</b>&state={state}"
    said = refused(client, client.get(address))
    assert "&lt;b&gt;No.&lt;/b&gt;" in said


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ({"issuer": "https://evil.example"}, "calls itself https://evil.example"),
        ({"token_endpoint": "http://id.example.org/token"}, "no address with https"),
        ({"jwks_uri": None}, "no address with https"),
    ],
)
def test_a_provider_that_is_not_the_one_or_not_safe_is_refused(
    client: Client, idp: Idp, metadata: Claims, words: str
) -> None:
    idp.metadata = metadata
    response: Any = client.get("/sign-on/")
    if response.status_code == 302:
        response = client.get(idp.come_back(response["Location"]))
    assert words in refused(client, response, 502)


def test_a_provider_that_cannot_be_reached_is_said(client: Client, idp: Idp, settings: Any) -> None:
    settings.OIDC_ISSUER = "http://127.0.0.1:9"
    assert "cannot be reached" in refused(client, client.get("/sign-on/"), 502)
    assert client.get("/login/").status_code == 200  # passwords go on


def test_a_disabled_account_stays_out(client: Client, idp: Idp) -> None:
    signed_on(Client(), idp)
    User.objects.update(is_active=False)
    response = signed_on(client, idp)
    assert response.status_code == 403
    assert "disabled" in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_who_has_no_password_proves_at_the_provider_who_they_are(idp: Idp) -> None:
    browser = Client()
    idp.who["auth_time"] = int(time.time()) - 4000
    signed_on(browser, idp)
    login = Login.objects.get()
    assert login.confirmed is None  # a session there that is an hour old proves nothing now
    begun = browser.get("/sign-on/", {"again": "1", "next": "/audit/"})
    assert "prompt=login" in begun["Location"]
    assert "max_age=0" in begun["Location"]
    assert browser.get(idp.come_back(begun["Location"])).status_code == 403
    del idp.who["auth_time"]
    begun = browser.get("/sign-on/", {"again": "1", "next": "/audit/"})
    assert browser.get(idp.come_back(begun["Location"]))["Location"] == "/audit/"
    login.refresh_from_db()
    assert login.confirmed is not None


def test_somebody_elses_proof_counts_for_nothing(idp: Idp) -> None:
    browser = Client()
    browser.force_login(user("bob"))
    begun = browser.get("/sign-on/", {"again": "1"})
    response = browser.get(idp.come_back(begun["Location"]))
    assert response.status_code == 403
    assert "Somebody else signed on" in response.content.decode()
    assert not Login.objects.filter(confirmed__isnull=False).exists()
    assert User.objects.count() == 1


def test_a_logout_tells_of_the_session_at_the_provider(client: Client, idp: Idp) -> None:
    signed_on(client, idp)
    response = client.post("/logout/")
    assert response["Location"] == "/signed-out/"
    page = client.get("/signed-out/").content.decode()
    assert f'href="{idp.issuer}/end?client_id=wharfinger' in page


def test_without_a_provider_there_is_no_sign_on(client: Client) -> None:
    assert client.get("/sign-on/").status_code == 404
    assert client.get("/sign-on/back/?code=x&state=y").status_code == 404
    assert "/sign-on/" not in client.get("/login/").content.decode()


def test_the_button_keeps_where_one_wanted_to_go(client: Client, idp: Idp) -> None:
    page = client.get("/login/?next=/audit/%3Fevent%3Dx%26user%3Dy").content.decode()
    assert 'href="/sign-on/?next=%2Faudit%2F%3Fevent%3Dx%26user%3Dy"' in page


def test_a_provider_that_fails_is_not_asked_for_each_click(idp: Idp, monkeypatch: Any) -> None:
    monkeypatch.setattr(oidc_provider, "REST_SECONDS", 600.0)
    monkeypatch.setattr(oidc_provider, "MOST_BYTES", 10)  # what it says is more than is read
    idp.asked.clear()
    for _click in range(5):
        assert Client().get("/sign-on/").status_code == 502
        assert Client().get("/signed-out/").status_code == 200
    assert idp.asked == ["/.well-known/openid-configuration"]
    monkeypatch.setattr(oidc_provider, "MOST_BYTES", 2**20)
    monkeypatch.setattr(oidc_provider, "REST_SECONDS", 0.0)
    assert Client().get("/sign-on/").status_code == 302


def test_clicks_at_once_ask_the_provider_once(idp: Idp) -> None:
    idp.asked.clear()
    answers: list[str] = []
    provider = oidc_provider.provider()
    at_once(lambda: answers.append(provider.endpoint("jwks_uri")), 8)
    assert len(answers) == 8
    assert idp.asked == ["/.well-known/openid-configuration"]
