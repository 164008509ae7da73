"""Registries by API: the catalogue paged, tags, and what a tag is beside what a pull of it says."""

from collections.abc import Callable

import pytest

from images import search
from images.models import Registry
from tests.api.client import is_problem, program, superuser
from tests.conftest import DockerCli
from tests.images.conftest import local_image as local_image
from tests.images.conftest import publish as publish
from tests.registry import Registry as Running
from tests.runtime import Loop
from tests.runtime import runtime as runtime

ALL = "hosts/dock/repositories"
Publish = Callable[..., str]


def test_from_the_catalogue_to_what_a_tag_is(
    runtime: Loop, registry: Running, publish: Publish, docker_cli: DockerCli
) -> None:
    reference = publish(size=50_000, tag="9")
    repository = reference.partition("/")[2].rpartition(":")[0]
    Registry.objects.create(address=registry.address, plain_http=True)
    asks, of = program(superuser()), f"in={registry.address}&repository={repository}"
    listed = asks.get(f"{ALL}?in={registry.address}&q={repository}").json()
    (found,) = listed["items"]
    assert (found["repository"], found["name"]) == (repository, f"{registry.address}/{repository}")
    assert (found["stars"], listed["next"], listed["partial"]) == (None, None, False)
    assert asks.get(f"{ALL}/tags?{of}").json() == {"items": ["9"], "partial": False}
    assert asks.get(f"{ALL}/tags?{of}&q=8").json()["items"] == []
    told = asks.get(f"{ALL}/tags/facts?{of}&tag=9").json()
    docker_cli("pull", reference)
    form = "{{index .RepoDigests 0}} {{.Os}}/{{.Architecture}} {{.Created}}"
    digest, platform, created = docker_cli("inspect", "-f", form, reference).stdout.split()
    assert (told["reference"], told["digest"]) == (reference, digest.partition("@")[2])
    assert told["platforms"] == [platform]
    assert told["created"].partition(".")[0] == created.partition(".")[0]
    assert 50_000 < told["size"] < 60_000  # it is random, and shrinks by nothing


def test_a_catalogue_page_by_page(
    runtime: Loop, registry: Running, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = sorted(publish(size=100).partition("/")[2].rpartition(":")[0] for _ in range(3))
    Registry.objects.create(address=registry.address, plain_http=True)
    monkeypatch.setattr(search, "MOST_HITS", 2)
    asks, seen = program(superuser()), list[str]()
    cursor: str | None = ""
    while cursor is not None:
        told = asks.get(f"{ALL}?in={registry.address}&cursor={cursor}").json()
        assert len(told["items"]) <= 2
        seen += [each["repository"] for each in told["items"]]
        cursor = told["next"]
    assert set(names) <= set(seen)
    assert seen == sorted(set(seen))


def test_what_is_wrong_is_told_by_its_field(runtime: Loop, registry: Running) -> None:
    Registry.objects.create(address=registry.address, plain_http=True)
    asks, at = program(superuser()), f"in={registry.address}"
    for rest, field in (
        ("?in=nobody.example.org", "in"),
        (f"?{at}&cursor=x", "cursor"),
        (f"/tags?{at}&repository=..%2F_catalog", "repository"),
        (f"/tags/facts?{at}&repository=a&tag=..%2Fx", "tag"),
        ("/tags?in=nobody.example.org&repository=a", "in"),
        (f"/tags?{at}", "repository"),
    ):
        assert is_problem(asks.get(f"{ALL}{rest}"), 422)["errors"][0]["field"] == field, rest
    told = is_problem(asks.get(f"{ALL}/tags?{at}&repository=no/such"), 422)
    assert "repository name not known" in told["detail"]
