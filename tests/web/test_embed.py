"""Which pages a portal may frame, for whom, with which cookies, and what is not done there."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from access.models import User
from tests.runtime import Loop
from tests.runtime import runtime as runtime
from web.embed import PartitionedCookies, without

PORTAL = "https://portal.example.org"
LIST = "/hosts/dock/containers/"
FRAME = {"HTTP_SEC_FETCH_DEST": "iframe", "HTTP_ACCEPT": "text/html"}
PAGE = {"HTTP_SEC_FETCH_DEST": "document", "HTTP_ACCEPT": "text/html"}


@pytest.fixture
def root(db: None, settings: Any) -> Client:
    settings.EMBED_ORIGINS = [PORTAL]
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    return client


def ancestors(response: Any) -> str:
    directives = response.headers["Content-Security-Policy"].split("; ")
    (found,) = [each for each in directives if each.startswith("frame-ancestors ")]
    return str(found).removeprefix("frame-ancestors ")


def test_the_pages_for_a_frame_are_bare_and_framed_by_the_portal_only(
    runtime: Loop, root: Client, container: Callable[..., str]
) -> None:
    from hosts.live import engine_of
    from tests.runtime import until

    id = container("true", options=("--name", "em-bare"), start=False)
    until(lambda: id in engine_of("dock").mirror.snapshot.containers, 20)
    for address in (LIST, f"{LIST}{id}/", f"{LIST}{id}/logs/", f"{LIST}?q=em-bare"):
        whole = root.get(address, **PAGE)
        assert ancestors(whole) == "'none'"
        assert whole.headers["X-Frame-Options"] == "DENY"
        assert 'id="rail"' in whole.content.decode()
        moved = root.get(address, **FRAME)
        assert (moved.status_code, moved["Location"][-7:]) == (302, "embed=1")
        bare = root.get(moved["Location"], **FRAME)
        assert bare.status_code == 200, address
        assert ancestors(bare) == PORTAL
        assert "X-Frame-Options" not in bare.headers
        page = bare.content.decode()
        assert 'id="rail"' not in page
        assert 'id="jobs-tray"' not in page
        assert f'href="{address}" target="_blank"'.replace("&", "&amp;") in page


@pytest.mark.parametrize("address", ["/", "/people/", "/account/password/", "/nowhere/"])
def test_any_other_page_is_never_shown_in_a_frame(root: Client, address: str) -> None:
    assert ancestors(root.get(f"{address}?embed=1", **PAGE)) == "'none'"
    response = root.get(address, **FRAME)
    if response.status_code == 404:
        assert ancestors(response) == "'none'"
    else:
        page = response.content.decode()
        assert "Not inside another page" in page
        assert f'href="{address}" target="_blank"' in page
        assert "<form" not in page.split("<main", 1)[1].split("</main>")[0]


def test_the_login_is_never_shown_in_a_frame(db: None, settings: Any) -> None:
    settings.EMBED_ORIGINS = [PORTAL]
    client = Client()
    moved = client.get(f"{LIST}?q=x&embed=1", **FRAME)
    page = client.get(moved["Location"], **FRAME).content.decode()
    assert "password" not in page.split("<main", 1)[1].split("</p>")[0]
    assert '<input type="password"' not in page
    assert 'href="/login/?next=%2Fhosts%2Fdock%2Fcontainers%2F%3Fq%3Dx"' in page
    assert f'href="{LIST}?q=x&amp;embed=1"' in page  # to come back to
    assert ancestors(client.get(moved["Location"], **PAGE)) == "'none'"


@pytest.mark.parametrize("next", ["javascript:alert(1)", "https://evil.example/", "//e.example/"])
def test_a_frame_never_leads_elsewhere(db: None, settings: Any, next: str) -> None:
    settings.EMBED_ORIGINS = [PORTAL]
    page = Client().get("/login/", {"next": next}, **FRAME).content.decode()
    assert "Log in first" in page
    assert f'href="{next}' not in page
    assert "Reload" not in page.split("<main", 1)[1].split("</p>")[1]


def test_where_a_login_in_a_tab_does_not_count_nobody_is_told_to_reload(
    db: None, settings: Any
) -> None:
    settings.EMBED_ORIGINS, settings.EMBED_CROSS_SITE = [PORTAL], True
    page = Client().get(f"/login/?next={LIST}%3Fembed%3D1", **FRAME).content.decode()
    assert "proxy has to say who you are" in page
    assert "embed=1" not in page


def test_without_the_setting_nothing_is_framed(root: Client, settings: Any) -> None:
    settings.EMBED_ORIGINS = []
    response = root.get("/account/password/?embed=1", **FRAME)
    assert ancestors(response) == "'none'"
    assert response.headers["X-Frame-Options"] == "DENY"


GONE = "0" * 64


@pytest.mark.parametrize("mark", [FRAME, {"HTTP_WHARFINGER_FRAME": "1"}])
@pytest.mark.parametrize(
    ("address", "refused"),
    [
        (f"{LIST}{GONE}/remove/", True),
        (f"{LIST}{GONE}/kill/", True),
        (f"{LIST}{GONE}/rename/", True),
        (f"{LIST}run/", True),
        (f"{LIST}bulk/remove/", True),
        (f"{LIST}{GONE}/terminal/ticket/", True),
        ("/logout/", True),
        ("/account/password/", True),
        (f"{LIST}{GONE}/stop/", False),
        (f"{LIST}{GONE}/start/", False),
        (f"{LIST}{GONE}/logs/ticket/", False),
    ],
)
def test_what_cannot_be_undone_is_not_done_in_a_frame(
    root: Client, address: str, refused: bool, mark: dict[str, str]
) -> None:
    response = root.post(address, **mark)
    said = "not done inside another page" in response.content.decode()
    assert said == refused
    if refused:
        assert response.status_code == 403


def test_an_address_is_the_same_without_the_frame() -> None:
    assert without("/a/?q=x%20y&embed=1") == "/a/?q=x+y"
    assert without("/login/?next=%2Fa%2F%3Fembed%3D1") == "/login/?next=%2Fa%2F"
    assert without("/a/?embed=0&q=") == "/a/?embed=0&q="


def test_cookies_for_another_site_are_kept_apart() -> None:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        headers = [
            (b"Set-Cookie", b"__Host-a=1; Secure; SameSite=None"),
            (b"Set-Cookie", b"b=1; SameSite=Lax"),
            (b"X-Other", b"SameSite=None"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(PartitionedCookies(application)({"type": "http"}, None, send))
    values = [value for _name, value in sent[0]["headers"]]
    assert values == [
        b"__Host-a=1; Secure; SameSite=None; Partitioned",
        b"b=1; SameSite=Lax",
        b"SameSite=None",
    ]
