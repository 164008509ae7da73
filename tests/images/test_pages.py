"""The pages of images: list, one image with its layers, tags and removal, walked by the cast."""

import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from django.test import Client

from access.models import User
from audit.models import Entry
from engine.snapshot import Snapshot
from engine.types import ImageRow, Layer
from hosts.live import engine_of
from images.layer_bars import digests_of, readable, steps
from tests.conftest import DockerCli
from tests.runtime import Loop, until

LIST = "/hosts/dock/images/"
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
PAGES = ("", "overview/", "inspect/", "inspect/tree/", "remove/")


@pytest.fixture
def ada(runtime: Loop, client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ada"))
    client.defaults["HTTP_ACCEPT"] = "text/html"
    return client


@pytest.fixture
def mallory(runtime: Loop) -> Client:
    browser = Client()
    browser.force_login(User.objects.create_user("mallory"))
    return browser


@pytest.fixture
def image(
    runtime: Loop, busybox: str, docker_cli: DockerCli
) -> Iterator[Callable[..., tuple[str, str]]]:
    """``image(*steps)``: a new image on top of busybox, as (name, id)."""
    made: list[str] = []

    def make(*steps: str) -> tuple[str, str]:
        name = f"imgtest/{secrets.token_hex(4)}:1"
        id = docker_cli("create", "--label", "wharfinger-test=1", busybox).stdout.strip()
        docker_cli("commit", "--message", "made for a test", *steps, id, name)
        docker_cli("rm", id)
        made.append(name)
        return name, known(docker_cli, name)

    yield make
    for name in made:
        docker_cli("rmi", "--force", name, check=False)


def known(docker_cli: DockerCli, name: str) -> str:
    """Wait until the mirror has it with its layers; its id."""
    id = docker_cli("inspect", "--format", "{{.Id}}", name).stdout.strip()[7:]

    def seen() -> bool:
        row = engine_of("dock").mirror.snapshot.images.get(id)
        return row is not None and row.inspected and name in row.tags

    until(seen)
    return id


def test_the_pages_work_for_ada_and_are_hidden_from_everybody_else(
    ada: Client, mallory: Client, image: Callable[..., tuple[str, str]]
) -> None:
    _name, id = image()
    for page in PAGES:
        assert ada.get(f"{LIST}{id}/{page}").status_code == 200, page
        assert ada.get(f"{LIST}{id}/{page}", headers=HTMX).status_code == 200, page
        assert mallory.get(f"{LIST}{id}/{page}").status_code == 404, page
        assert Client().get(f"{LIST}{id}/{page}").status_code == 401, page
        assert ada.get(f"{LIST}{'0' * 64}/{page}").status_code == 404, page
        assert ada.put(f"{LIST}{id}/{page}").status_code == 405, page
    for verb in ("tag/", "remove/"):
        assert mallory.post(f"{LIST}{id}/{verb}").status_code == 404
    assert not Entry.objects.filter(result="ok").exists()


def test_a_short_id_and_a_reference_go_on_to_the_full_id(
    ada: Client, image: Callable[..., tuple[str, str]]
) -> None:
    name, id = image()
    assert ada.get(f"{LIST}{id[:12]}/")["Location"] == f"{LIST}{id}/"
    assert ada.get(f"{LIST}by-reference/", {"ref": name})["Location"] == f"{LIST}{id}/"
    assert ada.get(f"{LIST}by-reference/", {"ref": "no/such:1"}).status_code == 404


def test_the_list_filters_sorts_and_says_what_is_wrong(
    ada: Client, image: Callable[..., tuple[str, str]], container: Callable[..., str]
) -> None:
    name, id = image("--change", "LABEL team=harbour")
    container(image=name)
    until(lambda: engine_of("dock").mirror.snapshot.containers_of_image(id))
    other = image()[1]
    for q, there in (
        (name.partition(":")[0], True),
        ("label:team=harbour", True),
        ("state:used", True),
        ("state:unused", False),
        ("state:dangling", False),
        (f"-{name}", False),
    ):
        ids = ada.get(LIST, {"q": q, "format": "ids"}).content.decode().split()
        assert (id in ids) == there, q
    assert other in ada.get(LIST, {"q": "state:unused", "format": "ids"}).content.decode()
    for sort in ("name", "-size", "used", "-created"):
        assert id[:12] in ada.get(LIST, {"sort": sort}).content.decode()
    wrong = ada.get(LIST, {"q": "stat:used"}).content.decode()
    assert "Did you mean state:?" in wrong
    assert ada.get(LIST, {"q": "stat:used", "format": "ids"}).status_code == 422


def test_layers_stand_in_order_with_their_size_and_who_shares_them(
    ada: Client, image: Callable[..., tuple[str, str]]
) -> None:
    first, second = image("--change", "ENV TOKEN=hunter2"), image()
    page = ada.get(f"{LIST}{first[1]}/overview/")
    steps = page.context["steps"]
    base = next(step for step in steps if step.layer.size > 1_000_000)
    assert [step.number for step in steps] == list(range(1, len(steps) + 1))
    assert second[1] in {row.id for row in base.shared_with}
    assert base.percent == 100
    text = page.content.decode()
    assert "hunter2" not in text
    assert "TOKEN=" in text


def test_what_looks_secret_is_masked_wherever_an_image_holds_it(
    ada: Client, image: Callable[..., tuple[str, str]]
) -> None:
    changes = ('CMD ["run", "--token=canary1"]', "LABEL api.token=canary2 tier=front")
    _name, id = image(*(word for change in changes for word in ("--change", change)))
    text = ada.get(f"{LIST}{id}/overview/").content.decode()
    assert "canary" not in text
    assert "tier" in text
    assert "front" in text
    for query in ("", "?view=raw"):
        assert "canary" not in ada.get(f"{LIST}{id}/inspect/tree/{query}").content.decode()


def test_a_secret_in_a_step_is_masked() -> None:
    now = datetime.now(UTC)
    row = ImageRow("ab" * 32, (), (), now, 1)
    history = [Layer("/bin/sh -c #(nop) ENV PASS=two words A=b", now, 0)]
    assert "two words" not in steps(history, row, Snapshot())[0].text


def test_tags_are_added_and_taken_away(
    ada: Client, image: Callable[..., tuple[str, str]], docker_cli: DockerCli
) -> None:
    name, id = image()
    repository = name.partition(":")[0]
    assert ada.post(f"{LIST}{id}/tag/", {"reference": f"{repository}:2"}).status_code == 302
    bad = ada.post(f"{LIST}{id}/tag/", {"reference": "UPPER/case"}, headers=HTMX)
    assert bad.status_code == 422
    taken = ada.post(f"{LIST}{id}/remove/", {"ref": f"{repository}:2"}, headers=HTMX)
    assert taken.status_code == 204
    assert engine_of("dock").mirror.snapshot.images[id].tags == (name,)
    assert ada.post(f"{LIST}{id}/remove/", {"ref": "not/its:name"}).status_code == 404
    assert [entry.event for entry in Entry.objects.filter(result="ok").order_by("seq")] == [
        "image.tag",
        "image.remove",
    ]


def test_removal_names_what_blocks_and_keeps_the_engines_words(
    ada: Client, image: Callable[..., tuple[str, str]], container: Callable[..., str]
) -> None:
    name, id = image()
    container("sleep", "3600", image=name, options=("--name", "img-blocker"))
    until(lambda: engine_of("dock").mirror.snapshot.containers_of_image(id))
    asked = ada.get(f"{LIST}{id}/remove/").content.decode()
    assert "img-blocker" in asked
    assert "running: it blocks" in asked
    refused = ada.post(f"{LIST}{id}/remove/")
    assert refused.status_code == 409
    assert "is being used by running container" in refused.content.decode()
    assert id in engine_of("dock").mirror.snapshot.images


def test_an_image_goes_with_all_its_tags_by_force(
    ada: Client, image: Callable[..., tuple[str, str]], docker_cli: DockerCli
) -> None:
    name, id = image()
    docker_cli("tag", name, f"{name}-too")
    until(lambda: len(engine_of("dock").mirror.snapshot.images[id].tags) == 2)
    assert ada.post(f"{LIST}{id}/remove/").status_code == 409
    assert ada.post(f"{LIST}{id}/remove/", {"force": "on"})["Location"] == LIST
    assert id not in engine_of("dock").mirror.snapshot.images


def test_many_are_removed_with_a_result_for_each(
    ada: Client, image: Callable[..., tuple[str, str]], container: Callable[..., str]
) -> None:
    (name, kept), (_other, gone) = image("--change", "LABEL a=1"), image("--change", "LABEL b=2")
    container("sleep", "3600", image=name, options=("--name", "img-keeper"))
    until(lambda: engine_of("dock").mirror.snapshot.containers_of_image(kept))
    asked = ada.post(f"{LIST}bulk/remove/", {"id": [kept, gone]})
    assert "Remove 2 images?" in asked.content.decode()
    done = ada.post(f"{LIST}bulk/remove/", {"id": [kept, gone], "confirmed": "1"})
    assert "is being used by running container" in done.content.decode()
    images = engine_of("dock").mirror.snapshot.images
    assert (kept in images, gone in images) == (True, False)
    assert ada.post(f"{LIST}bulk/remove/", {}).status_code == 422


def test_steps_and_digests_are_paired_by_what_wrote_something() -> None:
    def layer(size: int) -> Layer:
        return Layer("x", datetime.now(UTC), size)

    assert digests_of([layer(5), layer(0), layer(7)], ("a", "b")) == ["a", "", "b"]
    assert digests_of([layer(5), layer(0)], ("a", "b")) == ["a", "b"]
    assert digests_of([layer(5), layer(7)], ("a",)) == ["", ""]
    assert readable('/bin/sh -c #(nop)  CMD ["sh"]') == 'CMD ["sh"]'
    assert readable("/bin/sh -c apk add curl") == "RUN apk add curl"
    assert readable("COPY . /app # buildkit") == "COPY . /app # buildkit"
