"""Step-up: what leads to the host asks again who one is, in this login and for five minutes."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from access import step_up
from access.actors import Actor
from access.errors import StepUpNeeded
from access.models import Login, User
from audit.models import Entry
from tests.access.logins import PASSWORD, Clock, actor_of, entered, proved
from tests.access.logins import clock as clock
from web import asking

pytestmark = pytest.mark.django_db
HTML = {"accept": "text/html"}
STEP_UP = "/account/step-up/"
INPUT = re.compile(r'type="hidden" name="(\w+)" value="([^"]*)"')


@pytest.fixture
def ada() -> User:
    return User.objects.create_superuser("ada", password=PASSWORD)


@pytest.fixture
def browser(ada: User) -> Client:
    """Logged in, but not a moment ago."""
    made = Client()
    made.force_login(ada)
    return made


def test_a_login_without_a_proof_is_asked_and_one_with_it_is_not(browser: Client) -> None:
    with pytest.raises(StepUpNeeded):
        step_up.require(actor_of(browser))
    assert browser.post(STEP_UP, {"secret": PASSWORD, "next": "/teams/"})["Location"] == "/teams/"
    step_up.require(actor_of(browser))
    assert Entry.objects.get().event == "session.step_up"


def test_a_wrong_password_proves_nothing_and_is_recorded(browser: Client) -> None:
    assert browser.post(STEP_UP, {"secret": "wrong"}).status_code == 422
    assert not step_up.fresh(actor_of(browser))
    entry = Entry.objects.get()
    assert (entry.event, entry.result, entry.user) == ("session.step_up", "denied", "ada")
    assert "wrong" not in json.dumps(entry.parameters)


def test_a_login_by_the_form_counts(ada: User) -> None:
    assert step_up.fresh(actor_of(entered("ada")))


def test_a_proof_is_of_the_login_that_gave_it(browser: Client, ada: User) -> None:
    other, stranger = Client(), Client()
    other.force_login(ada)
    stranger.force_login(User.objects.create_user("kim"))
    browser.post(STEP_UP, {"secret": PASSWORD})
    assert step_up.fresh(actor_of(browser))
    assert not step_up.fresh(actor_of(other))
    assert not step_up.fresh(actor_of(stranger))


def test_it_lasts_for_five_minutes(browser: Client) -> None:
    proved(browser)
    Login.objects.update(confirmed=timezone.now() - timedelta(minutes=5, seconds=1))
    assert not step_up.fresh(actor_of(browser))


def test_another_login_of_the_same_person_has_not_proved_it(browser: Client, ada: User) -> None:
    proved(browser)
    other = Client()
    other.force_login(ada)
    assert not step_up.fresh(actor_of(other))


def test_another_person_does_not_prove_it_with_their_own_password(browser: Client) -> None:
    User.objects.create_user("bob", password="bobs own password")
    assert browser.post(STEP_UP, {"secret": "bobs own password"}).status_code == 422


def test_what_has_no_login_never_passes(ada: User) -> None:
    for actor in (Actor.of_user(ada), Actor(None, "system"), Actor(ada.pk, "ada", session="")):
        with pytest.raises(StepUpNeeded):
            step_up.require(actor)


def test_guessing_in_somebodys_open_browser_is_slowed_down(browser: Client, clock: Clock) -> None:
    answers = [browser.post(STEP_UP, {"secret": f"guess {at}"}) for at in range(7)]
    assert [answer.status_code for answer in answers] == [422] * 6 + [429]
    assert int(answers[-1]["Retry-After"]) >= 1
    assert browser.post(STEP_UP, {"secret": PASSWORD}).status_code == 429


@pytest.mark.parametrize("away", ["//evil.example/", "https://evil.example", "/\\evil.example"])
def test_it_never_leads_to_another_site(browser: Client, away: str) -> None:
    assert browser.post(STEP_UP, {"secret": PASSWORD, "next": away})["Location"] == "/"
    form = {"secret": PASSWORD, "go_on": away, "kept": "[]"}
    assert 'action="/"' in browser.post(STEP_UP, form).content.decode()


@pytest.mark.parametrize("kept", ["", "{}", "[1]", '[["a"]]', '[["a", 1]]', "[" * 99])
def test_what_cannot_be_sent_again_is_said(browser: Client, kept: str) -> None:
    answer = browser.post(STEP_UP, {"secret": PASSWORD, "kept": kept})
    assert answer.status_code == 422


def asked(browser: Client, make: Callable[..., Any], **options: Any) -> HttpResponse:
    request: HttpRequest = make("/teams/add/", **options)
    request.user = User.objects.get(username="ada")
    request.session = SessionStore()
    return asking.who_one_is(request, "Confirm.")


def test_a_page_comes_back_a_script_is_told(browser: Client) -> None:
    web = RequestFactory()
    page = asked(browser, web.get, headers=HTML)
    assert page["Location"] == f"{STEP_UP}?next=%2Fteams%2Fadd%2F"
    for headers in ({"accept": "application/json"}, {"HX-Request": "true", **HTML}):
        answer = asked(browser, web.post, headers=headers)
        assert (answer.status_code, answer["X-Step-Up"]) == (403, "needed")


def test_a_form_is_sent_again_as_it_was(browser: Client) -> None:
    data = {"name": 'The "shop"', "ids": ["1", "2"], "csrfmiddlewaretoken": "old"}
    page = asked(browser, RequestFactory().post, data=data, headers=HTML)
    assert page.status_code == 403
    assert page["Cache-Control"] == "no-store"
    sent = hidden(page)
    again = browser.post(STEP_UP, {**sent, "secret": PASSWORD})
    form = again.content.decode().partition(' action="/teams/add/" data-go-on')[2]
    inputs = INPUT.findall(form.partition("</form>")[0])
    fields = [(name, unescape(value)) for name, value in inputs if name != "csrfmiddlewaretoken"]
    assert fields == [("name", 'The "shop"'), ("ids", "1"), ("ids", "2")]


def hidden(page: HttpResponse) -> dict[str, str]:
    names = ("go_on", "kept")
    return {n: unescape(value) for n, value in INPUT.findall(page.content.decode()) if n in names}
