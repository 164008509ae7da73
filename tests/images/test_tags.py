"""Tags: added by any reference, refused in words, and never taken from another image unasked."""

import json
from collections.abc import Callable

from django.test import Client

from access.models import Holding
from audit.models import Entry, Result
from hosts.live import engine_of
from images.models import Registry
from tests.access.people import grant, team, user
from tests.api.client import is_problem, program
from tests.conftest import DockerCli
from tests.runtime import until

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


def test_a_name_leads_to_its_repository_in_a_registry_that_one_may_use(
    superuser: Client, image: Image, docker_cli: DockerCli
) -> None:
    name, id = image()
    there = ("reg.example.org:5000/team/app:2", "other.example.org/team/app:2")
    for each in there:
        docker_cli("tag", name, each)
    until(lambda: set(tags(id)) == {name, *there})
    shop = team("shop", user("dev"))
    grant(shop, "developer")
    Holding.objects.create(host="dock", kind="image", name=id, team=shop)
    developer = Client(HTTP_ACCEPT="text/html")
    developer.force_login(user("dev"))
    address = f'href="{LIST}search/tags/?in={{}}&amp;repository={{}}"'
    place = address.format("reg.example.org%3A5000", "team%2Fapp")
    assert "search/tags/" not in superuser.get(f"{LIST}{id}/overview/").content.decode()
    for registry in ("reg.example.org:5000", "docker.io"):
        Registry.objects.create(address=registry)
    for page in (f"{LIST}{id}/", f"{LIST}{id}/overview/"):
        text = superuser.get(page).content.decode()
        assert (place in text, text.count("search/tags/?in=")) == (True, 1)
        assert "search/tags/?in=" not in developer.get(page).content.decode()
    Holding.objects.create(host="", kind="registry", name="reg.example.org:5000", team=shop)
    assert place in developer.get(f"{LIST}{id}/").content.decode()
    docker_cli("rmi", *there)


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
