"""Tags: added by any reference, refused in words, and never taken from another image unasked."""

import json
from collections.abc import Callable

from django.test import Client

from audit.models import Entry, Result
from hosts.live import engine_of
from tests.access.people import user
from tests.api.client import is_problem, program
from tests.conftest import DockerCli

Image = Callable[..., tuple[str, str]]
LIST = "/hosts/dock/images/"
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


def tags(id: str) -> tuple[str, ...]:
    return engine_of("dock").mirror.snapshot.images[id].tags


def test_a_tag_is_added(superuser: Client, image: Image) -> None:
    name, id = image()
    new = name.replace(":1", ":2")
    assert superuser.post(f"{LIST}{id}/tag/", {"reference": new})["Location"] == f"{LIST}{id}/"
    assert tags(id) == (name, new)
    entry = Entry.objects.get(result=Result.OK)
    assert (entry.event, entry.parameters) == ("image.tag", {"reference": new})
    assert superuser.post(f"{LIST}{id}/tag/", {"reference": new}, headers=HTMX).status_code == 204


def test_what_is_no_tag_is_refused_at_its_field(superuser: Client, image: Image) -> None:
    name, id = image()
    for text, words in (
        ("UPPER/case", "small letters"),
        ("", "required"),
        (f"{name}@sha256:{'a' * 64}", "leave the digest out"),
        ("a b", "not a repository"),
    ):
        answer = superuser.post(f"{LIST}{id}/tag/", {"reference": text}, headers=HTMX)
        assert answer.status_code == 422, text
        assert words in answer.content.decode(), text
        assert "<html" not in answer.content.decode()
    page = superuser.post(f"{LIST}{id}/tag/", {"reference": "UPPER/case"})
    assert page.status_code == 422
    assert "<html" in page.content.decode()
    assert tags(id) == (name,)


def test_a_tag_of_another_image_moves_only_if_it_is_asked(superuser: Client, image: Image) -> None:
    (name, id), (other, theirs) = image(), image()
    answer = superuser.post(f"{LIST}{id}/tag/", {"reference": other}, headers=HTMX)
    assert answer.status_code == 422
    assert theirs[:12] in answer.content.decode()
    assert 'name="move"' in answer.content.decode()
    assert tags(theirs) == (other,)
    moved = superuser.post(f"{LIST}{id}/tag/", {"reference": other, "move": "on"}, headers=HTMX)
    assert moved.status_code == 204
    assert set(tags(id)) == {name, other}
    assert tags(theirs) == ()


def test_a_program_takes_a_name_from_another_image_only_if_it_says_so(
    superuser: Client, image: Image, docker_cli: DockerCli
) -> None:
    (name, id), (other, theirs) = image(), image()
    asks, one = program(user("ada")), f"hosts/dock/images/{id}/tag"
    new = name.replace(":1", ":api")
    assert asks.post(one, {"reference": new}).json()["tags"] == [name, new]
    refused = is_problem(asks.post(one, {"reference": other}), 409)
    assert refused["errors"][0]["field"] == "reference"
    assert theirs[:12] in refused["detail"]
    assert asks.post(one, {"reference": other, "move": True}).status_code == 200
    said = json.loads(docker_cli("inspect", "-f", "{{json .RepoTags}}", id).stdout)
    assert set(said) == set(tags(id)) == {name, new, other}
    for text in ("UPPER/case", "", f"{name}@sha256:{'a' * 64}", "a" * 12):
        status = 403 if text == "a" * 12 else 422  # that one reads as an id
        is_problem(asks.post(one, {"reference": text}), status)
