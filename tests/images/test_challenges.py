"""WWW-Authenticate, and which token server may be asked."""

import pytest

from images.challenges import Challenge, parse_challenge
from images.registry_api import origin_of


def test_a_bearer_challenge_in_the_forms_registries_use() -> None:
    header = 'Bearer realm="https://a.example/token",service="r.example",scope="repository:a/b:pull,push"'
    expected = Challenge(
        "bearer", "https://a.example/token", "r.example", "repository:a/b:pull,push"
    )
    assert parse_challenge(header) == expected
    assert parse_challenge(header.replace(",service", ", service")) == expected
    assert parse_challenge('Basic realm="Registry Realm"') == Challenge("basic", "Registry Realm")


@pytest.mark.parametrize("header", ["", "Negotiate", "Digest realm=x", "   "])
def test_other_schemes_are_not_answered(header: str) -> None:
    assert parse_challenge(header) is None


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Auth.Example:443/token?x=1", "https://auth.example"),
        ("https://auth.example:8443/token", "https://auth.example:8443"),
        ("http://127.0.0.1:5001/token", "http://127.0.0.1:5001"),
        ("http://auth.example/token", ""),  # a password never goes out in clear
        ("https://good.example@evil.example/", ""),
        ("ftp://auth.example/", ""),
        ("https://auth.example:99999/", ""),
        ("https://[::1/", ""),
        ("/token", ""),
        ("", ""),
    ],
)
def test_an_origin_is_what_we_would_talk_to(url: str, origin: str) -> None:
    assert origin_of(url) == origin
