"""Names taken away, images removed: what goes, what blocks, and the engine's own words."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest
from django.test import Client

from audit.models import Entry, Result
from engine.errors import Conflict
from engine.types import ContainerRow, ImageRow
from hosts.live import engine_of
from images.removing import names, only_a_name, remove_all
from tests.conftest import DockerCli
from tests.runtime import until

Image = Callable[..., tuple[str, str]]
LIST = "/hosts/dock/images/"
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


def images() -> dict[str, ImageRow]:
    return dict(engine_of("dock").mirror.snapshot.images)


def tagged(docker_cli: DockerCli, name: str, id: str, *more: str) -> None:
    for tag in more:
        docker_cli("tag", name, tag)
    until(lambda: {name, *more} == set(images()[id].tags))


def used(id: str, states: list[str]) -> None:
    """Wait until the mirror has these containers of the image."""
    until(lambda: [row.state for row in users_of(id)] == states)


def users_of(id: str) -> Sequence[ContainerRow]:
    return engine_of("dock").mirror.snapshot.containers_of_image(id)


def test_one_of_several_tags_is_taken_away_and_the_image_stays(
    superuser: Client, image: Image, docker_cli: DockerCli
) -> None:
    name, id = image()
    tagged(docker_cli, name, id, f"{name}-too")
    address = f"{LIST}{id}/remove/"
    asked = superuser.get(address, {"ref": f"{name}-too"}, headers=HTMX).content.decode()
    assert "Take away" in asked
    assert f"The image stays as {name}." in asked
    assert "force" not in asked
    taken = superuser.post(address, {"ref": f"{name}-too"}, headers=HTMX)
    assert taken.status_code == 204
    assert json.loads(taken["HX-Trigger"])["images-changed"]["ids"] == [id]
    assert images()[id].tags == (name,)
    entry = Entry.objects.get(result=Result.OK)
    assert (entry.event, entry.command_line) == ("image.remove", f"docker rmi {name}-too")
    assert superuser.post(address, {"ref": "not/its:name"}).status_code == 404
    assert superuser.get(address, {"ref": f"{name}-too"}).status_code == 404


def test_an_image_goes_with_all_its_names_without_force(
    superuser: Client, image: Image, docker_cli: DockerCli
) -> None:
    name, id = image()
    other = name.replace("/", "/other-")
    tagged(docker_cli, name, id, f"{name}-too", other)
    asked = superuser.get(f"{LIST}{id}/remove/", headers=HTMX).content.decode()
    for tag in (name, f"{name}-too", other):
        assert f">{tag}</b>" in asked
    assert superuser.post(f"{LIST}{id}/remove/")["Location"] == LIST
    assert id not in images()
    line = Entry.objects.get(result=Result.OK).command_line
    assert line.startswith("docker rmi ")
    assert "--force" not in line


def test_the_last_tag_takes_the_image_along(superuser: Client, image: Image) -> None:
    name, id = image()
    asked = superuser.get(f"{LIST}{id}/remove/", {"ref": name}, headers=HTMX).content.decode()
    assert f"Remove {name}?" in asked
    headers = {**HTMX, "HX-Current-URL": f"http://testserver{LIST}{id}/"}
    done = superuser.post(f"{LIST}{id}/remove/", {"ref": name}, headers=headers)
    assert done["HX-Redirect"] == LIST
    assert id not in images()


def test_a_running_container_blocks_and_force_does_not_help(
    superuser: Client, image: Image, container: Callable[..., str]
) -> None:
    name, id = image()
    container("sleep", "3600", image=name, options=("--name", "img-blocker"))
    used(id, ["running"])
    asked = superuser.get(f"{LIST}{id}/remove/", headers=HTMX).content.decode()
    assert "img-blocker" in asked
    assert "running: it blocks" in asked
    assert 'type="submit"' not in asked
    for data in ({}, {"force": "on"}):
        refused = superuser.post(f"{LIST}{id}/remove/", data)
        assert refused.status_code == 409
        assert "is being used by running container" in refused.content.decode()
    assert images()[id].tags == (name,)
    assert Entry.objects.filter(result=Result.FAILED).count() == 2


def test_the_name_of_a_running_containers_image_goes_by_force_alone(
    superuser: Client, image: Image, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    name, id = image()
    made = container("sleep", "3600", image=name)
    used(id, ["running"])
    address = f"{LIST}{id}/remove/"
    assert "stays without one" in superuser.get(address, {"ref": name}).content.decode()
    refused = superuser.post(address, {"ref": name})
    assert refused.status_code == 409
    assert "must force" in refused.content.decode()
    assert superuser.post(address, {"ref": name, "force": "on"})["Location"] == f"{LIST}{id}/"
    assert images()[id].dangling
    docker_cli("rm", "--force", made)
    used(id, [])
    assert superuser.post(address)["Location"] == LIST
    assert id not in images()


def test_stopped_containers_ask_for_force_and_no_name_is_lost_before(
    superuser: Client, image: Image, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    name, id = image()
    tagged(docker_cli, name, id, f"{name}-too")
    container("true", image=name, options=("--name", "img-stopped"), start=False)
    used(id, ["created"])
    asked = superuser.get(f"{LIST}{id}/remove/", headers=HTMX).content.decode()
    assert "img-stopped" in asked
    assert "stopped: needs force" in asked
    refused = superuser.post(f"{LIST}{id}/remove/", headers=HTMX)
    assert refused.status_code == 409
    assert "must be forced" in json.loads(refused["HX-Trigger"])["toast"]["message"]
    assert len(images()[id].tags) == 2
    assert superuser.post(f"{LIST}{id}/remove/", {"force": "on"})["Location"] == LIST
    assert id not in images()
    assert "rmi --force" in Entry.objects.filter(result=Result.OK).get().command_line


def test_many_are_asked_for_once_and_each_is_answered(
    superuser: Client, image: Image, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    (name, kept), (other, gone) = image(), image()
    tagged(docker_cli, other, gone, f"{other}-too")
    container("sleep", "3600", image=name, options=("--name", "img-keeper"))
    used(kept, ["running"])
    address = f"{LIST}bulk/remove/"
    asked = superuser.post(address, {"id": [kept, gone]}, headers=HTMX).content.decode()
    assert "Remove 2 images?" in asked
    assert "used by img-keeper" in asked
    assert f"also {other}-too" in asked
    assert gone in images()
    data = {"id": [kept, gone, "0" * 64], "confirmed": "1"}
    done = superuser.post(address, data, headers=HTMX)
    assert sorted(json.loads(done["HX-Trigger"])["images-changed"]["ids"]) == sorted(data["id"])
    assert "is being used by running container" in done.content.decode()
    assert "not there any more" in done.content.decode()
    assert (kept in images(), gone in images()) == (True, False)
    assert superuser.post(address, {}).status_code == 422
    assert superuser.post(address, {"id": ["0" * 64]}).status_code == 404
    assert superuser.get(address).status_code == 405


ROW = ImageRow("a" * 64, ("a/b:1", "c:1"), (), datetime(2026, 1, 1, tzinfo=UTC), 1)


@pytest.mark.parametrize(
    ("tags", "digests", "expected"),
    [
        (("a/b:1",), ("a/b@sha256:1",), ("a/b:1",)),
        (("a/b:1",), ("x:5000/b@sha256:1",), ("a/b:1", "x:5000/b@sha256:1")),
        ((), ("a/b@sha256:1",), ("a/b@sha256:1",)),
        (("x:5000/b:1", "c:1"), (), ("x:5000/b:1", "c:1")),
    ],
)
def test_what_must_be_untagged(
    tags: tuple[str, ...], digests: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    row = ImageRow("a" * 64, tags, digests, datetime(2026, 1, 1, tzinfo=UTC), 1)
    assert names(row) == expected
    assert only_a_name(row, expected[0]) == (len(expected) > 1)


def test_an_error_half_way_says_what_had_gone() -> None:
    class Halfway:
        def remove_image(self, ref: str, force: bool) -> list[tuple[str, str]]:
            if ref == "c:1":
                raise Conflict("container 1 is using it.")
            return [("Untagged", ref)]

    with pytest.raises(Conflict, match=r"container 1 is using it. \(a/b:1 had gone before.\)"):
        remove_all(Halfway(), ROW.tags, force=False)  # type: ignore[arg-type]
