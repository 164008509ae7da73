"""Tokens: shown once, bound at each use, ended at once; their pages."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from access import tokens
from access.actors import Actor
from access.gate import authorize, may, reasons, those_of
from access.models import ApiToken, Grant
from access.rights import RIGHTS, SIGNED_IN
from access.scopes import NEVER
from access.targets import SITE, Target
from audit.models import Entry
from tests.access import logins
from tests.access.people import grant, team, user
from tests.api.client import Program, is_problem, program, superuser, token

pytestmark = pytest.mark.django_db
DOCK = Target("host", "dock", "dock", "dock")
BOX = Target("container", "", "", "dock")


def actor_of(row: ApiToken) -> Actor:
    return tokens.actor_of(ApiToken.objects.select_related("user").get(pk=row.pk))


def test_a_secret_is_160_random_bits_and_only_its_hash_is_kept() -> None:
    row, secret = token(superuser(), "host.see")
    assert re.fullmatch(r"wharf_[a-z2-7]{32}", secret)
    assert secret != token(superuser(), "host.see")[1]
    kept = [str(value) for value in ApiToken.objects.filter(pk=row.pk).values_list()[0]]
    assert not any(secret in text or secret[6:20] in text for text in kept)
    record = " ".join(map(str, Entry.objects.values_list()))
    assert secret not in record
    assert "token.manage" in record


def test_no_token_has_more_than_it_was_given_of_any_right() -> None:
    root = superuser()
    for given in ("container.see", "container.stop"):
        bound = actor_of(token(root, "host.see", given)[0])
        has = {name for name in RIGHTS if may(bound, name, BOX)}
        assert has == {"host.see", given}
        assert set(those_of(bound, RIGHTS, BOX)) == has
        assert {name for name in RIGHTS if any(reasons(bound, name, BOX))} == has
        assert not may(bound, SIGNED_IN, SITE)


def test_what_makes_more_rights_is_never_a_tokens() -> None:
    row = token(superuser(), *RIGHTS)[0]
    assert not set(row.rights) & NEVER
    ApiToken.objects.filter(pk=row.pk).update(rights=sorted(RIGHTS))
    assert not any(may(actor_of(row), name, SITE) for name in NEVER)


def test_a_tokens_rights_are_its_makers_as_they_are_now() -> None:
    bob = user("bob")
    given = grant(team("shop", bob), "operator")
    row = token(bob, "host.see", "container.stop", "container.create")[0]
    assert may(actor_of(row), "container.stop", BOX)
    assert not may(actor_of(row), "container.create", BOX), "the maker has it not"
    Grant.objects.filter(pk=given.pk).update(role="viewer")
    from access import book

    book.void()
    assert not may(actor_of(row), "container.stop", BOX)
    assert may(actor_of(row), "host.see", DOCK)
    team("shop").members.clear()
    assert not may(actor_of(row), "host.see", DOCK)


def test_a_token_of_some_hosts_knows_no_others() -> None:
    root = superuser()
    row = token(root, "host.see", "container.see", hosts=["dock"])[0]
    quay = Target("container", "", "", "quay")
    assert may(actor_of(row), "container.see", BOX)
    with pytest.raises(Exception, match="no such object"):
        authorize(actor_of(row), "container.see", quay)


@pytest.mark.parametrize(
    ("networks", "address", "good"),
    [
        ([], "203.0.113.9", True),
        (["10.1.0.0/16"], "10.1.2.3", True),
        (["10.1.0.0/16"], "10.2.0.1", False),
        (["10.1.0.0/16"], "::ffff:10.1.2.3", True),
        (["192.0.2.7/32", "2001:db8::/32"], "2001:db8::1", True),
        (["2001:db8::/32"], "10.1.2.3", False),
        (["10.0.0.0/8"], "", False),
        (["0.0.0.0/0"], "no address", False),
    ],
)
def test_a_token_is_for_its_address_ranges(networks: list[str], address: str, good: bool) -> None:
    assert tokens.comes_from(address, networks) is good


def test_a_token_from_elsewhere_is_refused() -> None:
    there = program(superuser(), networks=["10.1.0.0/16"])
    assert is_problem(there.get("me"), 401)["detail"].endswith("from your address.")
    assert there.get("me", REMOTE_ADDR="10.1.9.9").status_code == 200


def test_a_token_ends_with_its_time_its_revocation_and_its_maker() -> None:
    root = superuser()
    ada = user("ada", is_superuser=True)
    for change in ("expires", "revoked", "disabled", "deleted"):
        row, secret = token(ada, "host.see")
        asks = Program(secret)
        assert asks.get("me").status_code == 200
        if change == "expires":
            ApiToken.objects.filter(pk=row.pk).update(expires=timezone.now())
        elif change == "revoked":
            client = Client()
            client.force_login(root)
            assert client.post(f"/account/tokens/{row.pk}/end/").status_code == 302
        elif change == "disabled":
            ada.is_active = False
            ada.save()
        else:
            ada.delete()
        told = is_problem(asks.get("me"), 401)
        assert told["detail"] == "This token is not known, was revoked, or is too old."
        if change == "disabled":
            ada.is_active = True
            ada.save()


def test_a_token_comes_in_a_header_and_nowhere_else(client: Client) -> None:
    secret = token(superuser(), "host.see")[1]
    for address in (f"?token={secret}", f"?access_token={secret}", f"?Authorization={secret}"):
        assert client.get(f"/api/v1/me{address}").status_code == 401
    client.cookies["wharfinger"] = secret
    assert client.get("/api/v1/me").status_code == 401
    for header in (f"Basic {secret}", secret, f"Bearer {secret}x", "Bearer", "Bearer  "):
        assert client.get("/api/v1/me", HTTP_AUTHORIZATION=header).status_code == 401
    assert client.get("/api/v1/me", HTTP_AUTHORIZATION=f"bearer {secret}").status_code == 200


def test_a_token_opens_no_pages_and_a_bad_one_not_even_with_a_login(client: Client) -> None:
    root = superuser()
    secret = token(root, "*")[1]
    for address in ("/", "/people/", "/account/tokens/", "/account/tokens/add/", "/healthz"):
        asked = Program(secret).ask("GET", address)
        assert asked.status_code == 403, address
    assert not ApiToken.objects.filter(name="again").exists()
    client.force_login(root)
    assert client.get("/api/v1/me").status_code == 200
    assert client.get("/api/v1/me", HTTP_AUTHORIZATION="Bearer wharf_no").status_code == 401


def test_its_last_use_is_noted_once_a_minute() -> None:
    row, secret = token(superuser(), "host.see")
    Program(secret).get("me")
    first = ApiToken.objects.get(pk=row.pk)
    assert first.last_used is not None
    assert first.last_address == "127.0.0.1"
    Program(secret).get("me")
    assert ApiToken.objects.get(pk=row.pk).last_used == first.last_used
    long_ago = timezone.now() - timedelta(hours=1)
    ApiToken.objects.filter(pk=row.pk).update(last_used=long_ago)
    Program(secret).get("me")
    assert ApiToken.objects.get(pk=row.pk).last_used > long_ago


FORM = {"name": "portal", "days": "90", "networks": "10.0.0.0/8, 192.0.2.7", "rights": "host.see"}


def test_the_page_shows_a_token_once(client: Client) -> None:
    bob = user("bob")
    grant(team("shop", bob), "viewer")
    client.force_login(bob)
    logins.proved(client)
    assert b"No tokens yet" in client.get("/account/tokens/").content
    made = client.post("/account/tokens/add/", FORM)
    assert made["Cache-Control"] == "no-store"
    secret = re.search(r"wharf_[a-z2-7]{32}", made.content.decode())
    assert secret is not None
    row = ApiToken.objects.get()
    assert (row.user, row.rights, row.networks) == (
        bob,
        ["host.see"],
        ["10.0.0.0/8", "192.0.2.7/32"],
    )
    assert tokens.find(secret[0]) == row
    assert 89 < (row.expires - timezone.now()).days + 1 <= 90
    page = client.get("/account/tokens/").content.decode()
    assert "portal" in page
    assert secret[0] not in page


def test_whoever_finds_a_browser_open_makes_no_token(client: Client) -> None:
    client.force_login(superuser())
    address, html = "/account/tokens/add/", {"accept": "text/html"}
    asked = client.post(address, FORM, headers=html)
    assert asked.status_code == 403
    assert 'name="secret"' in asked.content.decode()
    assert client.post(address, FORM)["X-Step-Up"] == "needed"
    assert not ApiToken.objects.exists()
    logins.proved(client)
    assert b"wharf_" in client.post(address, FORM, headers=html).content
    assert ApiToken.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 31),
        ("days", "0"),
        ("days", "731"),
        ("networks", "10.1.2.3/8"),
        ("networks", "everywhere"),
        ("rights", "container.stop"),
        ("rights", "token.manage"),
        ("rights", ""),
        ("hosts", "quay"),
    ],
)
def test_no_token_is_made_of_more_than_one_has(client: Client, field: str, value: str) -> None:
    bob = user("bob")
    grant(team("shop", bob), "viewer")
    client.force_login(bob)
    logins.proved(client)
    assert client.post("/account/tokens/add/", FORM | {field: value}).status_code == 422
    assert not ApiToken.objects.exists()


def test_others_tokens_are_a_superusers_business_only(client: Client) -> None:
    ada, bob = user("ada"), user("bob")
    grant(team("shop", ada, bob), "viewer")
    row, secret = token(ada, "host.see")
    client.force_login(bob)
    assert row.name not in client.get("/account/tokens/").content.decode()
    assert client.post(f"/account/tokens/{row.pk}/end/").status_code == 404
    assert client.get("/account/tokens/all/").status_code == 403
    assert Program(secret).get("me").status_code == 200
    client.force_login(superuser())
    assert "of ada" in client.get("/account/tokens/all/").content.decode()
    assert client.get(f"/account/tokens/{row.pk}/end/").status_code == 200
    assert client.post(f"/account/tokens/{row.pk}/end/").status_code == 302
    assert client.post(f"/account/tokens/{row.pk}/end/").status_code == 404
    is_problem(Program(secret).get("me"), 401)
    entry = Entry.objects.filter(event="token.manage", result="ok").latest("seq")
    assert (entry.user, entry.object_kind, entry.object_name) == ("root", "token", row.name)
