"""Resumable uploads as tus 1.0 has them, into the spool and from there into a real container."""

import base64
import hashlib
import os
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from access.models import User
from audit.models import Entry
from hosts.live import engine_of
from jobs.models import Job
from tests.conftest import DockerCli
from tests.runtime import Loop, until
from transfers import spool
from transfers.models import Upload

TUS = {"Tus-Resumable": "1.0.0"}
PATCH = "application/offset+octet-stream"
URL = "/hosts/dock/uploads/"


@pytest.fixture
def ada(runtime: Loop, client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ada"))
    return client


@pytest.fixture
def box(ada: Client, container: Callable[..., str]) -> str:
    return known(container())


def known(id: str) -> str:
    until(lambda: id in engine_of("dock").mirror.snapshot.containers)
    return id


def encoded(**metadata: str) -> str:
    pairs = (
        f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in metadata.items()
    )
    return ",".join(pairs)


def create(browser: Client, box: str, size: int, name: str = "a.bin", **more: str) -> Any:
    metadata = encoded(**{"filename": name, "container": box, "directory": "/tmp", **more})
    headers = {**TUS, "Upload-Length": str(size), "Upload-Metadata": metadata}
    return browser.post(URL, headers=headers)


def patch(browser: Client, url: str, offset: int, data: bytes, **headers: str) -> Any:
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    all_headers = {**TUS, "Upload-Offset": str(offset), **named}
    return browser.patch(url, data, content_type=PATCH, headers=all_headers)


def ended(job_id: str) -> Job:
    until(lambda: not Job.objects.get(pk=job_id).active)
    return Job.objects.get(pk=job_id)


def content(docker_cli: DockerCli, box: str, path: str) -> str:
    return docker_cli("exec", box, "sha256sum", path).stdout.split()[0]


def test_a_file_comes_in_slices_and_arrives_whole(
    ada: Client, box: str, docker_cli: DockerCli
) -> None:
    data = os.urandom(300_000)
    created = create(ada, box, len(data))
    assert created.status_code == 201
    url = created["Location"]
    first = patch(ada, url, 0, data[:100_000])
    assert (first.status_code, first["Upload-Offset"]) == (204, "100000")
    asked = ada.head(url, headers=TUS)
    assert (asked["Upload-Offset"], asked["Upload-Length"]) == ("100000", "300000")
    last = patch(ada, url, 100_000, data[100_000:])
    job = ended(last["Upload-Job"])
    sha256 = hashlib.sha256(data).hexdigest()
    assert (job.state, job.result["sha256"]) == ("done", sha256)
    assert content(docker_cli, box, "/tmp/a.bin") == sha256
    assert not Upload.objects.exists()
    assert not list(spool.folder().iterdir())
    result = Entry.objects.get(event="container.files_write", result="ok")
    assert (result.sha256, result.bytes, result.object_id) == (sha256, 300_000, box)


def test_an_empty_file_needs_no_patch(ada: Client, box: str, docker_cli: DockerCli) -> None:
    assert ended(create(ada, box, 0)["Upload-Job"]).state == "done"
    assert docker_cli("exec", box, "stat", "-c", "%s", "/tmp/a.bin").stdout == "0\n"


def test_a_stopped_container_without_a_shell_takes_files(
    ada: Client, container: Callable[..., str], shellless: str, docker_cli: DockerCli
) -> None:
    box = known(container(image=shellless, start=False))
    url = create(ada, box, 5, directory="/data")["Location"]
    assert ended(patch(ada, url, 0, b"hello")["Upload-Job"]).state == "done"
    docker_cli("start", box)
    got = docker_cli("cp", f"{box}:/data/a.bin", "-")
    assert "hello" in got.stdout


def test_a_wrong_offset_is_409_and_changes_nothing(ada: Client, box: str) -> None:
    url = create(ada, box, 10)["Location"]
    patch(ada, url, 0, b"abc")
    assert patch(ada, url, 0, b"xyz").status_code == 409
    assert patch(ada, url, 7, b"xyz").status_code == 409
    assert ada.head(url, headers=TUS)["Upload-Offset"] == "3"


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_wrong_checksum_is_460_and_the_slice_is_thrown_away(
    ada: Client, box: str, algorithm: str
) -> None:
    url = create(ada, box, 10)["Location"]
    right = base64.b64encode(hashlib.new(algorithm, b"abc").digest()).decode()
    assert patch(ada, url, 0, b"xyz", Upload_Checksum=f"{algorithm} {right}").status_code == 460
    assert ada.head(url, headers=TUS)["Upload-Offset"] == "0"
    assert patch(ada, url, 0, b"abc", Upload_Checksum=f"{algorithm} {right}").status_code == 204


def test_a_damaged_whole_never_reaches_the_engine(
    ada: Client, box: str, docker_cli: DockerCli
) -> None:
    url = create(ada, box, 3, sha256=hashlib.sha256(b"abc").hexdigest())["Location"]
    job = ended(patch(ada, url, 0, b"abX")["Upload-Job"])
    assert job.state == "failed"
    assert "sha256 differs" in job.error
    assert docker_cli("exec", box, "ls", "/tmp").stdout == ""


def test_ending_an_upload_frees_the_spool(ada: Client, box: str) -> None:
    url = create(ada, box, 10)["Location"]
    patch(ada, url, 0, b"abc")
    assert ada.delete(url, headers=TUS).status_code == 204
    assert not list(spool.folder().iterdir())
    assert patch(ada, url, 3, b"abc").status_code == 404


def test_anothers_upload_is_hidden(ada: Client, box: str) -> None:
    url = create(ada, box, 10)["Location"]
    eve = Client()
    eve.force_login(User.objects.create_superuser("eve"))
    assert eve.head(url, headers=TUS).status_code == 404
    assert patch(eve, url, 0, b"abc").status_code == 404


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ({"name": "../evil"}, "filename: A file's name has no slash"),
        ({"name": ".."}, "filename: A file's name has no slash"),
        ({"name": "a\0b"}, "filename"),
        ({"directory": "tmp"}, "directory: A directory begins with a slash"),
        ({"folder": "a/../b"}, "folder: A folder's path has names"),
        ({"folder": "/etc"}, "folder: A folder's path has names"),
        ({"container": "web"}, "container"),
        ({"conflict": "burn"}, "conflict"),
        ({"sha256": "00"}, "sha256"),
    ],
)
def test_bad_metadata_is_refused_by_name(
    ada: Client, box: str, metadata: dict[str, str], words: str
) -> None:
    response = create(ada, box, 3, **metadata)
    assert response.status_code == 400
    assert words in response.content.decode()
    assert not Upload.objects.exists()


def test_the_protocols_own_refusals(ada: Client, box: str) -> None:
    assert ada.post(URL, headers={"Upload-Length": "3"}).status_code == 412
    assert ada.post(URL, headers={**TUS, "Upload-Length": "-3"}).status_code == 400
    assert ada.post(URL, headers={**TUS, "Upload-Defer-Length": "1"}).status_code == 400
    url = create(ada, box, 3)["Location"]
    headers = {**TUS, "Upload-Offset": "0"}
    assert ada.patch(url, b"abc", content_type="text/plain", headers=headers).status_code == 415
    assert patch(ada, url, 0, b"abcd").status_code == 413
    assert patch(ada, url, 0, b"a", Upload_Checksum="md5 xx").status_code == 400
    options = ada.options(URL)
    assert options["Tus-Extension"] == "creation,termination,checksum,expiration"


def test_too_large_and_too_much_are_refused_before_a_byte(
    ada: Client, box: str, settings: LazySettings
) -> None:
    settings.UPLOAD_BYTES, settings.SPOOL_BYTES = 1000, 1500
    too_large = create(ada, box, 1001)
    assert (too_large.status_code, "1000" in too_large.content.decode()) == (413, True)
    assert create(ada, box, 900).status_code == 201
    full = create(ada, box, 900, "b.bin")
    assert full.status_code == 507
    assert "600 free" in full.content.decode()


def test_a_patch_of_more_than_16_mib_names_the_limit(ada: Client, box: str) -> None:
    url = create(ada, box, 20 * 2**20)["Location"]
    response = patch(ada, url, 0, bytes(17 * 2**20))
    assert response.status_code == 413
    assert "8388608" in response.content.decode()


def test_what_is_there_already_is_asked_about(ada: Client, box: str, docker_cli: DockerCli) -> None:
    docker_cli("exec", box, "sh", "-c", "echo old > /tmp/a.bin")
    assert create(ada, box, 3).status_code == 409
    for conflict, there in (("skip", "old\n"), ("keep", "old\n"), ("replace", "new")):
        url = create(ada, box, 3, conflict=conflict)["Location"]
        job = ended(patch(ada, url, 0, b"new")["Upload-Job"])
        assert job.state == "done", job.error
        assert docker_cli("exec", box, "cat", "/tmp/a.bin").stdout == there
    assert docker_cli("exec", box, "cat", "/tmp/a (2).bin").stdout == "new"


def test_a_folder_is_made_where_it_is_missing(ada: Client, box: str, docker_cli: DockerCli) -> None:
    url = create(ada, box, 3, folder="one/two ü")["Location"]
    assert ended(patch(ada, url, 0, b"abc")["Upload-Job"]).state == "done"
    assert docker_cli("exec", box, "cat", "/tmp/one/two ü/a.bin").stdout == "abc"


def test_a_missing_directory_is_refused_before_a_byte(ada: Client, box: str) -> None:
    assert create(ada, box, 3, directory="/nowhere").status_code == 404
    assert create(ada, box, 3, directory="/etc/passwd").status_code in (404, 422)


def test_the_form_without_javascript_feeds_the_same_spool(
    ada: Client, box: str, docker_cli: DockerCli, tmp_path: Any
) -> None:
    path = tmp_path / "note.txt"
    path.write_text("by hand")
    with path.open("rb") as file:
        form = {"file": file, "directory": "/tmp"}
        response = ada.post(f"/hosts/dock/containers/{box}/files/upload/", form)
    assert response["Location"] == "/jobs/"
    until(lambda: not any(job.active for job in Job.objects.all()))
    assert docker_cli("exec", box, "cat", "/tmp/note.txt").stdout == "by hand"


def test_expired_uploads_and_strays_are_swept(ada: Client, box: str) -> None:
    create(ada, box, 10)
    (spool.folder() / "stray").write_text("x")
    Upload.objects.update(expires="2020-01-01T00:00:00Z")
    assert spool.sweep(older=0) == 2
    assert not list(spool.folder().iterdir())


def test_a_file_whose_row_is_not_there_yet_is_no_stray(runtime: Loop) -> None:
    path = spool.folder() / str(uuid.uuid4())
    path.write_bytes(b"")
    assert spool.sweep() == 0
    os.utime(path, (0, 0))
    assert spool.sweep() == 1
    assert not path.exists()


def test_two_requests_never_write_one_upload_at_once(ada: Client, box: str) -> None:
    url = create(ada, box, 10)["Location"]
    row = Upload.objects.get()
    with spool.alone(row):
        response = patch(ada, url, 0, b"12345")
    assert response.status_code == 423
    assert patch(ada, url, 0, b"12345").status_code == 204


def test_an_upload_that_goes_while_it_is_written_is_gone(
    ada: Client, box: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = create(ada, box, 10)["Location"]
    taken = spool.taken

    def ended_meanwhile(*args: Any) -> int:
        Upload.objects.all().delete()
        return taken(*args)

    monkeypatch.setattr(spool, "taken", ended_meanwhile)
    assert patch(ada, url, 0, b"12345").status_code == 404


def test_what_stands_in_the_metadata_is_read_to_its_end(ada: Client, box: str) -> None:
    assert create(ada, box, 3, sha256="0" * 64 + "\n").status_code == 400
    assert create(ada, box, 3, folder="x" * 256).status_code == 400
    assert create(ada, box, 3, folder="x" * 255).status_code == 201
