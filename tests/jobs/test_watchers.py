"""One pull for ten people, and a pull whose server is killed."""

import asyncio
import re
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

from django.urls import reverse

from access.actors import Actor
from audit.models import Entry
from jobs import feed, runner
from jobs.models import Job
from tests.bench.http import Person, form_headers
from tests.images.conftest import local_image as local_image
from tests.images.conftest import publish as publish
from tests.images.conftest import slow as slow
from tests.images.people import ended, moving, pull, signed_in
from tests.images.slow import SlowRegistry
from tests.runtime import Loop, until
from tests.site import running_site

Publish = Callable[..., str]
PEOPLE = 10


def behind(slow: SlowRegistry, reference: str) -> str:
    return f"{slow.address}/{reference.partition('/')[2]}"


async def heard_until_the_end(job: Job, number: int) -> list[str]:
    """The events that one watcher is told, the last one of the end."""
    events = []
    async for message in feed.of_one(Actor(number, f"p{number}", superuser=True), str(job.id)):
        events.append(str(message["event"]))
        if events[-1] == "job-changed" and runner.find(job.id) is None:
            return events
    return events


def test_one_pull_of_the_engine_for_ten_people_and_one_cancel_for_all(
    runtime: Loop, publish: Publish, slow: SlowRegistry
) -> None:
    reference = behind(slow, publish(size=6_000_000))
    people = [signed_in(f"p{number}") for number in range(PEOPLE)]
    jobs = [pull(person, reference) for person in people]
    assert len({job.id for job in jobs}) == Job.objects.count() == 1
    moving(jobs[0])
    watching = [
        asyncio.run_coroutine_threadsafe(heard_until_the_end(jobs[0], number), runtime.loop)
        for number in range(PEOPLE)
    ]
    time.sleep(1)
    began = time.monotonic()
    people[3].post(reverse("job-cancel", args=[jobs[0].id]))
    heard = [watcher.result(20) for watcher in watching]
    print(f"cancelled for {PEOPLE} watchers within {time.monotonic() - began:.2f} s")
    assert ended(jobs[0]).state == "cancelled"
    assert all("job-progress" in events and events[-1] == "job-changed" for events in heard)
    blobs = [line for line in slow.requests if line.startswith("GET") and "/blobs/" in line]
    assert len(blobs) == len(set(blobs))  # each asked for once
    assert Entry.objects.filter(event="image.pull", reason__contains="joined").count() == 9
    until(lambda: slow.open == 0, 20)


def posted(person: Person, path: str, **fields: str) -> str:
    """Where a form's answer leads."""
    status, headers, body = person.ask("POST", path, urlencode(fields), form_headers())
    assert status == 302, (status, body)
    return str(headers["Location"])


def state_of(person: Person, job: str) -> str:
    page = person.get(job, Accept_Encoding="identity").decode()
    found = re.search(r"data-state[^>]*>(?:<[^>]+>|\s)*([^<]+)", page)
    assert found, page
    return found[1].strip()


def test_a_killed_server_leaves_an_interrupted_job_that_runs_again(
    engine_url: str, tmp_path: Path, publish: Publish, slow: SlowRegistry
) -> None:
    reference = behind(slow, publish(size=3_000_000))
    with running_site(engine_url, tmp_path) as site:
        person = Person(site)
        job = posted(person, "/hosts/local/images/pull/", reference=reference)
        until(lambda: state_of(person, job) == "Running", 20)
        until(lambda: any("/blobs/" in line for line in slow.requests), 20)
        site.process.kill()
        site.process.wait(10)
        cookies = person.cookies
        person.close()
    slow.rate = 0
    with running_site(engine_url, tmp_path) as site:
        person = Person(site, cookies)
        assert state_of(person, job) == "Interrupted"
        again = posted(person, f"{job}retry/")
        assert again != job
        until(lambda: state_of(person, again) == "Done", 30)
        person.close()
