"""Sign-on by a trusted proxy's header, and whose address a request is taken to come from."""

import asyncio
from datetime import timedelta
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from access.actors import Actor
from access.addresses import client_of, networks_of
from access.models import ApiToken, Identity, User
from access.proxy_login import vouched_by
from access.tokens import digest_of, new_secret
from audit.models import Entry, Result
from dashboard.asgi import application
from tests.access.people import team
from web.proxied import as_it_is

PROXY, STRANGER = "10.0.0.1", "192.0.2.66"
COOKIE = "wharfinger"
NETWORKS = networks_of(["10.0.0.0/8", "fd00::/8"])


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("10.0.0.1", ["198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", ["127.0.0.1, 198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", ["1.1.1.1, 198.51.100.7, 10.9.9.9"], "198.51.100.7"),
        ("10.0.0.1", ["1.1.1.1", "198.51.100.7"], "198.51.100.7"),
        ("10.0.0.1", ["10.1.1.1, 10.2.2.2"], "10.1.1.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.7, nonsense"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.7:4711"], "198.51.100.7"),
        ("10.0.0.1", ["[2001:db8::7]:4711"], "2001:db8::7"),
        ("fd00::1", ["2001:db8::7"], "2001:db8::7"),
        ("::ffff:10.0.0.1", ["198.51.100.7"], "198.51.100.7"),
        ("192.0.2.66", ["198.51.100.7"], "192.0.2.66"),
        ("", ["198.51.100.7"], ""),
    ],
)
def test_the_client_is_read_from_the_right_and_only_past_trusted_proxies(
    peer: str, forwarded: list[str], client: str
) -> None:
    assert client_of(peer, forwarded, NETWORKS) == client


class Browser:
    """Keeps cookies, and speaks to the whole application as a proxy would, header by header."""

    def __init__(self) -> None:
        self.cookies: dict[str, str] = {}

    def scope(self, path: str, peer: str, *more: tuple[str, str]) -> dict[str, Any]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        given = [("host", "localhost"), ("accept", "text/html"), ("cookie", cookies), *more]
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in given],
            "client": (peer, 4711),
            "server": ("127.0.0.1", 80),
        }

    def get(self, path: str, *more: tuple[str, str], peer: str = PROXY) -> int:
        """The status; cookies are kept."""
        sent: list[dict[str, Any]] = []
        body = [{"type": "http.request", "body": b""}]

        async def receive() -> dict[str, Any]:
            if not body:
                await asyncio.Event().wait()
            return body.pop()

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        asyncio.run(application(self.scope(path, peer, *more), receive, send))
        for name, value in sent[0]["headers"]:
            if name.lower() == b"set-cookie":
                for key, morsel in SimpleCookie(value.decode()).items():
                    self.cookies[key] = morsel.value
        self.body = b"".join(message.get("body", b"") for message in sent).decode()
        return int(sent[0]["status"])

    def actor(self, *more: tuple[str, str], peer: str = PROXY) -> Actor:
        """Who a socket of this browser is."""
        scope = {**self.scope("/ws/live/", peer, *more), "type": "websocket", "scheme": "ws"}
        return Actor.of_scope(as_it_is(scope))


def as_user(name: str) -> tuple[str, str]:
    return ("remote-user", name)


@pytest.fixture
def browser(transactional_db: None, settings: Any) -> Browser:
    settings.TRUSTED_PROXIES = NETWORKS
    settings.PROXY_USER_HEADER, settings.PROXY_GROUPS_HEADER = "remote-user", "remote-groups"
    return Browser()


ACCOUNT = "/account/password/"  # for anybody who is logged in
LOGIN_FIRST = 302


def test_whom_a_trusted_proxy_names_is_logged_in_with_the_clients_address(browser: Browser) -> None:
    forwarded = ("x-forwarded-for", "1.2.3.4, 198.51.100.7")
    assert browser.get(ACCOUNT, as_user("ada"), forwarded) == 200
    ada = User.objects.get()
    assert (ada.username, ada.is_superuser, ada.has_usable_password()) == ("ada", False, False)
    entry = Entry.objects.get(event="session.login")
    assert (entry.user, entry.address, entry.result) == ("ada", "198.51.100.7", "ok")
    session = browser.cookies[COOKIE]
    assert browser.get(ACCOUNT, as_user("ada"), forwarded) == 200
    assert browser.cookies[COOKIE] == session
    assert Entry.objects.filter(event="session.login").count() == 1


@pytest.mark.parametrize(
    ("peer", "header"),
    [
        (STRANGER, "remote-user"),
        (STRANGER, "Remote-User"),
        (PROXY, "remote_user"),
        (PROXY, "x-remote-user"),
    ],
)
def test_a_header_from_anybody_else_or_of_another_name_counts_for_nothing(
    browser: Browser, peer: str, header: str
) -> None:
    forwarded = ("x-forwarded-for", "10.0.0.1")
    assert browser.get(ACCOUNT, (header, "ada"), forwarded, peer=peer) == LOGIN_FIRST
    assert not User.objects.exists()
    assert not browser.actor((header, "ada"), forwarded, peer=peer).signed_in


def test_a_token_behind_the_proxy_makes_no_session_and_is_itself(browser: Browser) -> None:
    secret = new_secret()
    ApiToken.objects.create(
        user=User.objects.create_user("bot"),
        name="bot",
        digest=digest_of(secret),
        rights=["host.see"],
        hosts=[],
        networks=[],
        expires=timezone.now() + timedelta(days=1),
    )
    given = (as_user("ada"), ("authorization", f"Bearer {secret}"))
    for _request in range(2):
        assert browser.get("/api/v1/me", *given) == 200
    assert browser.get("/api/v1/me", as_user("ada"), ("authorization", "Bearer x")) == 401
    assert not Session.objects.exists()
    assert not Entry.objects.filter(event="session.login").exists()
    assert not User.objects.filter(username="ada").exists()


def test_without_the_setting_no_header_counts(browser: Browser, settings: Any) -> None:
    settings.PROXY_USER_HEADER = ""
    assert browser.get(ACCOUNT, as_user("ada"), ("", "ada")) == LOGIN_FIRST
    assert not User.objects.exists()


def test_the_address_that_a_stranger_claims_is_not_recorded(browser: Browser) -> None:
    claimed = ("x-forwarded-for", "198.51.100.7")
    assert browser.actor(claimed, peer=STRANGER).address == STRANGER
    assert browser.actor(claimed).address == "198.51.100.7"


def test_another_name_is_another_session_and_the_old_one_is_gone(browser: Browser) -> None:
    browser.get(ACCOUNT, as_user("ada"))
    adas = dict(browser.cookies)
    assert browser.get(ACCOUNT, as_user("bob")) == 200
    assert browser.cookies[COOKIE] != adas[COOKIE]
    assert browser.actor(as_user("bob")).username == "bob"
    browser.cookies = adas
    assert not browser.actor(as_user("ada")).signed_in
    assert User.objects.count() == 2


def test_a_session_is_worth_nothing_without_the_proxys_word(browser: Browser) -> None:
    browser.get(ACCOUNT, as_user("ada"))
    kept = dict(browser.cookies)
    assert browser.actor(as_user("ada")).signed_in
    assert not browser.actor().signed_in
    assert not browser.actor(as_user("bob")).signed_in
    assert not browser.actor(as_user("ada"), peer=STRANGER).signed_in
    assert browser.get(ACCOUNT, as_user("ada"), peer=STRANGER) == LOGIN_FIRST
    browser.cookies = kept
    assert not browser.actor(as_user("ada")).signed_in  # it has ended with that


def test_a_session_of_a_password_does_not_outlive_another_name(browser: Browser) -> None:
    from django.test import Client

    root = User.objects.create_superuser("root", password="x")
    logged_in = Client()
    logged_in.force_login(root)
    browser.cookies[COOKIE] = logged_in.cookies[COOKIE].value
    assert browser.actor().superuser
    assert not browser.actor(as_user("ada")).signed_in
    assert browser.get(ACCOUNT, as_user("ada")) == 200
    assert not browser.actor(as_user("ada")).superuser


def test_a_proxy_that_lets_the_clients_header_pass_is_found_out(browser: Browser) -> None:
    assert browser.get(ACCOUNT, as_user("root"), as_user("ada")) == 400
    assert "let a header pass" in browser.body
    both = (as_user("ada"), ("remote-groups", "admins"), ("remote-groups", "users"))
    assert browser.get(ACCOUNT, *both) == 400
    assert not User.objects.exists()


@pytest.mark.parametrize("name", ["", " ", "a" * 256, "ada\x07"])
def test_a_name_that_is_none_is_refused(browser: Browser, name: str) -> None:
    assert browser.get(ACCOUNT, as_user(name)) == 400
    assert not User.objects.exists()


def test_two_names_in_other_bytes_than_utf8_are_not_one_person(browser: Browser) -> None:
    for name in (b"ren\xe9", b"ren\xe8"):
        given = ((b"remote-user", name), (b"remote-groups", b"a,b\xe9"))
        vouched = vouched_by(given)
        assert vouched is not None
        assert (vouched.name, bool(vouched.problem)) == ("", True)
    vouched = vouched_by(((b"remote-user", "ren\u00e9".encode()), (b"remote-groups", b"a,b\xe9")))
    assert vouched is not None
    assert (vouched.name, vouched.groups) == ("ren\u00e9", frozenset("a"))


def test_a_name_that_is_taken_here_gives_nobody_that_account(browser: Browser) -> None:
    root = User.objects.create_superuser("root", password="x")
    assert browser.get(ACCOUNT, as_user("ROOT")) == 403
    assert "not known to be yours" in browser.body
    assert Entry.objects.get().result == Result.DENIED
    Identity.objects.create(user=root, source="proxy", subject="ROOT")
    assert browser.get(ACCOUNT, as_user("ROOT")) == 200
    assert browser.actor(as_user("ROOT")).superuser


def test_groups_follow_the_header_within_a_session(browser: Browser) -> None:
    shop = team("shop")
    shop.group = "docker-shop"
    shop.save()
    browser.get(ACCOUNT, as_user("ada"), ("remote-groups", "users, docker-shop"))
    assert [each.username for each in shop.members.all()] == ["ada"]
    browser.get(ACCOUNT, as_user("ada"), ("remote-groups", "users"))
    assert not shop.members.exists()


def test_a_disabled_account_stays_out(browser: Browser) -> None:
    browser.get(ACCOUNT, as_user("ada"))
    User.objects.update(is_active=False)
    assert browser.get(ACCOUNT, as_user("ada")) == 403
    assert "disabled" in browser.body
    assert not browser.actor(as_user("ada")).signed_in


def test_one_can_stay_logged_out(browser: Browser, settings: Any) -> None:
    settings.PROXY_LOGOUT_URL = "https://proxy.example.org/sign_out"
    assert browser.get("/signed-out/", as_user("ada")) == 200
    assert 'href="https://proxy.example.org/sign_out"' in browser.body
    assert COOKIE not in browser.cookies


def test_behind_tls_every_request_is_of_the_public_origin(browser: Browser, settings: Any) -> None:
    settings.SECURE = True
    scope = browser.scope("/login/", PROXY)
    assert as_it_is({**scope, "scheme": "http"})["scheme"] == "https"
    assert as_it_is({**scope, "type": "websocket", "scheme": "ws"})["scheme"] == "wss"
