"""What registries have that is newer than what is here: asked, kept, shown, gone once pulled."""

import contextlib
import json
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from access.models import FencePolicy, Holding
from access.roles import Role
from access.sealing import seal
from audit.models import Entry
from engine.types import ImageRow
from hosts.live import engine_of
from images import asking
from images.asking import keep
from images.models import TagAnswer
from images.newer import Newer, of_image
from jobs import runner
from jobs.models import Job
from jobs.progress import Picture
from tests.access.people import actor, dock, grant, team, user
from tests.api.client import Program, program
from tests.conftest import DockerCli
from tests.images.people import checked, ended, job_at, registry_known, signed_in
from tests.images.slow import SlowRegistry
from tests.images.test_list import ids_in
from tests.registry import Registry as Running
from tests.runtime import Loop, until

Publish = Callable[..., str]
LocalImage = Callable[..., str]
LIST = "/hosts/dock/images/"
ALL = "hosts/dock/images"
A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64


@pytest.fixture
def ada(runtime: Loop) -> Client:
    return signed_in("ada")


def mirrored(name: str) -> ImageRow:
    """The image that has this name by now, with its digest."""

    def found() -> ImageRow | None:
        held = engine_of("dock").mirror.find_image(name)
        return held if held and held.digests and name in held.tags else None

    image: ImageRow = until(found)
    return image


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
    until(lambda: engine_of("dock").mirror.find_image(f"{name}-kept") is None, 20)


@pytest.fixture
def pulled(docker_cli: DockerCli, publish: Publish) -> Callable[[], ImageRow]:
    """``pulled()``: a new image, pulled from the open registry."""

    def make() -> ImageRow:
        docker_cli("pull", name := publish(size=200))
        return mirrored(name)

    return make


def alone(address: str) -> None:
    """The host takes images from this registry only, which is set up: nobody else is asked."""
    registry_known(address)
    FencePolicy.objects.update_or_create(host=dock(), defaults={"registries": address})


def test_newer_until_it_is_pulled(
    ada: Client,
    registry: Running,
    pulled: Callable[[], ImageRow],
    docker_cli: DockerCli,
    local_image: LocalImage,
) -> None:
    alone(registry.address)
    image = pulled()
    name = image.tags[0]
    page = ada.get(LIST, {"q": "newer:yes"}).content.decode()
    assert "No registry was asked yet" in page
    assert "Not asked yet" in ada.get(f"{LIST}{image.id}/").content.decode()
    told = by_api(program(user("ada")), image.id)
    assert f"{name.rpartition(':')[0]}@{told['digest']}" in image.digests
    assert image.id not in newer_of(ada)
    assert "As in the registry" in ada.get(f"{LIST}{image.id}/").content.decode()

    push_another(docker_cli, local_image, name)
    job = checked(ada, image.id)
    assert (job.result["newer"], job.result["image_id"]) == (1, image.id)
    assert job.title == name
    assert newer_of(ada) == [image.id]
    listed = ada.get(LIST, {"q": f"id:{image.id}"}).content.decode()
    assert "newer available, checked" in listed
    there, page = TagAnswer.objects.get().digest, ada.get(f"{LIST}{image.id}/").content.decode()
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


def by_api(asks: Program, id: str) -> dict[str, Any]:
    """All are asked about; what is told of the image's one tag, which is as it is here."""
    before = asks.get(f"{ALL}/{id}").json()["newer"]
    assert (before["state"], before["tags"][0]["checked"]) == ("unknown", None)
    assert id in [each["id"] for each in asks.get(f"{ALL}?q=newer:unknown").json()["items"]]
    for address in (f"{ALL}/{id}/check", f"{ALL}/check"):
        started = asks.post(address)
        assert started.status_code == 202
        job = ended(Job.objects.get(id=started.json()["job"]["id"]))
        assert (job.state, job.kind, job.result["newer"]) == ("done", "image.search", 0)
    after = asks.get(f"{ALL}/{id}").json()["newer"]
    assert after["state"] == "no"
    (tag,) = after["tags"]
    assert tag["checked"]
    return dict(tag)


def test_an_index_is_compared_as_it_was_pulled(
    ada: Client, registry: Running, pulled: Callable[[], ImageRow], docker_cli: DockerCli
) -> None:
    """Of several platforms the engine keeps the digest of their index, and a HEAD tells that."""
    registry_known(registry.address)
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
    checked(ada, image.id)
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
    alone(line.address)
    name = f"{line.address}/{publish(size=200).partition('/')[2]}"
    docker_cli("pull", name)
    image = mirrored(name)
    push_another(docker_cli, local_image, name)
    checked(ada)
    assert newer_of(ada) == [image.id]
    asked = len(line.requests)
    for address in ("", "?q=newer:yes", f"{image.id}/", f"{image.id}/overview/"):
        assert ada.get(LIST + address).status_code == 200
    assert len(line.requests) == asked  # who looks asks nobody
    before = TagAnswer.objects.get(reference=name)
    line.stop()
    job = checked(ada, image.id)
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
    docker_cli("push", name)  # which gives it its digest, as a pull does
    docker_cli("logout", auth_registry.address)
    image = mirrored(name)
    row = registry_known(auth_registry.address, auth_registry.user, "wrong")
    job = checked(ada, image.id)
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
    ada: Client, registry: Running, pulled: Callable[[], ImageRow], docker_cli: DockerCli
) -> None:
    registry_known(registry.address)
    mine, other = pulled(), pulled()
    shop = team("shop", user("bob"))
    grant(shop, Role.VIEWER)
    Holding.objects.create(host="dock", kind="image", name=mine.id, team=shop)
    bob = browser("bob")
    assert bob.post(f"{LIST}check/").status_code == 422  # a viewer uses no registry
    grant(shop, Role.OPERATOR)
    Holding.objects.create(kind="registry", name=registry.address, team=shop)
    assert bob.post(f"{LIST}{other.id}/check/").status_code == 404
    job = checked(bob)
    assert job.params["references"] == [*mine.tags]
    assert job.result["same"] == 1
    for tag in (*mine.tags, *other.tags):
        keep("dock", tag, by_login=False, digest=B, problem="")
    assert newer_of(bob) == [mine.id]
    assert "Newer available <b>1</b>" in bob.get(LIST).content.decode()
    rows = Entry.objects.filter(event="image.search", user="bob", intent_seq=job.intent_seq)
    assert rows.get().result == "ok"
    # What they asked for is asked again when it runs: a job of others shows them nothing new.
    params = {"references": [*mine.tags, *other.tags], "image_id": ""}
    again = ended(runner.start(actor(user("bob")), "image.search", "dock", params))
    assert again.result["same"] + again.result["newer"] == 1
    assert f"{other.tags[0]}: not asked" in Picture.of_json(again.progress).lines
