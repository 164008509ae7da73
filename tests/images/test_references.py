"""Image references: what people type, paste and copy from a browser."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from images.allowed import named_by
from images.references import (
    BadReference,
    Reference,
    address,
    is_loopback,
    parse,
    registries_of,
)
from tests.images.test_list import row, snapshot

DIGEST = "sha256:" + "0a" * 32


@pytest.mark.parametrize(
    ("text", "full", "familiar"),
    [
        ("nginx", "docker.io/library/nginx:latest", "nginx:latest"),
        ("nginx:1.27-alpine", "docker.io/library/nginx:1.27-alpine", "nginx:1.27-alpine"),
        ("acme/shop", "docker.io/acme/shop:latest", "acme/shop:latest"),
        ("index.docker.io/nginx", "docker.io/library/nginx:latest", "nginx:latest"),
        ("127.0.0.1:5000/a/b/c:2", "127.0.0.1:5000/a/b/c:2", "127.0.0.1:5000/a/b/c:2"),
        ("localhost/app", "localhost/app:latest", "localhost/app:latest"),
        ("[::1]:5000/app", "[::1]:5000/app:latest", "[::1]:5000/app:latest"),
        (f"ghcr.io/a/b@{DIGEST}", f"ghcr.io/a/b@{DIGEST}", f"ghcr.io/a/b@{DIGEST}"),
        ("docker pull redis:7", "docker.io/library/redis:7", "redis:7"),
        ("https://hub.docker.com/_/redis", "docker.io/library/redis:latest", "redis:latest"),
        ("https://hub.docker.com/r/a/b/tags", "docker.io/a/b:latest", "a/b:latest"),
        ("https://quay.io/repository/a/b?tab=tags&tag=v1", "quay.io/a/b:v1", "quay.io/a/b:v1"),
        (
            "https://r.example.org:5000/a/b:1",
            "r.example.org:5000/a/b:1",
            "r.example.org:5000/a/b:1",
        ),
    ],
)
def test_a_reference_is_read_in_full_and_written_as_the_engine_does(
    text: str, full: str, familiar: str
) -> None:
    assert parse(text).full == full
    assert parse(text).familiar == familiar
    assert parse(full) == parse(text)


def test_a_digest_beside_a_tag_decides_alone() -> None:
    both = parse(f"nginx:1@{DIGEST}")
    assert (both.tag, both.digest) == ("1", DIGEST)
    assert both.wanted == f"nginx@{DIGEST}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Name an image"),
        ("Nginx", "small letters"),
        ("nginx:", "not a tag"),
        ("nginx:-1", "not a tag"),
        ("a//b", "not a repository"),
        ("..", "not a repository"),
        ("nginx@sha256:1234", "not a digest"),
        ("host:99999/app", "not a registry's address"),
        ("f" * 300, "too long"),
        ("0a" * 32, "an image's id"),
        ("http://user:pass@r.example.org/app", "Leave user and password out"),
        ("https://hub.docker.com/search?q=x", "not a repository's page"),
        ("http://[::1/app", "does not lead to an image"),
    ],
)
def test_what_is_wrong_is_said_of_the_part_that_is_wrong(text: str, words: str) -> None:
    with pytest.raises(BadReference, match=words):
        parse(text)


@pytest.mark.parametrize("text", ["registry.example.org@evil.example/app", "a@b/x", "a b/c", "a\n"])
def test_a_look_alike_of_a_registry_is_no_reference(text: str) -> None:
    if text == "a\n":
        assert parse(text) == parse("a")
        return
    with pytest.raises(BadReference):
        parse(text)


@given(st.text(alphabet="abZ09.:/@-_[]\x00é ", max_size=60))
def test_no_text_breaks_the_parser(text: str) -> None:
    try:
        found = parse(text)
    except BadReference:
        return
    assert parse(found.full) == found
    assert parse(found.familiar) == found


def test_registries_are_compared_in_one_form() -> None:
    assert address(" Registry.Example.ORG:5000 ") == "registry.example.org:5000"
    assert address("registry-1.docker.io") == "docker.io"


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        ("127.0.0.1:5000", True),
        ("127.9.9.9", True),
        ("localhost:5000", True),
        ("[::1]:5000", True),
        ("[::1]", True),
        ("127.0.0.1.example.org", False),
        ("10.0.0.1:5000", False),
        ("localhost.example.org", False),
    ],
)
def test_only_this_machine_is_loopback(text: str, ours: bool) -> None:
    assert is_loopback(text) is ours


def test_a_pull_by_digest_names_no_tag() -> None:
    assert Reference("ghcr.io", "a/b", "", DIGEST).full == f"ghcr.io/a/b@{DIGEST}"


def test_an_image_asked_for_by_its_id_is_of_the_registries_of_all_its_names() -> None:
    there, sha = "evil.example:5000", "sha256:" + "0" * 64
    assert registries_of([f"{there}/x:1", "busybox:latest", f"ghcr.io/a/b@{sha}"]) == (
        there,
        "docker.io",
        "ghcr.io",
    )
    loaded = row(7, tags=(f"{there}/x:1",))  # a tag alone: it was loaded, built or committed here
    for name in (loaded.id, loaded.id[:12], f"sha256:{loaded.id}"):
        assert named_by(snapshot([loaded]), name) == {there}
