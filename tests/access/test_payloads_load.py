"""Images from a file, written to get what is not theirs: by the page, by tus, by a token.

Refused with the name of what is wrong, and nothing is left on the engine or in the spool. What
such an image may say of itself: ``test_payloads_loaded``.
"""

from collections.abc import Iterator

import pytest

from access.models import Holding
from audit.models import Entry, Result
from jobs.models import Job
from tests.access.archives import LATER, NAMES, TRICKS, Archive
from tests.access.load_cast import WITHOUT, Way, Yard, by_form, by_token, by_tus, left_behind
from tests.access.load_cast import yard as yard
from tests.access.payload_yard import ALL
from tests.access.payloads import IMAGES
from tests.conftest import DockerCli
from tests.images.people import ended

WAYS: tuple[Way, ...] = (by_tus, by_token, by_form)


def attempts(yard: Yard) -> Iterator[tuple[Archive, str]]:
    for names, words in NAMES:
        yield Archive(yard.mark, names=yard.fill(names)), words
    for image in IMAGES:
        yield Archive(yard.mark, names=[image]), "RepoTags"
    for fields, words in TRICKS:
        yield Archive(yard.mark, **fields), words


@pytest.mark.parametrize("every", [2, ALL])
def test_no_archive_gives_its_loader_what_is_others(
    every: int, yard: Yard, docker_cli: DockerCli
) -> None:
    """Each by one way in turn; every refusal says what is wrong in the file."""
    for number, (archive, words) in enumerate([*attempts(yard)][::every]):
        answer = WAYS[number % len(WAYS)](yard, "developer", archive.bytes())
        about = (archive.names, archive.manifest, archive.text[:80], archive.json)
        assert answer.status_code in (403, 422), (about, answer.content[:500])
        assert words in answer.content.decode(), (about, answer.content[:500])
    assert left_behind(docker_cli, yard) == []
    assert not Job.objects.exists()
    assert not Entry.objects.filter(event="image.load", result=Result.INTENT).exists()


def test_by_each_way_it_is_the_same_and_who_may_not_load_says_no_byte(
    yard: Yard, docker_cli: DockerCli
) -> None:
    wrong = Archive(yard.mark, names=[yard.theirs]).bytes()
    for way in WAYS:
        assert "RepoTags" in way(yard, "developer", wrong).content.decode()
        for name in WITHOUT:
            assert way(yard, name, wrong).status_code == 403, (way, name)
    assert left_behind(docker_cli, yard) == []


def test_what_is_found_while_it_is_read_leaves_nothing(yard: Yard, docker_cli: DockerCli) -> None:
    jobs = []
    for fields, words in LATER:
        archive = Archive(yard.mark, **(fields if "layer" in fields else yard.fill(fields)))
        answer = by_tus(yard, "developer", archive.bytes())
        assert answer.status_code == 204, answer.content
        job = ended(Job.objects.get(pk=answer["Upload-Job"]))
        assert (job.state, words in job.error) == ("failed", True), (fields, job.error)
        jobs.append(job)
    held = Holding.objects.filter(host="dock", kind="image")
    assert {row.name for row in held} == {yard.theirs_id, yard.shared_id}
    left = set(left_behind(docker_cli, yard))
    assert left == {job.params["upload"] for job in jobs}, "what may be tried again, for a while"
