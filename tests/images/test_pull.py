"""Pulls: progress per layer, joined, cancelled, limited, interrupted, run again."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from itertools import pairwise
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from audit.models import Entry
from engine.threads import door
from hosts.live import engine_of
from images.models import Registry
from jobs import feed, runner
from jobs.models import Job
from jobs.progress import Picture
from tests.conftest import DockerCli
from tests.images.people import ended, job_at, moving, pull, signed_in
from tests.images.slow import SlowRegistry
from tests.runtime import Loop, until

Publish = Callable[..., str]


@pytest.fixture
def ada(runtime: Loop) -> Client:
    return signed_in("ada")


def behind(slow: SlowRegistry, reference: str) -> str:
    """The reference as it is pulled over the narrow line."""
    return f"{slow.address}/{reference.partition('/')[2]}"


def test_a_pull_shows_its_layers_and_ends_with_the_image(ada: Client, publish: Publish) -> None:
    reference = publish(size=300_000, layers=3)
    job = ended(pull(ada, reference))
    assert (job.state, job.error) == ("done", "")
    picture = Picture.of_json(job.progress)
    assert len(picture.parts) == picture.done_parts == 3
    assert picture.current == picture.total > 900_000
    assert job.result["digest"].startswith("sha256:")
    assert reference in engine_of("dock").mirror.snapshot.images[job.result["image_id"]].tags
    page = ada.get(reverse("job-detail", args=[job.id])).content.decode()
    assert page.count('class="bar ok"') == 3
    assert job.result["image_id"] in page


def test_it_is_recorded_before_and_after(ada: Client, publish: Publish) -> None:
    reference = publish()
    job = ended(pull(ada, reference))
    intent, result = Entry.objects.filter(event="image.pull").order_by("seq")
    assert (intent.result, intent.seq, intent.object_name) == ("intent", job.intent_seq, reference)
    assert (result.result, result.intent_seq, result.user) == ("ok", intent.seq, "ada")
    assert intent.command_line == f"docker pull {reference}"
    assert result.bytes
    assert result.duration_us


def test_what_is_not_there_fails_in_the_registrys_own_words(ada: Client, registry: Any) -> None:
    job = ended(pull(ada, f"{registry.address}/jobs-test/nothing:1"))
    assert job.state == "failed"
    assert "manifest unknown" in job.error
    assert "manifest unknown" in ada.get(reverse("job-detail", args=[job.id])).content.decode()
    assert Entry.objects.filter(event="image.pull", result="failed").get().reason == job.error


def test_a_bad_reference_is_said_at_its_field(ada: Client) -> None:
    response = ada.post(reverse("image-pull", args=["dock"]), {"reference": "NGINX"})
    assert response.status_code == 422
    assert "small letters" in response.content.decode()
    assert not Job.objects.exists()


def test_two_people_share_one_pull_of_the_engine(
    ada: Client, publish: Publish, slow: SlowRegistry
) -> None:
    reference = behind(slow, publish(size=600_000))
    bob = signed_in("bob")
    first = pull(ada, reference)
    assert moving(first).total > 0
    assert pull(bob, reference) == first
    assert bob.get(reverse("job-detail", args=[first.id])).status_code == 200
    slow.rate = 0
    assert ended(first).state == "done"
    assert Job.objects.count() == 1
    blobs = [line for line in slow.requests if line.startswith("GET") and "/blobs/" in line]
    assert len(blobs) == 2  # the configuration and the layer
    joined = Entry.objects.get(event="image.pull", user="bob")
    assert f"joined job {first.id} of ada" in joined.reason


def test_a_cancel_takes_less_than_three_seconds_and_reaches_the_engine(
    ada: Client, publish: Publish, slow: SlowRegistry
) -> None:
    job = pull(ada, behind(slow, publish(size=3_000_000)))
    moving(job)
    started = time.monotonic()
    ada.post(reverse("job-cancel", args=[job.id]))
    job = ended(job)
    assert time.monotonic() - started < 3
    assert (job.state, job.cancelled_by, job.error) == ("cancelled", "ada", "")
    until(lambda: slow.open == 0, 10)
    assert "Cancelled by ada." in ada.get(reverse("job-detail", args=[job.id])).content.decode()
    assert Entry.objects.get(event="image.pull", result="failed").reason == "cancelled by ada"
    assert Entry.objects.filter(event="job.cancel", result="ok").exists()


def test_what_is_over_cannot_be_cancelled(ada: Client, publish: Publish) -> None:
    job = ended(pull(ada, publish()))
    response = ada.post(reverse("job-cancel", args=[job.id]))
    assert response.status_code == 409
    assert "over already" in response.content.decode()


def test_a_third_pull_of_one_person_waits_its_turn(
    ada: Client, publish: Publish, slow: SlowRegistry
) -> None:
    references = [behind(slow, publish(size=3_000_000)) for _ in range(3)]
    jobs = [pull(ada, reference) for reference in references[:2]]
    response = ada.post(reverse("image-pull", args=["dock"]), {"reference": references[2]})
    assert response.status_code == 429
    assert "You run 2 jobs of this kind already" in response.content.decode()
    assert Entry.objects.filter(event="image.pull", result="denied").exists()
    other = pull(signed_in("bob"), references[2])
    for job in [*jobs, other]:
        ada.post(reverse("job-cancel", args=[job.id]))


def test_a_stopped_server_interrupts_and_a_retry_goes_on(
    ada: Client, publish: Publish, slow: SlowRegistry, runtime: Loop
) -> None:
    from dashboard import runtime as site

    job = pull(ada, behind(slow, publish(size=3_000_000)))
    moving(job)
    runtime.run(site.stop())
    job = ended(job)
    assert job.state == "interrupted"
    assert Entry.objects.get(event="image.pull", result="failed").intent_seq == job.intent_seq
    runtime.run(site.start())
    slow.rate = 0
    until(lambda: engine_of("dock").mirror.snapshot.state == "up")
    response = ada.post(reverse("job-retry", args=[job.id]))
    again = job_at(response.url)
    assert again != job
    assert ended(again).state == "done"


def test_a_job_that_a_killed_server_left_is_interrupted_at_start(ada: Client) -> None:
    job = Job.objects.create(kind="image.pull", title="x", state="running", intent_seq=1)
    assert runner.interrupt_left() == 1
    job.refresh_from_db()
    assert (job.state, job.finished is not None) == ("interrupted", True)


def test_results_go_after_a_day(ada: Client, publish: Publish) -> None:
    job = ended(pull(ada, publish()))
    assert runner.forget_old() == 0
    Job.objects.filter(id=job.id).update(finished=job.finished - runner.KEEP * 1.01)
    assert runner.forget_old() == 1
    assert ada.get(reverse("job-detail", args=[job.id])).status_code == 404


def test_watchers_get_numbers_while_it_runs_and_the_end(
    ada: Client, publish: Publish, slow: SlowRegistry, runtime: Loop
) -> None:
    from access.actors import Actor

    actor = Actor(1, "ada", superuser=True)
    job = pull(ada, behind(slow, publish(size=400_000, layers=2)))
    messages: list[dict[str, Any]] = []

    async def watch() -> None:
        async for message in feed.of_one(actor, str(job.id)):
            messages.append(message | {"at": time.monotonic()})
            if message["event"] == "job-changed" and runner.find(job.id) is None:
                return

    runtime.run(watch())
    numbers = [message for message in messages if message["event"] == "job-progress"]
    assert max(message["current"] for message in numbers) > 0
    assert {part["id"] for message in numbers for part in message["parts"]} == {
        part["id"] for part in ended(job).progress["parts"]
    }
    pauses = [b["at"] - a["at"] for a, b in pairwise(numbers)]
    assert min(pauses) > 0.2
    assert door.is_open


def test_a_job_that_ended_before_anybody_watched_is_told_as_changed(
    ada: Client, publish: Publish, runtime: Loop
) -> None:
    from access.actors import Actor

    job = ended(pull(ada, publish()))

    async def first(messages: AsyncIterator[dict[str, Any]]) -> dict[str, Any]:
        async with aclosing(messages):
            return await anext(messages)

    actor = Actor(1, "ada", superuser=True)
    assert runtime.run(first(feed.of_one(actor, str(job.id))))["event"] == "job-changed"
    assert runtime.run(first(feed.of_all(actor)))["event"] == "jobs-changed"


def test_a_stranger_is_told_nothing(runtime: Loop) -> None:
    from access.actors import Actor

    job = Job.objects.create(kind="image.pull", title="x", intent_seq=1)
    stranger = Actor(7, "bob")

    async def watch() -> list[Any]:
        return [message async for message in feed.of_one(stranger, str(job.id))]

    assert runtime.run(watch()) == []


def test_an_engine_that_goes_away_fails_the_pull(docker_cli: DockerCli, ada: Client) -> None:
    Registry.objects.create(address="127.0.0.1:1")
    job = ended(pull(ada, "127.0.0.1:1/app:1"))
    assert job.state == "failed"
    assert "connection refused" in job.error
