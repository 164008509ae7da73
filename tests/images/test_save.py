"""Images saved, containers exported: what `docker` itself makes, and only for whom it is."""

import io
import json
import subprocess
import tarfile
from collections.abc import Callable

from django.test import Client

from access.models import Holding
from audit.models import Entry, Result
from hosts.live import engine_of
from tests.access.people import grant, team, user
from tests.conftest import DockerCli
from tests.runtime import Loop, until

Image = Callable[..., tuple[str, str]]
LIST = "/hosts/dock/images/"


def body(response: object, runtime: Loop) -> bytes:
    async def collect() -> bytes:
        return b"".join([piece async for piece in response.streaming_content])  # type: ignore[attr-defined]

    return runtime.run(collect())


def manifest(data: bytes) -> list[dict[str, object]]:
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return list(json.load(tar.extractfile("manifest.json") or io.BytesIO()))


def test_one_image_with_all_its_names(
    runtime: Loop, superuser: Client, image: Image, docker_cli: DockerCli
) -> None:
    name, id = image()
    docker_cli("tag", name, f"{name}-too")
    until(lambda: len(engine_of("dock").mirror.snapshot.images[id].tags) == 2)
    answer = superuser.get(f"{LIST}{id}/save/")
    data = body(answer, runtime)
    (item,) = manifest(data)
    assert set(item["RepoTags"]) == {name, f"{name}-too"}  # type: ignore[call-overload]
    assert item["Config"] == f"{id}.json"
    assert answer["Content-Disposition"].startswith('attachment; filename="imgtest-')
    entry = until(lambda: Entry.objects.filter(event="image.save", result=Result.OK).first())
    assert entry.command_line.startswith("docker save -o imgtest-")
    assert (entry.bytes, len(entry.sha256)) == (len(data), 64)


def test_several_ticked_in_one_file_and_one_without_a_name_by_its_id(
    runtime: Loop, superuser: Client, image: Image, docker_cli: DockerCli
) -> None:
    (one, first), (two, second) = image(), image()
    docker_cli("tag", one, two)
    until(lambda: not engine_of("dock").mirror.snapshot.images[second].tags)
    data = body(superuser.post(f"{LIST}bulk/save/", {"id": [first, second]}), runtime)
    names = {str(item["Config"])[:64]: item["RepoTags"] for item in manifest(data)}
    assert {name: sorted(tags or []) for name, tags in names.items()} == {  # type: ignore[call-overload]
        first: sorted([one, two]),
        second: [],
    }
    docker_cli("rmi", second)


def test_what_one_may_not_see_is_not_there_and_without_the_tick_it_is_refused(
    runtime: Loop, image: Image, client: Client, docker_cli: DockerCli
) -> None:
    _name, id = image()
    _other, theirs = image()
    shop = team("shop", someone := user("dev"))
    given = grant(shop, "developer")
    Holding.objects.create(host="dock", kind="image", name=id, team=shop)
    client.force_login(someone)
    assert client.get(f"{LIST}{id}/save/").status_code == 403
    given.extras = ["image.save"]
    given.save()
    assert client.get(f"{LIST}{id}/save/").status_code == 200
    assert client.get(f"{LIST}{theirs}/save/").status_code == 404
    assert client.post(f"{LIST}bulk/save/", {"id": [id, theirs]}).status_code == 404
    assert client.post(f"{LIST}bulk/save/", {}).status_code == 422


def test_a_name_that_moved_meanwhile_gives_no_other_image(
    runtime: Loop, superuser: Client, image: Image, docker_cli: DockerCli
) -> None:
    (name, id), (other, _id) = image(), image()
    snapshot = engine_of("dock").mirror.snapshot
    docker_cli("tag", other, name)
    mirror = engine_of("dock").mirror
    until(lambda: name not in mirror.snapshot.images[id].tags)
    mirror.snapshot = snapshot  # as if the mirror had not heard of it
    answer = superuser.get(f"{LIST}{id}/save/")
    assert answer.status_code in (404, 409)
    assert not Entry.objects.filter(event="image.save", result=Result.OK).exists()
    docker_cli("rmi", id, check=False)


def test_an_export_is_what_docker_exports(
    runtime: Loop,
    superuser: Client,
    container: Callable[..., str],
    docker_cli: DockerCli,
    engine_url: str,
) -> None:
    id = container(start=False)
    until(lambda: id in engine_of("dock").mirror.snapshot.containers)
    until(lambda: engine_of("dock").mirror.snapshot.containers[id].dangers is not None)
    ours = body(superuser.get(f"/hosts/dock/containers/{id}/export/"), runtime)
    command = ["docker", "-H", engine_url, "export", id]
    theirs = subprocess.run(command, capture_output=True, check=True).stdout
    assert members(ours) == members(theirs)
    entry = until(lambda: Entry.objects.filter(event="container.export", result=Result.OK).first())
    assert entry.bytes == len(ours)


def members(data: bytes) -> dict[str, tuple[object, ...]]:
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        return {m.name: (m.type, m.mode, m.uid, m.gid, m.linkname, read(tar, m)) for m in tar}


def read(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = tar.extractfile(member) if member.isreg() else None
    return file.read() if file else b""
