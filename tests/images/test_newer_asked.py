"""The job that asks registries, how a tag stands by what they said, and the filter by it."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType, SimpleNamespace

import pytest
from django.test import Client

from access.models import FencePolicy, User
from access.roles import Role
from engine.types import ImageRow
from hosts.live import engine_of
from images import asking, manifests
from images.errors import RegistryDown
from images.models import TagAnswer
from images.newer import Newer, of_image, standings
from images.references import HUB
from jobs.progress import Picture
from tests.access.people import actor, dock, grant, team, user
from tests.conftest import DockerCli
from tests.images.people import checked, ended, job_at, registry_known, signed_in
from tests.images.slow import SlowRegistry
from tests.images.test_list import LIST, ids_in, row
from tests.runtime import Loop, until

A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64


@pytest.fixture
def ada(runtime: Loop) -> Client:
    return signed_in("ada")


def only(image: ImageRow, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mirror knows this image and no other."""
    engine = engine_of("dock")
    made = replace(engine.mirror.snapshot, images=MappingProxyType({image.id: image}))
    monkeypatch.setattr(engine, "mirror", SimpleNamespace(snapshot=made))


def test_four_at_a_time_and_one_that_is_away_is_left_alone(
    ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    tags = [f"127.0.0.1:9/app:{number}" for number in range(20)]
    held = row(1, tags=tuple(tags), digests=(f"127.0.0.1:9/app@{A}",))
    registry_known("127.0.0.1:9")
    only(held, monkeypatch)
    at_once, most, asked = 0, 0, 0
    lock = threading.Lock()

    def slowly(client: object, reference: object) -> str:
        nonlocal at_once, most, asked
        with lock:
            at_once, asked = at_once + 1, asked + 1
            most = max(most, at_once)
        time.sleep(0.02)
        with lock:
            at_once -= 1
        return A

    monkeypatch.setattr(manifests, "digest", slowly)
    job = checked(ada)
    assert (job.result["same"], asked) == (20, 20)
    assert most <= asking.AT_ONCE
    (part,) = Picture.of_json(job.progress).parts
    assert (part.id, part.status, part.done) == ("127.0.0.1:9", "20 of 20", True)

    def away(client: object, reference: object) -> str:
        nonlocal asked
        asked += 1
        raise RegistryDown("127.0.0.1:9 is away")

    monkeypatch.setattr(manifests, "digest", away)
    job = checked(ada)
    assert (job.state, job.error) == ("failed", "127.0.0.1:9 is away")
    assert asked - 20 < asking.MOST_DOWN + asking.AT_ONCE
    assert job.result["unknown"] == 20


def test_a_check_is_cancelled_at_once(ada: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    held = row(1, tags=("127.0.0.1:9/app:1",), digests=(f"127.0.0.1:9/app@{A}",))
    registry_known("127.0.0.1:9")
    only(held, monkeypatch)
    waiting, over = threading.Event(), threading.Event()

    def hangs(client: object, reference: object) -> str:
        waiting.set()
        over.wait(20)
        return A

    monkeypatch.setattr(manifests, "digest", hangs)
    job = job_at(ada.post(f"{LIST}check/").url)
    assert waiting.wait(20)
    ada.post(f"/jobs/{job.id}/cancel/")
    assert ended(job).state == "cancelled"
    over.set()


def answer(digest: str, problem: str = "") -> TagAnswer:
    return TagAnswer(reference="x/app:1", digest=digest, problem=problem)


@pytest.mark.parametrize(
    ("digests", "told", "newer"),
    [
        ((f"x/app@{A}",), None, Newer.UNKNOWN),
        ((f"x/app@{A}",), answer(A), Newer.NO),
        ((f"x/app@{A}",), answer(B), Newer.YES),
        ((f"x/app@{A}", f"x/app@{B}"), answer(B), Newer.NO),
        ((f"x/app@{A}", f"y/app@{B}"), answer(B), Newer.YES),  # another repository's digest
        ((f"x/app@{A}",), answer("", "away"), Newer.UNKNOWN),
        ((f"x/app@{A}",), answer(A, "away"), Newer.UNKNOWN),
        ((f"x/app@{A}",), answer(B, "away"), Newer.YES),
        ((f"y/app@{A}",), answer(B), Newer.NONE),  # this tag was given here
        ((), answer(B), Newer.NONE),
    ],
)
def test_how_a_tag_stands(digests: tuple[str, ...], told: TagAnswer | None, newer: Newer) -> None:
    image = row(1, tags=("x/app:1",), digests=digests)
    assert of_image(image, {"x/app:1": told} if told else {}) is newer


def test_of_several_tags_one_that_is_newer_counts() -> None:
    image = row(1, tags=("x/app:1", "x/app:2", "local:1"), digests=(f"x/app@{A}",))
    told = {"x/app:1": answer(A), "x/app:2": answer(B)}
    assert [each.newer for each in standings(image, told)] == [Newer.NO, Newer.YES]
    assert of_image(image, told) is Newer.YES
    assert of_image(image, {"x/app:1": answer(A)}) is Newer.UNKNOWN


def test_the_filter_takes_newer_and_says_its_words(
    ada: Client, image: Callable[..., tuple[str, str]]
) -> None:
    _name, id = image()
    assert id in ids_in(ada.get(LIST, {"q": "newer:none"}).content)
    assert id not in ids_in(ada.get(LIST, {"q": "newer:yes,no,unknown"}).content)
    wrong = ada.get(LIST, {"q": "newer:x"}).content.decode()
    assert "use yes, no, unknown, none" in wrong
    assert "Did you mean newer:?" in ada.get(LIST, {"q": "newr:yes"}).content.decode()
    page = ada.get(f"{LIST}{id}/").content.decode()
    assert "It was made or loaded here" in page
    row = ada.get(LIST, {"q": f"id:{id}"}).content.decode()
    assert "made here" in row


def test_nobody_is_called_who_is_not_set_up_here(
    ada: Client, slow: SlowRegistry, publish: Callable[..., str], docker_cli: DockerCli
) -> None:
    name = f"{slow.address}/{publish(size=200).partition('/')[2]}"
    docker_cli("pull", name)
    image = until(lambda: engine_of("dock").mirror.find_image(name))
    asked = len(slow.requests)
    refused = ada.post(f"{LIST}{image.id}/check/")
    assert refused.status_code == 422
    assert "no tag here of a registry that you may ask" in refused.content.decode()
    bob = user("bob")
    grant(team("shop", bob), Role.OPERATOR)
    for of, may_ask in ((actor(User.objects.get(username="ada")), True), (actor(bob), False)):
        assert asking.place_of(of, "dock", slow.address) is None
        assert asking.place_of(of, "dock", HUB) is not None
        assert asking.place_of(of, "dock", "") is None
        row = registry_known(slow.address)
        assert (asking.place_of(of, "dock", slow.address) is not None) == may_ask
        FencePolicy.objects.update_or_create(
            host=dock(), defaults={"registries": "elsewhere.example.org"}
        )
        assert asking.place_of(of, "dock", slow.address) is None
        FencePolicy.objects.all().delete()
        row.delete()
    assert len(slow.requests) == asked
