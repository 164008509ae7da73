"""One's open sessions: shown, ended by oneself or by a superuser, and what ends with them."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from access import sessions
from access.models import Login, User
from audit.models import Entry
from hosts.live import engine_of
from tests.access.logins import PASSWORD, entered, key_of
from tests.access.test_revocation import PATIENCE, Socket
from tests.access.test_revocation import bob as bob
from tests.access.test_revocation import box as box
from tests.containers.terminal_client import Terminal
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime

pytestmark = pytest.mark.django_db
PAGE = "/account/sessions/"
HTML = {"HTTP_ACCEPT": "text/html"}
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


@pytest.fixture
def ada() -> User:
    return User.objects.create_superuser("ada", password=PASSWORD)


def two(name: str = "ada") -> tuple[Client, Client]:
    return entered(name, browser=Client(**HTML)), entered(
        name, browser=Client(HTTP_USER_AGENT=FIREFOX, **HTML), REMOTE_ADDR="192.0.2.7"
    )


def open_(browser: Client) -> bool:
    return browser.get(PAGE).status_code == 200


def login_of(browser: Client) -> Login:
    return Login.objects.get(session=key_of(browser))


def test_the_page_names_them_and_marks_this_one(ada: User) -> None:
    here, there = two()
    page = here.get(PAGE).content.decode()
    assert "Firefox 128 on Linux" in page
    assert "192.0.2.7" in page
    assert page.count("This one") == 1
    assert page.index("This one") < page.index("Firefox 128")
    assert key_of(there) not in page
    assert login_of(there).digest not in page


def test_one_is_ended_and_the_other_stays(ada: User) -> None:
    here, there = two()
    assert here.post(f"{PAGE}{login_of(there).pk}/end/").status_code == 302
    assert open_(here)
    assert not open_(there)
    assert Entry.objects.latest("seq").event == "session.end"


def test_ending_this_one_leads_to_the_login(ada: User) -> None:
    here, there = two()
    assert here.post(f"{PAGE}{login_of(here).pk}/end/")["Location"] == "/login/"
    assert not open_(here)
    assert open_(there)


def test_all_others_at_once(ada: User) -> None:
    User.objects.create_user("eve", password=PASSWORD)
    here, there = two()
    third, eves = entered("ada"), entered("eve")
    here.post(f"{PAGE}end-others/")
    assert (open_(here), open_(there), open_(third)) == (True, False, False)
    assert open_(eves)


def test_nobody_ends_anothers(ada: User) -> None:
    User.objects.create_user("eve", password=PASSWORD)
    mine, eves = entered("ada"), entered("eve", browser=Client(**HTML))
    pk = login_of(mine).pk
    assert eves.post(f"{PAGE}{pk}/end/").status_code == 404
    assert eves.post(f"/people/{ada.pk}/sessions/{pk}/end/").status_code == 404
    assert eves.post(f"/people/{ada.pk}/sessions/end/").status_code == 404
    assert open_(mine)


def test_a_superuser_sees_and_ends_those_of_a_person(ada: User) -> None:
    eve = User.objects.create_user("eve", password=PASSWORD)
    root, (one, other) = entered("ada", browser=Client(**HTML)), two("eve")
    assert "Firefox 128 on Linux" in root.get(f"/people/{eve.pk}/").content.decode()
    assert "Firefox 128" not in one.get(f"/people/{eve.pk}/").content.decode()
    pk = login_of(other).pk
    assert root.post(f"/people/{ada.pk}/sessions/{pk}/end/").status_code == 404
    root.post(f"/people/{eve.pk}/sessions/{pk}/end/")
    assert (open_(one), open_(other)) == (True, False)
    root.post(f"/people/{eve.pk}/sessions/end/")
    assert (open_(one), open_(root)) == (False, True)
    entry = Entry.objects.latest("seq")
    assert (entry.event, entry.result, entry.object_id) == ("user.manage", "ok", "eve")


def test_a_new_password_ends_the_others(ada: User) -> None:
    here, there = two()
    form = {"old_password": PASSWORD}
    form |= {"new_password1": "another horse battery", "new_password2": "another horse battery"}
    old = key_of(here)
    assert here.post("/account/password/", form).status_code == 302
    # Before anybody comes back: Django itself would end the other one only then.
    assert list(Session.objects.values_list("pk", flat=True)) == [key_of(here)]
    assert Entry.objects.latest("seq").parameters["sessions_ended"] == 1
    assert open_(here)
    assert not open_(there)
    assert key_of(here) != old


def test_a_session_that_ran_out_is_not_shown_and_goes(ada: User) -> None:
    here, there = two()
    Session.objects.filter(pk=key_of(there)).update(expire_date=timezone.now())
    assert "Firefox 128" not in here.get(PAGE).content.decode()
    Session.objects.filter(pk=key_of(there)).update(expire_date=timezone.now() - timedelta(days=2))
    entered("ada")
    assert not Login.objects.filter(session=key_of(there)).exists()


def test_last_seen_is_kept_and_not_at_every_request(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, _there = two()
    old = timezone.now() - timedelta(hours=3)
    Login.objects.update(seen=old)
    monkeypatch.setattr(sessions, "_noted", {})
    here.get(PAGE)
    assert login_of(here).seen > old
    Login.objects.update(seen=old)
    here.get(PAGE)
    assert login_of(here).seen == old


def test_a_session_from_before_gets_its_row(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    here, _there = two()
    Login.objects.all().delete()
    monkeypatch.setattr(sessions, "_noted", {})
    assert "This one" in here.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox 128 on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
            " Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0",
            "Edge 130 on Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15"
            " (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
            "Safari 17 on iOS",
        ),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", "An unknown browser"),
        ("<script>" * 40, "<script>" * 5),
    ],
)
def test_a_browser_is_named_so_that_one_knows_ones_own(agent: str, name: str) -> None:
    assert sessions.browser_name(agent) == name


def test_an_ended_session_closes_its_sockets_and_kills_its_shells(
    runtime: Loop, bob: User, box: str
) -> None:
    bob.set_password(PASSWORD)
    bob.save()
    here, there = entered("bob"), entered("bob")
    live = Socket(runtime, there, box).at("/ws/live/")
    shell = Terminal(runtime, there, box).open()
    shell.told("started")
    stays = Socket(runtime, here, box).at("/ws/live/")
    here.post(f"{PAGE}end-others/")
    until(lambda: live.code is not None and shell.code is not None, PATIENCE)
    assert live.code == 4001
    assert shell.told("ended")["kind"] == "login-over"
    until(lambda: "ash" not in str(engine_of("dock").commands.top(box, "-o pid,args")), PATIENCE)
    assert stays.code is None
    stays.drop()


def test_a_shell_that_nobody_looks_at_ends_with_its_login(
    runtime: Loop, bob: User, box: str
) -> None:
    bob.set_password(PASSWORD)
    bob.save()
    browser = entered("bob")
    left = Terminal(runtime, browser, box).open()
    left.told("started")
    left.drop()
    sessions.end([login_of(browser)])
    until(lambda: "ash" not in str(engine_of("dock").commands.top(box, "-o pid,args")), PATIENCE)
