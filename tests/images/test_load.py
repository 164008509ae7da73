"""Images loaded from a file: the same image afterwards, whose it is, and whose names stay."""

import base64
import io
import json
import subprocess
import tarfile
from collections.abc import Callable

import pytest
from django.test import Client

from access.models import Holding, Team
from audit.models import Entry, Result
from hosts.live import engine_of
from jobs.models import Job, State
from tests.access.people import grant, team, user
from tests.conftest import DockerCli
from tests.runtime import Loop, until
from transfers import spool
from transfers.models import Upload

Image = Callable[..., tuple[str, str]]
LOAD = "/hosts/dock/images/load/"
TUS = {"HTTP_TUS_RESUMABLE": "1.0.0"}


@pytest.fixture
def saved(engine_url: str) -> Callable[..., bytes]:
    def save(*names: str) -> bytes:
        command = ["docker", "-H", engine_url, "save", *names]
        return subprocess.run(command, capture_output=True, check=True).stdout

    return save


@pytest.fixture
def shop(runtime: Loop) -> Team:
    made = team("shop", user("dev"))
    grant(made, "developer")
    return made


@pytest.fixture
def dev(shop: Team, client: Client) -> Client:
    client.force_login(user("dev"))
    return client


def sent(browser: Client, data: bytes, **more: str) -> object:
    """By tus, whole; the last answer."""
    fields = {"filename": "saved.tar", **more}
    pairs = (f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in fields.items())
    made = browser.post(
        f"{LOAD}uploads/",
        **TUS,
        HTTP_UPLOAD_LENGTH=str(len(data)),
        HTTP_UPLOAD_METADATA=",".join(pairs),
    )
    assert made.status_code == 201, made.content
    return browser.patch(
        made["Location"],
        data,
        content_type="application/offset+octet-stream",
        **TUS,
        HTTP_UPLOAD_OFFSET="0",
    )


def ended(answer: object) -> Job:
    assert answer.status_code == 204, answer.content  # type: ignore[attr-defined]
    id = answer["Upload-Job"]  # type: ignore[index]
    until(lambda: Job.objects.get(pk=id).finished, 60)
    return Job.objects.get(pk=id)


def gone(docker_cli: DockerCli, *names: str) -> None:
    docker_cli("rmi", *names)


def test_saved_removed_and_loaded_it_is_the_same_image_and_the_loaders(
    dev: Client, shop: Team, image: Image, saved: Callable[..., bytes], docker_cli: DockerCli
) -> None:
    name, id = image()
    data = saved(name)
    gone(docker_cli, name)
    job = ended(sent(dev, data))
    assert (job.state, job.error) == (State.DONE, "")
    assert docker_cli("inspect", "-f", "{{.Id}}", name).stdout.strip() == f"sha256:{id}"
    assert job.result["images"] == [id]
    assert f"Loaded image: {name}" in job.progress["lines"]
    held = Holding.objects.get(host="dock", kind="image", name=id)
    assert held.team == shop
    entry = Entry.objects.get(event="image.load", result=Result.OK)
    assert (entry.object_id, entry.command_line) == (id, "docker load -i saved.tar")
    assert len(entry.sha256) == 64
    assert not Upload.objects.exists()
    assert dev.get(f"/hosts/dock/images/{id}/").status_code == 200


def test_a_name_of_another_teams_image_stays_theirs_and_the_engine_gets_nothing(
    dev: Client, image: Image, saved: Callable[..., bytes], docker_cli: DockerCli
) -> None:
    (name, id), (theirs, bank_id) = image(), image()
    Holding.objects.create(host="dock", kind="image", name=bank_id, team=team("bank"))
    data = renamed(saved(name), [theirs])
    gone(docker_cli, name)
    refused = sent(dev, data)
    assert refused.status_code == 403  # type: ignore[attr-defined]
    assert b"is the name of an image of others" in refused.content  # type: ignore[attr-defined]
    assert docker_cli("inspect", "-f", "{{.Id}}", theirs).stdout.strip() == f"sha256:{bank_id}"
    assert docker_cli("inspect", id, check=False).returncode, "nothing was loaded"
    assert Entry.objects.filter(event="image.load", result=Result.DENIED).exists()
    assert not Upload.objects.exists()
    assert not [path for path in spool.folder().iterdir() if "download" not in path.name]


def test_a_name_that_is_shared_does_not_move_and_ones_own_does_and_is_told(
    dev: Client, shop: Team, image: Image, saved: Callable[..., bytes], docker_cli: DockerCli
) -> None:
    (name, id), (before, old) = image(), image()
    data = renamed(saved(name), [before])
    gone(docker_cli, name)
    hold = Holding.objects.create(host="dock", kind="image", name=old)
    assert sent(dev, data).status_code == 403  # type: ignore[attr-defined]
    hold.team = shop
    hold.save()
    job = ended(sent(dev, data))
    assert job.state == State.DONE, job.error
    assert docker_cli("inspect", "-f", "{{.Id}}", before).stdout.strip() == f"sha256:{id}"
    assert f"Loaded image: {before} (before, {old[:12]} had this name)" in job.progress["lines"]
    docker_cli("rmi", old, check=False)


def test_a_name_given_away_while_it_was_loaded_is_not_taken(
    dev: Client,
    image: Image,
    saved: Callable[..., bytes],
    docker_cli: DockerCli,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (name, id), (theirs, bank_id) = image(), image()
    Holding.objects.create(host="dock", kind="image", name=bank_id, team=team("bank"))
    data = renamed(saved(name), [theirs])
    gone(docker_cli, name)
    monkeypatch.setattr("images.load_names.judged", lambda *_: None)  # as it was at the start
    job = ended(sent(dev, data))
    assert job.state == State.FAILED
    assert "is the name of an image of others" in job.error
    assert docker_cli("inspect", "-f", "{{.Id}}", theirs).stdout.strip() == f"sha256:{bank_id}"
    assert Holding.objects.filter(name=id).exists(), "what is there has an owner"
    docker_cli("rmi", id)


@pytest.mark.parametrize("names", [["no such thing!"], ["shop/api@sha256:" + "0" * 64], ["A:1"]])
def test_a_name_that_is_none_is_refused(
    dev: Client, busybox: str, saved: Callable[..., bytes], names: list[str]
) -> None:
    refused = sent(dev, renamed(saved(busybox), names))
    assert refused.status_code == 422  # type: ignore[attr-defined]
    assert b"RepoTags" in refused.content  # type: ignore[attr-defined]


def test_what_is_no_archive_is_refused_by_the_form_that_needs_no_script(dev: Client) -> None:
    dev.defaults["HTTP_ACCEPT"] = "text/html"
    assert b"docker load -i" in dev.get(LOAD).content
    for data, words in ((b"\x1f\x8b" + b"x" * 99, "compressed"), (b"hello" * 300, "no tar")):
        answer = dev.post(LOAD, {"file": io.BytesIO(data)})
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert dev.post(LOAD, {}).status_code == 422
    assert not Upload.objects.exists()


def test_the_form_without_a_script_loads(
    dev: Client, image: Image, saved: Callable[..., bytes], docker_cli: DockerCli
) -> None:
    name, id = image()
    data = saved(name)
    gone(docker_cli, name)
    answer = dev.post(LOAD, {"file": io.BytesIO(data)})
    assert answer.status_code == 302
    until(lambda: id in engine_of("dock").mirror.snapshot.images, 30)
    until(lambda: Job.objects.get().state == State.DONE, 30)


def test_a_damaged_file_and_one_of_another_person(
    dev: Client, busybox: str, saved: Callable[..., bytes]
) -> None:
    job = ended(sent(dev, saved(busybox), sha256="0" * 64))
    assert job.state == State.FAILED
    assert "damaged" in job.error
    other = Upload.objects.create(
        user_id=user("other").pk,
        kind="image",
        host="dock",
        name="x",
        size=5,
        expires=spool.new_expiry(),
    )
    assert dev.head(f"{LOAD}uploads/{other.pk}/", **TUS).status_code == 404


def renamed(data: bytes, names: list[str]) -> bytes:
    """The same archive under other names."""
    out = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(data)) as old, tarfile.open(fileobj=out, mode="w") as new:
        for member in old:
            content = old.extractfile(member) if member.isreg() else None
            if member.name == "manifest.json" and content is not None:
                items = [{**item, "RepoTags": names} for item in json.load(content)]
                content = io.BytesIO(json.dumps(items).encode())
                member.size = len(content.getvalue())
            if member.name != "repositories":
                new.addfile(member, content)
    return out.getvalue()


def without_layers(data: bytes) -> bytes:
    """The same archive, each layer an empty tar."""
    empty, out = io.BytesIO(), io.BytesIO()
    tarfile.open(fileobj=empty, mode="w").close()
    with tarfile.open(fileobj=io.BytesIO(data)) as old, tarfile.open(fileobj=out, mode="w") as new:
        manifest = json.load(old.extractfile("manifest.json"))  # type: ignore[arg-type]
        layers = {layer for each in manifest for layer in each["Layers"]}
        for info in old.getmembers():
            content = old.extractfile(info).read() if info.isreg() else b""  # type: ignore[union-attr]
            if info.name in layers:
                content, info.type = empty.getvalue(), tarfile.REGTYPE
            info.size = len(content)
            new.addfile(info, io.BytesIO(content))
    return out.getvalue()


def test_nobody_gets_the_layers_of_others_by_their_digests(
    dev: Client, image: Image, saved: Callable[..., bytes]
) -> None:
    """The engine has these layers and would not read those that were sent."""
    name, id = image()
    job = ended(sent(dev, without_layers(saved(name))))
    assert (job.state, "is not the one" in job.error) == (State.FAILED, True), job.error
    assert not Holding.objects.filter(host="dock", kind="image", name=id).exists()
    assert dev.get(f"/hosts/dock/images/{id}/").status_code == 404
