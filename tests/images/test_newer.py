"""What registries have that is newer than what is here: asked, kept, shown, gone once pulled."""

import contextlib
import json
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import MappingProxyType, SimpleNamespace

import pytest
from django.test import Client

from access.models import FencePolicy, Holding, User
from access.roles import Role
from access.sealing import seal
from audit.models import Entry
from engine.types import ImageRow
from hosts.live import engine_of
from images import asking, manifests
from images.errors import RegistryDown
from images.models import Registry, TagAnswer
from images.newer import Newer, of_image, standings
from images.references import HUB
from jobs import runner
from jobs.models import Job
from jobs.progress import Picture
from tests.access.people import actor, dock, grant, team, user
from tests.api.client import program
from tests.conftest import DockerCli
from tests.images.people import ended, job_at, signed_in
from tests.images.slow import SlowRegistry
from tests.images.test_list import ids_in, row
from tests.registry import Registry as Running
from tests.runtime import Loop, until

Publish = Callable[..., str]
LocalImage = Callable[..., str]
LIST = "/hosts/dock/images/"
A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64


@pytest.fixture
def ada(runtime: Loop) -> Client:
    return signed_in("ada")


def known(address: str, user: str = "", password: str = "") -> Registry:
    sealed = seal(password) if password else ""
    return Registry.objects.create(
        address=address, username=user, sealed_password=sealed, plain_http=True
    )


def mirrored(name: str) -> ImageRow:
    """The image that has this name by now, with its digest."""

    def found() -> ImageRow | None:
        held = engine_of("dock").mirror.find_image(name)
        return held if held and held.digests and name in held.tags else None

    image: ImageRow = until(found)
    return image


def check(client: Client, image_id: str = "") -> Job:
    answer = client.post(f"{LIST}{image_id}/check/" if image_id else f"{LIST}check/")
    assert answer.status_code == 302, answer.content.decode()
    return ended(job_at(answer.url))


def newer_of(client: Client) -> list[str]:
    return ids_in(client.get(LIST, {"q": "newer:yes"}).content)


def push_another(docker_cli: DockerCli, local_image: LocalImage, name: str) -> None:
    """Another image as the same tag of the registry, and what was here stays the one here."""
    docker_cli("tag", name, f"{name}-kept")
    local_image(name, 200)
    docker_cli("push", name)
    other = docker_cli("inspect", "-f", "{{.Id}}", name).stdout.strip()
    docker_cli("tag", f"{name}-kept", name)
    docker_cli("rmi", "--force", f"{name}-kept", other)


@pytest.fixture
def pulled(docker_cli: DockerCli, publish: Publish) -> Callable[..., ImageRow]:
    """``pulled()``: a new image, pulled from the open registry."""

    def make() -> ImageRow:
        name = publish(size=200)
        docker_cli("pull", name)
        return mirrored(name)

    return make


def test_newer_until_it_is_pulled(
    ada: Client,
    registry: Running,
    pulled: Callable[..., ImageRow],
    docker_cli: DockerCli,
    local_image: LocalImage,
) -> None:
    known(registry.address)
    image = pulled()
    name = image.tags[0]
    page = ada.get(LIST, {"q": "newer:yes"}).content.decode()
    assert "No registry was asked yet" in page
    assert "Not asked yet" in ada.get(f"{LIST}{image.id}/").content.decode()
    job = check(ada)
    assert (job.state, job.kind) == ("done", "image.search")
    assert image.id not in newer_of(ada)
    page = ada.get(f"{LIST}{image.id}/").content.decode()
    assert "As in the registry" in page

    push_another(docker_cli, local_image, name)
    job = check(ada, image.id)
    assert (job.result["newer"], job.result["image_id"]) == (1, image.id)
    assert job.title == name
    assert newer_of(ada) == [image.id]
    listed = ada.get(LIST, {"q": f"id:{image.id}"}).content.decode()
    assert "newer available, checked" in listed
    assert "Newer available <b>1</b>" in listed
    there = TagAnswer.objects.get(reference=name).digest
    page = ada.get(f"{LIST}{image.id}/").content.decode()
    assert there in page
    assert f"Pull {name}" in page

    ended(job_at(ada.post(f"{LIST}pull/", {"reference": name}).url))
    fresh = until(lambda: (now := mirrored(name)).id != image.id and now)
    assert f"{name.rpartition(':')[0]}@{there}" in fresh.digests
    assert newer_of(ada) == []
    assert "Nothing newer is known of" in ada.get(LIST, {"q": "newer:yes"}).content.decode()
    docker_cli("rmi", "--force", fresh.id, image.id)
    until(lambda: engine_of("dock").mirror.find_image(name) is None)
    asking.forget_gone("dock")
    assert not TagAnswer.objects.filter(reference=name).exists()


def test_an_index_is_compared_as_it_was_pulled(
    ada: Client, registry: Running, pulled: Callable[..., ImageRow], docker_cli: DockerCli
) -> None:
    """Of several platforms the engine keeps the digest of their index, and a HEAD tells that."""
    known(registry.address)
    name = pulled().tags[0]
    repository = name.partition("/")[2].rpartition(":")[0]
    of = f"{registry.url}/v2/{repository}/manifests/"
    kind = "application/vnd.docker.distribution.manifest.v2+json"
    asked = urllib.request.Request(f"{of}1", headers={"Accept": kind})
    with urllib.request.urlopen(asked) as answer:
        digest, size = answer.headers["Docker-Content-Digest"], len(answer.read())
    one = {"mediaType": kind, "digest": digest, "size": size}
    platforms = [{"os": "linux", "architecture": each} for each in ("amd64", "s390x")]
    many = "application/vnd.docker.distribution.manifest.list.v2+json"
    index = {"schemaVersion": 2, "mediaType": many}
    index |= {"manifests": [one | {"platform": platform} for platform in platforms]}
    put = urllib.request.Request(f"{of}many", json.dumps(index).encode(), method="PUT")
    put.add_header("Content-Type", many)
    urllib.request.urlopen(put).close()
    docker_cli("pull", wanted := name.replace(":1", ":many"))
    image = mirrored(wanted)
    check(ada, image.id)
    told = {each.reference: each for each in TagAnswer.objects.all()}
    assert told[wanted].digest != told[name].digest == digest
    assert of_image(image, told) is Newer.NO


def test_a_registry_that_is_down_costs_nothing_that_is_known(
    ada: Client,
    line: SlowRegistry,
    publish: Publish,
    docker_cli: DockerCli,
    local_image: LocalImage,
) -> None:
    known(line.address)
    name = f"{line.address}/{publish(size=200).partition('/')[2]}"
    docker_cli("pull", name)
    image = mirrored(name)
    push_another(docker_cli, local_image, name)
    check(ada)
    assert newer_of(ada) == [image.id]
    asked = len(line.requests)
    for address in ("", "?q=newer:yes", f"{image.id}/", f"{image.id}/overview/"):
        assert ada.get(LIST + address).status_code == 200
    assert len(line.requests) == asked  # who looks asks nobody
    before = TagAnswer.objects.get(reference=name)
    line.stop()
    job = check(ada, image.id)
    assert job.state == "failed"
    assert f"{line.address} cannot be reached" in job.error
    after = TagAnswer.objects.get(reference=name)
    assert (after.digest, after.checked) == (before.digest, before.checked)
    assert after.tried > before.tried
    assert newer_of(ada) == [image.id]
    page = ada.get(f"{LIST}{image.id}/").content.decode()
    assert "Could not be asked" in page
    assert f"{line.address} cannot be reached" in page


@pytest.fixture
def line(registry: Running) -> Iterator[SlowRegistry]:
    """The open registry by another address, which a test may close."""
    made = SlowRegistry(registry.address)
    made.start()
    yield made
    with contextlib.suppress(OSError):
        made.stop()


def test_credentials_are_used_and_wrong_ones_said_in_the_registrys_words(
    ada: Client, auth_registry: Running, local_image: LocalImage, docker_cli: DockerCli
) -> None:
    name = local_image(f"{auth_registry.address}/team/newer-auth:1", 200)
    login = ("-u", auth_registry.user, "-p", auth_registry.password)
    docker_cli("login", *login, auth_registry.address)
    docker_cli("push", name)
    docker_cli("pull", name)
    docker_cli("logout", auth_registry.address)
    image = mirrored(name)
    row = known(auth_registry.address, auth_registry.user, "wrong")
    job = check(ada, image.id)
    assert (job.state, job.can_retry) == ("failed", True)
    assert job.error == f"{auth_registry.address}: authentication required"
    row.sealed_password = seal(auth_registry.password)
    row.save()
    assert ended(job_at(ada.post(f"/jobs/{job.id}/retry/").url)).result["same"] == 1
    told = TagAnswer.objects.get(reference=name)
    assert (told.by_login, told.problem) == (True, "")
    # What a login has told is for those who may use it.
    shop = team("shop", user("bob"))
    grant(shop, Role.OPERATOR)
    Holding.objects.create(host="dock", kind="image", name=image.id, team=shop)
    TagAnswer.objects.update(digest=B)
    page = f"{LIST}{image.id}/"
    assert B in ada.get(page).content.decode()
    assert B not in browser("bob").get(page).content.decode()
    assert newer_of(browser("bob")) == []
    assert browser("bob").post(f"{page}check/").status_code == 422
    Holding.objects.create(kind="registry", name=auth_registry.address, team=shop)
    assert newer_of(browser("bob")) == [image.id]


def browser(name: str) -> Client:
    made = Client(headers={"accept": "text/html"})
    made.force_login(user(name))
    return made


def test_who_sees_a_part_asks_about_that_part(
    ada: Client, registry: Running, pulled: Callable[..., ImageRow], docker_cli: DockerCli
) -> None:
    known(registry.address)
    mine, other = pulled(), pulled()
    shop = team("shop", user("bob"))
    grant(shop, Role.VIEWER)
    Holding.objects.create(host="dock", kind="image", name=mine.id, team=shop)
    bob = browser("bob")
    assert bob.post(f"{LIST}check/").status_code == 422  # a viewer uses no registry
    grant(shop, Role.OPERATOR)
    Holding.objects.create(kind="registry", name=registry.address, team=shop)
    assert bob.post(f"{LIST}{other.id}/check/").status_code == 404
    job = check(bob)
    assert job.params["references"] == [*mine.tags]
    assert job.result["same"] == 1
    for image in (mine, other):
        TagAnswer.objects.update_or_create(
            host="dock", reference=image.tags[0], defaults={"digest": B, "tried": job.created}
        )
    assert newer_of(bob) == [mine.id]
    assert "Newer available <b>1</b>" in bob.get(LIST).content.decode()
    rows = Entry.objects.filter(event="image.search", user="bob", intent_seq=job.intent_seq)
    assert rows.get().result == "ok"
    # What they asked for is asked again when it runs: a job of others shows them nothing new.
    params = {"references": [*mine.tags, *other.tags], "image_id": ""}
    again = ended(runner.start(actor(user("bob")), "image.search", "dock", params))
    assert again.result["same"] + again.result["newer"] == 1
    assert f"{other.tags[0]}: not asked" in Picture.of_json(again.progress).lines


def test_nobody_is_called_who_is_not_set_up_here(
    ada: Client, line: SlowRegistry, publish: Publish, docker_cli: DockerCli
) -> None:
    name = f"{line.address}/{publish(size=200).partition('/')[2]}"
    docker_cli("pull", name)
    image, asked = mirrored(name), len(line.requests)
    refused = ada.post(f"{LIST}{image.id}/check/")
    assert refused.status_code == 422
    assert "no tag here of a registry that you may ask" in refused.content.decode()
    bob = user("bob")
    grant(team("shop", bob), Role.OPERATOR)
    for of, may_ask in ((actor(User.objects.get(username="ada")), True), (actor(bob), False)):
        assert asking.place_of(of, "dock", line.address) is None
        assert asking.place_of(of, "dock", HUB) is not None
        assert asking.place_of(of, "dock", "") is None
        row = known(line.address)
        assert (asking.place_of(of, "dock", line.address) is not None) == may_ask
        FencePolicy.objects.update_or_create(host=dock(), defaults={"registries": ["elsewhere"]})
        assert asking.place_of(of, "dock", line.address) is None
        FencePolicy.objects.all().delete()
        row.delete()
    assert len(line.requests) == asked


def test_four_at_a_time_and_one_that_is_away_is_left_alone(
    ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    tags = [f"127.0.0.1:9/app:{number}" for number in range(40)]
    held = row(1, tags=tuple(tags), digests=(f"127.0.0.1:9/app@{A}",))
    known("127.0.0.1:9")
    engine = engine_of("dock")
    made = replace(engine.mirror.snapshot, images=MappingProxyType({held.id: held}))
    monkeypatch.setattr(engine, "mirror", SimpleNamespace(snapshot=made))
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
    job = check(ada)
    assert (job.result["same"], asked) == (40, 40)
    assert most <= asking.AT_ONCE
    (part,) = Picture.of_json(job.progress).parts
    assert (part.id, part.status, part.done) == ("127.0.0.1:9", "40 of 40", True)

    def away(client: object, reference: object) -> str:
        nonlocal asked
        asked += 1
        raise RegistryDown("127.0.0.1:9 is away")

    monkeypatch.setattr(manifests, "digest", away)
    job = check(ada)
    assert (job.state, job.error) == ("failed", "127.0.0.1:9 is away")
    assert asked - 40 < asking.MOST_DOWN + asking.AT_ONCE
    assert job.result["unknown"] == 40


def test_a_check_is_cancelled_at_once(ada: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    held = row(1, tags=("127.0.0.1:9/app:1",), digests=(f"127.0.0.1:9/app@{A}",))
    known("127.0.0.1:9")
    engine = engine_of("dock")
    made = replace(engine.mirror.snapshot, images=MappingProxyType({held.id: held}))
    monkeypatch.setattr(engine, "mirror", SimpleNamespace(snapshot=made))
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


def test_the_same_by_api(ada: Client, registry: Running, pulled: Callable[..., ImageRow]) -> None:
    known(registry.address)
    image, asks = pulled(), program(user("ada"))
    one = f"hosts/dock/images/{image.id}"
    (tag,) = asks.get(one).json()["newer"]["tags"]
    assert (tag["reference"], tag["state"], tag["checked"]) == (image.tags[0], "unknown", None)
    started = asks.post(f"{one}/check")
    assert started.status_code == 202
    job = ended(Job.objects.get(id=started.json()["job"]["id"]))
    assert job.result["same"] == 1
    told = asks.get(one).json()["newer"]
    assert told["state"] == "no"
    assert f"{image.tags[0].rpartition(':')[0]}@{told['tags'][0]['digest']}" in image.digests
    listed = asks.get("hosts/dock/images?q=newer:no").json()["items"]
    assert image.id in [each["id"] for each in listed]
    started = asks.post("hosts/dock/images/check")
    assert ended(Job.objects.get(id=started.json()["job"]["id"])).state == "done"
