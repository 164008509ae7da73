"""Sign-on by OpenID Connect: tokens that are not to be believed."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from access import oidc_provider
from access.models import Login
from tests.access.oidc_cast import idp as idp
from tests.access.oidc_cast import refused, signed_on
from tests.access.oidc_cast import running as running
from tests.idp import CLIENT, KEY, OTHER_KEY, SECRET, Idp

pytestmark = pytest.mark.django_db
Claims = dict[str, Any]

LIES: dict[str, Claims] = {
    "the nonce of another sign-on": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "another audience": {"aud": "another-client"},
    "two audiences, ours not the party": {"aud": [CLIENT, "other"], "azp": "other"},
    "another audience, ours the party": {"aud": ["other"], "azp": CLIENT},
    "no audience": {"aud": None},
    "another issuer": {"iss": "https://evil.example"},
    "no issuer": {"iss": None},
    "expired": {"exp": int(time.time()) - 600, "iat": int(time.time()) - 900},
    "no expiry": {"exp": None},
    "of the future": {"iat": int(time.time()) + 3600, "nbf": int(time.time()) + 3600},
    "the hash of another access token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
    "nobody": {"sub": None},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_is_not_for_this_sign_on_is_refused(
    client: Client, idp: Idp, lie: str
) -> None:
    idp.lies = LIES[lie]
    assert "cannot be trusted" in refused(client, signed_on(client, idp))


def by_another_key(claims: Claims) -> str:
    return jwt.encode({"alg": "RS256", "kid": "first"}, claims, OTHER_KEY)


def text_of(part: Claims) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def by_nobody(claims: Claims) -> str:
    return f"{text_of({'alg': 'none', 'kid': 'first'})}.{text_of(claims)}."


def by_the_public_key_as_a_secret(claims: Claims) -> str:
    """As a library that takes the key's text for a secret would find it right."""
    head = ".".join(text_of(each) for each in ({"alg": "HS256", "kid": "first"}, claims))
    made = hmac.new(KEY.as_pem(private=False), head.encode(), hashlib.sha256).digest()
    return f"{head}.{base64.urlsafe_b64encode(made).rstrip(b'=').decode()}"


def by_the_client_secret(claims: Claims) -> str:
    secret = OctKey.import_key(SECRET.ljust(40))
    return jwt.encode({"alg": "HS256"}, claims, secret, algorithms=["HS256"])


def changed_afterwards(claims: Claims) -> str:
    head, _body, signature = jwt.encode({"alg": "RS256", "kid": "first"}, claims, KEY).split(".")
    return f"{head}.{text_of({**claims, 'sub': 'u-admin'})}.{signature}"


def with_its_own_key(claims: Claims) -> str:
    own = OTHER_KEY.as_dict(private=False)
    return jwt.encode({"alg": "RS256", "jwk": own}, claims, OTHER_KEY)


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize(
    "sign",
    [
        by_another_key,
        by_nobody,
        by_the_public_key_as_a_secret,
        by_the_client_secret,
        changed_afterwards,
        with_its_own_key,
        lambda claims: "not.a.token",
        lambda claims: "",
    ],
)
def test_a_token_that_the_provider_did_not_sign_is_refused(
    client: Client, idp: Idp, sign: Callable[[Claims], str]
) -> None:
    idp.sign = sign
    assert "cannot be trusted" in refused(client, signed_on(client, idp))


def test_a_new_key_of_the_provider_is_fetched(client: Client, idp: Idp, monkeypatch: Any) -> None:
    signed_on(client, idp)
    newer = RSAKey.generate_key(2048, {"kid": "second", "use": "sig"}, private=True)
    idp.keys = [KEY, newer]
    idp.sign = lambda claims: jwt.encode({"alg": "RS256", "kid": "second"}, claims, newer)
    said = signed_on(Client(), idp)
    assert said.status_code == 403  # asked for half a minute ago at most: not again
    monkeypatch.setattr(oidc_provider, "RETRY_SECONDS", 0.0)
    assert signed_on(Client(), idp).status_code == 302


@pytest.mark.parametrize("said", ["soon", "now"])
def test_when_one_proved_it_is_believed_of_the_signed_token_only(
    client: Client, idp: Idp, said: str
) -> None:
    del idp.who["groups"]  # so that userinfo is asked, too
    idp.lies = {"auth_time": None}
    idp.userinfo = {"auth_time": int(time.time()) if said == "now" else said}
    assert signed_on(client, idp).status_code == 302
    assert Login.objects.get().confirmed is None
