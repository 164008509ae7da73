"""Builds from an uploaded context: the command line's image of the same folder, and the spool."""

import base64
import hashlib
import io
import tarfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from audit.models import Entry
from images.building import uploaded
from jobs.models import Job
from jobs.progress import Picture
from tests.access.people import actor, user
from tests.api.client import program
from tests.conftest import DockerCli
from tests.images.people import ended, job_at
from tests.images.test_build import ada as ada
from tests.images.test_build import looks, nothing_left
from tests.images.test_build import mark as mark
from tests.runtime import runtime as runtime
from tests.runtime import until
from transfers import spool
from transfers.models import Upload

TUS = {"Tus-Resumable": "1.0.0"}


@pytest.fixture
def folder(tmp_path: Path, busybox: str, mark: str) -> Path:
    """A project with a Dockerfile of its own name, links, modes, and what is to be left out."""
    root = tmp_path / "project"
    (root / "docker").mkdir(parents=True)
    (root / "src" / "deep").mkdir(parents=True)
    (root / "empty").mkdir()
    (root / "docker" / "Dockerfile").write_text(
        f"FROM {busybox}\nLABEL of={mark}\nCOPY . /app\nRUN ls -R /app && /app/run.sh\n"
        "ADD src/deep /deep\n"
    )
    (root / ".dockerignore").write_text("*.log\n.dockerignore\n**/Dockerfile\n")
    (root / "run.sh").write_text("#!/bin/sh\necho ran\n")
    (root / "run.sh").chmod(0o755)
    (root / "src" / "deep" / "ü.txt").write_text("deep\n" * 300_000)
    (root / "src" / "link").symlink_to("deep/ü.txt")
    (root / "a.log").write_text("no")
    return root


def packed(folder: Path) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.add(folder, ".")
    return out.getvalue()


def sent(client: Client, data: bytes) -> str:
    """The id of a context that was uploaded by tus, in two slices."""
    name = base64.b64encode(b"project.tar").decode()
    head = {**TUS, "Upload-Length": str(len(data)), "Upload-Metadata": f"filename {name}"}
    made = client.post(reverse("image-build-context-create", args=["dock"]), headers=head)
    assert made.status_code == 201, made.content
    place, half = made.headers["Location"], len(data) // 2
    for offset, part in ((0, data[:half]), (half, data[half:])):
        answer = client.generic(
            "PATCH",
            place,
            part,
            "application/offset+octet-stream",
            headers={**TUS, "Upload-Offset": str(offset)},
        )
        assert answer.status_code == 204, answer.content
    assert client.head(place, headers=TUS).headers["Upload-Offset"] == str(len(data))
    return str(answer.headers["Upload-Job"])


def build(client: Client, **fields: object) -> Job:
    response = client.post(reverse("image-build", args=["dock"]), fields)
    assert response.status_code == 302, response.content.decode()
    return ended(job_at(response.url))


def test_it_is_the_image_that_the_command_line_builds_of_the_folder(
    ada: Client, folder: Path, docker_cli: DockerCli, mark: str
) -> None:
    data = packed(folder)
    id = sent(ada, data)
    job = build(ada, upload=id, path="docker/Dockerfile", tags=f"{mark}/app:1")
    assert (job.state, job.error) == ("done", "")
    lines = Picture.of_json(job.progress).lines
    assert "ran" in lines
    assert not any("a.log" in line or "Dockerfile" in line for line in lines if "COPY" not in line)
    options = ("--no-cache", f"--tag={mark}/cli:1", f"--file={folder}/docker/Dockerfile")
    docker_cli("build", *options, str(folder))
    assert looks(docker_cli, f"{mark}/app:1") == looks(docker_cli, f"{mark}/cli:1")
    assert not Upload.objects.exists()
    assert not spool.file_of(id).exists()
    entry = Entry.objects.get(event="image.build", result="ok")
    assert entry.sha256 == hashlib.sha256(data).hexdigest()
    assert until(lambda: nothing_left(docker_cli, mark), 20)
    assert job.command_line == f"docker build --tag={mark}/app:1 --file=docker/Dockerfile ."


def test_a_build_that_fails_keeps_its_context_for_another_try(
    ada: Client, folder: Path, mark: str
) -> None:
    id = sent(ada, packed(folder))
    job = build(ada, upload=id)
    assert (job.state, "There is no Dockerfile Dockerfile" in job.error) == ("failed", True)
    assert uploaded(actor(user("ada")), "dock", id)
    again = build(ada, upload=id, path="docker/Dockerfile", tags=f"{mark}/app:1")
    assert again.state == "done"
    refused = ada.post(reverse("image-build", args=["dock"]), {"upload": id})
    assert refused.status_code == 422
    assert "is not here any more" in refused.content.decode()


def test_a_tar_comes_with_the_form_too_and_is_kept_over_its_mistakes(
    ada: Client, folder: Path, mark: str
) -> None:
    file = SimpleUploadedFile("project.tar", packed(folder))
    fields = {"context": file, "path": "docker/Dockerfile", "tags": "NGINX"}
    page = ada.post(reverse("image-build", args=["dock"]), fields)
    assert page.status_code == 422
    id = str(Upload.objects.get().pk)
    assert f'value="{id}"' in page.content.decode()
    assert "project.tar" in page.content.decode()
    fields = {"upload": id, "path": "docker/Dockerfile", "tags": f"{mark}/app:1"}
    assert build(ada, **fields).state == "done"


def test_a_program_sends_it_and_names_it(ada: Client, folder: Path, mark: str) -> None:
    id = sent(ada, packed(folder))
    asks = program(user("ada"))
    body = {"upload": id, "path": "docker/Dockerfile", "tags": [f"{mark}/app:1"]}
    answer = asks.post("hosts/dock/builds", body)
    assert answer.status_code == 202, answer.content
    job = ended(Job.objects.get(id=answer.json()["job"]["id"]))
    assert (job.state, job.result["tags"]) == ("done", [f"{mark}/app:1"])
    assert asks.post("hosts/dock/builds", body).status_code == 404
    for wrong in ({"upload": "../x"}, {"upload": id, "path": "../x"}, {"upload": id, "path": "/x"}):
        assert asks.post("hosts/dock/builds", wrong).status_code == 422
    both = {"upload": id, "dockerfile": "FROM x"}
    assert asks.post("hosts/dock/builds", both).status_code == 422


def test_a_context_is_its_persons_own(ada: Client, folder: Path) -> None:
    id = sent(ada, packed(folder))
    other = Client()
    other.force_login(user("eve", is_superuser=True))
    assert other.post(reverse("image-build", args=["dock"]), {"upload": id}).status_code == 422
    place = reverse("image-build-context", args=["dock", id])
    assert other.delete(place, headers=TUS).status_code == 404
    assert ada.delete(reverse("upload", args=["dock", id]), headers=TUS).status_code == 404
    assert ada.delete(place, headers=TUS).status_code == 204
    assert not Upload.objects.exists()


def test_one_that_was_damaged_is_not_built(ada: Client, folder: Path) -> None:
    id = sent(ada, packed(folder))
    Upload.objects.update(wanted_sha256="0" * 64)
    job = build(ada, upload=id, path="docker/Dockerfile")
    assert (job.state, "sha256 differs" in job.error) == ("failed", True)
    assert not Upload.objects.exists()


def test_what_is_refused_of_a_context_is_told_by_the_job(ada: Client, busybox: str) -> None:
    out = io.BytesIO()
    text = f"FROM {busybox}\nRUN true\nADD http://127.0.0.1/ /x\n".encode()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("Dockerfile")
        info.size = len(text)
        archive.addfile(info, io.BytesIO(text))
    job = build(ada, upload=sent(ada, out.getvalue()))
    assert (job.state, "line 3: ADD fetches nothing" in job.error) == ("failed", True)
    assert "Step 1" not in str(job.progress)


def test_every_address_of_an_upload_is_in_the_protocols() -> None:
    """Those that a token opens, too: who writes a client looks for them there."""
    words = (Path(__file__).parents[2] / "docs" / "protocols.md").read_text()
    for name in ("upload-create", "image-load-create", "image-build-context-create"):
        address = reverse(name, args=["HOST"]).replace("HOST", "<host>")
        assert f"`{address}`" in words, address
