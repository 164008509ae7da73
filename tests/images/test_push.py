"""Pushes: the target in full before, the tag made on the way, the registry's own refusal."""

import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from access.sealing import seal
from audit.models import Entry
from hosts.live import engine_of
from images import registries
from images.models import Registry
from jobs.models import Job
from tests.conftest import DockerCli
from tests.images.people import ended, job_at, signed_in
from tests.registry import Registry as Running
from tests.runtime import Loop, until

LocalImage = Callable[..., str]


@pytest.fixture
def ada(runtime: Loop) -> Client:
    return signed_in("ada")


@pytest.fixture
def image_id(ada: Client, local_image: LocalImage) -> str:
    """A new image with one tag that no registry has."""
    name = local_image("jobs-test/unpushed:1", size=300_000)
    return until(lambda: engine_of("dock").mirror.find_image(name)).id


def push(client: Client, image_id: str, target: str) -> Job:
    response = client.post(reverse("image-push", args=["dock", image_id]), {"target": target})
    assert response.status_code == 302, response.content.decode()
    return job_at(response.url)


def test_the_target_is_shown_in_full_and_nothing_happens_yet(ada: Client, image_id: str) -> None:
    page = ada.get(reverse("image-push", args=["dock", image_id]), {"target": "team/app:2"})
    assert "docker.io/team/app:2" in page.content.decode()
    assert "none stored" in page.content.decode()
    assert not Job.objects.exists()


@pytest.mark.parametrize(
    ("target", "words"),
    [("Team/App", "small letters"), (f"a/b@sha256:{'0a' * 32}", "Push to a tag")],
)
def test_a_bad_target_is_said_at_its_field(
    ada: Client, image_id: str, target: str, words: str
) -> None:
    response = ada.post(reverse("image-push", args=["dock", image_id]), {"target": target})
    assert response.status_code == 422
    assert words in response.content.decode()


def test_a_push_tags_sends_and_says_the_digest(
    ada: Client, image_id: str, registry: Running, docker_cli: Callable[..., object]
) -> None:
    target = f"{registry.address}/jobs-test/pushed:7"
    job = ended(push(ada, image_id, target))
    assert (job.state, job.error) == ("done", "")
    assert job.progress["done_parts"] == len(job.progress["parts"]) == 1
    assert target in engine_of("dock").mirror.snapshot.images[image_id].tags
    manifest = f"{registry.url}/v2/jobs-test/pushed/manifests/{job.result['digest']}"
    accept = {"Accept": "application/vnd.docker.distribution.manifest.v2+json"}
    with urllib.request.urlopen(urllib.request.Request(manifest, headers=accept)) as answer:
        assert answer.status == 200
    events = Entry.objects.filter(result="ok").order_by("seq").values_list("event", flat=True)
    assert list(events) == ["image.tag", "image.push"]
    docker_cli("rmi", target)


def test_the_registry_refuses_in_its_own_words_until_there_is_a_login(
    ada: Client, image_id: str, auth_registry: Running, docker_cli: Callable[..., object]
) -> None:
    target = f"{auth_registry.address}/jobs-test/private:7"
    job = ended(push(ada, image_id, target))
    assert job.state == "failed"
    assert "no basic auth credentials" in job.error
    assert job.error in ada.get(reverse("job-detail", args=[job.id])).content.decode()
    known = Registry(address=auth_registry.address, username=auth_registry.user, plain_http=True)
    known.sealed_password = seal("wrong")
    known.save()
    assert "unauthorized" in ended(push(ada, image_id, target)).error
    known.sealed_password = seal(auth_registry.password)
    known.save()
    response = ada.post(reverse("job-retry", args=[job.id]))
    assert ended(job_at(response.url)).state == "done"
    docker_cli("rmi", target)


def test_an_image_that_is_not_there_is_not_found(ada: Client) -> None:
    response = ada.post(reverse("image-push", args=["dock", "ab" * 32]), {"target": "a/b"})
    assert response.status_code == 404


def test_a_name_that_became_another_images_is_not_pushed(
    ada: Client,
    image_id: str,
    registry: Running,
    docker_cli: DockerCli,
    busybox: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    target = f"{registry.address}/jobs-test/moved:1"
    auth_for = registries.auth_for

    def given_away(address: str) -> Any:
        docker_cli("tag", busybox, target)
        return auth_for(address)

    monkeypatch.setattr(registries, "auth_for", given_away)
    job = ended(push(ada, image_id, target))
    docker_cli("rmi", target)
    assert job.state == "failed"
    assert "is the name of another image now" in job.error
