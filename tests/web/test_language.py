"""In which language one reads: one's own choice, the cookie, what the browser asks for."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation
from django.utils.translation import trans_real

from access.actors import Actor
from access.languages import LASTS
from access.models import User
from dashboard import catalogues
from engine.errors import NotFound, Refused

pytestmark = pytest.mark.django_db
CHINESE = {"accept-language": "zh-CN,zh;q=0.9,en;q=0.5"}


@pytest.fixture(autouse=True)
def compiled() -> Iterator[None]:
    """The catalogue as a start leaves it, also where this process asked for it before."""
    catalogues.prepare(settings.CATALOGUES, settings.LOCALE_PATHS[0])
    trans_real._translations.clear()
    yield
    translation.deactivate()


@pytest.fixture
def lin() -> User:
    return User.objects.create_superuser("lin", password="correct horse battery")


def page(client: Client, address: str = "/login/", **asked: str) -> str:
    return client.get(address, headers={"accept": "text/html", **asked}).content.decode()


def test_nobody_yet_reads_what_the_browser_asks_for(client: Client) -> None:
    assert '<html lang="en"' in page(client)
    words = page(client, **CHINESE)
    assert '<html lang="zh-hans"' in words
    assert "登录" in words
    assert '<html lang="en"' in page(client, **{"accept-language": "fr"})


def test_the_login_page_keeps_what_was_chosen_there(client: Client) -> None:
    response = client.post("/language/", {"language": "zh-hans", "next": "/login/?next=/audit/"})
    assert response["Location"] == "/login/?next=/audit/"
    cookie = response.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["max-age"] == LASTS
    assert "登录" in page(client)
    client.post("/language/", {"language": "en"}, headers=CHINESE)
    assert '<html lang="en"' in page(client, **CHINESE)


def test_a_language_that_is_not_spoken_is_refused(client: Client, lin: User) -> None:
    assert client.post("/language/", {"language": "tlh"}).status_code == 422
    assert client.get("/language/").status_code == 405
    client.force_login(lin)
    assert client.post("/account/appearance/", {"language": "tlh"}).status_code == 422
    assert User.objects.get().language == ""


def test_the_switch_leads_to_no_other_site(client: Client) -> None:
    for away in ("//evil.example/", "https://evil.example/"):
        response = client.post("/language/", {"language": "en", "next": away})
        assert response["Location"] == "/"


def test_ones_own_choice_goes_before_the_browser_on_every_device(client: Client, lin: User) -> None:
    client.force_login(lin)
    client.post("/account/appearance/", {"language": "zh-hans"})
    assert User.objects.get().language == "zh-hans"
    elsewhere = Client()
    elsewhere.force_login(lin)
    words = page(elsewhere, "/account/sessions/", **{"accept-language": "en"})
    assert '<html lang="zh-hans"' in words
    assert "会话" in words
    client.post("/logout/")
    assert "登录" in page(client)  # the browser where it was chosen still asks for it


def test_an_error_is_told_in_ones_own_language(client: Client, lin: User) -> None:
    User.objects.update(language="zh-hans")
    client.force_login(lin)
    assert "没有此人" in page(client, "/people/4711/")


def test_the_answer_names_its_language(client: Client) -> None:
    response = client.get("/login/", headers=CHINESE)
    assert response["Content-Language"] == "zh-hans"
    assert "Accept-Language" in response["Vary"]


def test_a_program_reads_what_it_asks_for_itself(client: Client, lin: User) -> None:
    User.objects.update(language="zh-hans")
    wrong = {"authorization": "Bearer wharf_x"}
    assert "token" in client.get("/api/v1/hosts/", headers=wrong).content.decode()
    assert "令牌" in client.get("/api/v1/hosts/", headers=wrong | CHINESE).json()["detail"]


def scope(*headers: tuple[bytes, bytes]) -> dict[str, object]:
    return {"headers": list(headers), "client": ["127.0.0.1", 1], "path": "/live/"}


def test_a_socket_speaks_as_the_page_that_opened_it(client: Client, lin: User) -> None:
    client.force_login(lin)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    login = f"{settings.SESSION_COOKIE_NAME}={session}"
    chinese = (b"accept-language", b"zh-CN")
    assert Actor.of_scope(scope((b"cookie", login.encode()))).language == "en"
    assert Actor.of_scope(scope((b"cookie", login.encode()), chinese)).language == "zh-hans"
    both = f"{login}; {settings.LANGUAGE_COOKIE_NAME}=zh-hans".encode()
    assert Actor.of_scope(scope((b"cookie", both))).language == "zh-hans"
    User.objects.update(language="en")
    assert Actor.of_scope(scope((b"cookie", both), chinese)).language == "en"


def test_an_error_of_the_engine_room_is_told_in_the_readers_language() -> None:
    """Ours; what the engine itself says stays as it is, and the record's words English."""
    ours, theirs = NotFound("There is no %(path)s in this container.", path="/x"), Refused("50 %")
    with translation.override("zh-hans"):
        assert (ours.message, theirs.message) == ("此容器中没有 /x。", "50 %")
    assert str(ours) == ours.message == "There is no /x in this container."
