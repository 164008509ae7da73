"""Files of an image: listed, looked into and fetched, and nothing is started or seen for it."""

import io
import secrets
import tarfile
from collections.abc import Iterator

import pytest
from django.test import Client

from access.models import Holding, User
from audit.models import Entry, Result
from hosts.live import engine_of
from tests.access.people import grant, team, user
from tests.api.client import is_problem, program
from tests.conftest import DockerCli
from tests.runtime import Loop, until

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
DOCKERFILE = """FROM {0}
RUN mkdir -p /work/sub && echo hello > /work/a && ln -s /work/a /work/link && ln -s /work /away
ENTRYPOINT ["/nothing"]
VOLUME /work
"""


@pytest.fixture
def made(docker_cli: DockerCli, busybox: str) -> Iterator[str]:
    name = f"image-files-{secrets.token_hex(4)}:1"
    docker_cli("build", "-q", "-t", name, "-", input=DOCKERFILE.format(busybox))
    id = docker_cli("inspect", "-f", "{{.Id}}", name).stdout.strip().removeprefix("sha256:")
    yield id
    docker_cli("rmi", name, check=False)


@pytest.fixture
def ada(runtime: Loop, client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ada"))
    return client


def known(id: str) -> str:
    until(lambda: id in engine_of("dock").mirror.snapshot.images)
    return f"/hosts/dock/images/{id}/"


def body(response: object, runtime: Loop) -> bytes:
    async def collect() -> bytes:
        return b"".join([piece async for piece in response.streaming_content])  # type: ignore[attr-defined]

    return runtime.run(collect())


def test_it_is_browsed_looked_into_and_fetched(ada: Client, made: str, runtime: Loop) -> None:
    base = known(made)
    listed = ada.get(f"{base}files/", {"path": "/away"}, headers=HTMX)
    kinds = {entry.name: kind for entry, _path, kind, _mark in listed.context["entries"]}
    assert kinds == {"a": "file", "link": "link", "sub": "folder"}
    assert (
        'href="?path=/work"' in ada.get(f"{base}files/", {"path": "/", "whole": 1}).content.decode()
    )
    assert "hello" in ada.get(f"{base}files/view/", {"path": "/work/link"}).content.decode()
    assert body(ada.get(f"{base}files/download/", {"path": "/work/a"}), runtime) == b"hello\n"
    folder = body(ada.get(f"{base}files/download/", {"path": "/work"}), runtime)
    with tarfile.open(fileobj=io.BytesIO(folder)) as tar:
        assert set(tar.getnames()) == {"work", "work/a", "work/link", "work/sub"}
    entries = Entry.objects.filter(event="image.files_read", result=Result.OK)
    until(lambda: entries.count() == 3)
    assert {entry.object_id for entry in entries} == {made}
    assert ada.get(f"{base}files/download/", {"path": "/none"}).status_code == 404
    listed = ada.get(f"{base}files/", {"path": "/work/a"}, headers=HTMX)
    assert b"not a directory" in listed.content
    asks, folder = program(User.objects.get()), f"hosts/dock/images/{made}/folder"
    told = asks.get(f"{folder}?path=/away").json()["items"]
    assert [(each["path"], each["kind"]) for each in told] == [
        ("/away/sub", "folder"),
        ("/away/a", "file"),
        ("/away/link", "link"),
    ]
    assert (told[1]["size"], told[2]["link_target"]) == (6, "/work/a")
    is_problem(asks.get(f"{folder}?path=/work/a"), 422)


def test_no_list_shows_by_what_and_the_image_can_go(
    ada: Client, made: str, docker_cli: DockerCli
) -> None:
    base = known(made)
    assert ada.get(f"{base}files/", {"path": "/"}, headers=HTMX).context["entries"]
    ours = docker_cli("ps", "-aq", "--no-trunc", "--filter", f"ancestor={made}").stdout.split()
    assert len(ours) == 1
    snapshot = engine_of("dock").mirror.snapshot
    assert ours[0] not in snapshot.containers
    assert snapshot.containers_of_image(made) == ()
    assert ada.get(f"/hosts/dock/containers/{ours[0]}/").status_code == 404
    assert ada.post(f"/hosts/dock/containers/{ours[0]}/start/").status_code == 404
    answer = ada.post(f"{base}remove/", headers=HTMX)
    assert answer.status_code == 204, answer.content
    assert docker_cli("inspect", made, check=False).returncode


def test_it_wants_its_own_tick_and_an_image_that_one_may_see(
    runtime: Loop, client: Client, made: str, busybox: str
) -> None:
    base = known(made)
    shop = team("shop", user("dev"))
    given = grant(shop, "developer", extras=["container.files_read"])
    client.force_login(user("dev"))
    assert client.get(f"{base}files/").status_code == 404
    Holding.objects.create(host="dock", kind="image", name=made, team=shop)
    assert client.get(f"{base}files/").status_code == 403
    assert f'href="{base}files/"' not in client.get(base).content.decode()
    given.extras = ["image.files_read"]
    given.save()
    assert client.get(f"{base}files/").status_code == 200
    assert f'href="{base}files/"' in client.get(base).content.decode()
