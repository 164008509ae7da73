"""A ready-made tus client, tuspy, drives our endpoint: create, break, resume, check, end."""

import hashlib
import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError, TusUploadFailed
from tusclient.storage.filestorage import FileStorage

from tests.conftest import DockerCli
from tests.transfers.person import TUS, Person

MIB = 2**20


class Kept(io.BytesIO):
    """tuspy never closes a path that it opened, and closes a stream that it goes on to read."""

    def close(self) -> None:
        pass


@pytest.fixture
def file() -> Kept:
    return Kept(os.urandom(3 * MIB + 5))


def client_of(person: Person) -> TusClient:
    headers = {**person.headers, "Cookie": person.cookie}
    return TusClient(f"{person.site.url}/hosts/local/uploads/", headers=headers)


def test_it_resumes_where_it_broke_off_and_the_file_arrives(
    ada: Person, container: Callable[..., str], docker_cli: DockerCli, file: Kept, tmp_path: Path
) -> None:
    id = ada.known(container())
    fields = {"filename": "data ü.bin", "container": id, "directory": "/tmp"}
    store = FileStorage(str(tmp_path / "urls.json"))
    options = {"chunk_size": MIB, "metadata": fields, "store_url": True, "url_storage": store}
    first = client_of(ada).uploader(file_stream=file, upload_checksum=True, **options)
    first.upload(stop_at=2 * MIB)
    again = client_of(ada).uploader(file_stream=file, upload_checksum=True, **options)
    assert (again.url, again.offset) == (first.url, 2 * MIB)
    again.upload()
    store.close()
    job = again.request.response_headers["upload-job"]
    sha256 = hashlib.sha256(file.getvalue()).hexdigest()
    assert ada.ended(job)["result"]["sha256"] == sha256
    assert docker_cli("exec", id, "sha256sum", "/tmp/data ü.bin").stdout.startswith(sha256)


def test_a_damaged_slice_is_told_to_it(
    ada: Person, container: Callable[..., str], file: Kept
) -> None:
    fields = {"filename": "a", "container": ada.known(container()), "directory": "/tmp"}
    options = {"chunk_size": MIB, "metadata": fields, "upload_checksum": True}
    uploader = client_of(ada).uploader(file_stream=file, **options)
    uploader._BaseUploader__checksum_algorithm = lambda data: hashlib.sha1(b"other")
    with pytest.raises(TusUploadFailed) as refused:
        uploader.upload()
    assert refused.value.status_code == 460
    assert uploader.get_offset() == 0


def test_what_was_ended_is_gone_and_has_an_end_of_its_own(
    ada: Person, container: Callable[..., str], file: Kept
) -> None:
    fields = {"filename": "a", "container": ada.known(container()), "directory": "/tmp"}
    uploader = client_of(ada).uploader(file_stream=file, chunk_size=MIB, metadata=fields)
    uploader.upload(stop_at=MIB)
    assert "GMT" in uploader.request.response_headers["upload-expires"]
    assert ada.ask("DELETE", uploader.url, TUS).status_code == 204
    with pytest.raises(TusCommunicationError, match="404"):
        uploader.get_offset()
    assert not (ada.site.data_dir / "spool" / uploader.url.strip("/").rpartition("/")[2]).exists()


def test_a_whole_file_in_one_patch_names_the_limit(
    ada: Person, container: Callable[..., str]
) -> None:
    fields = {"filename": "a", "container": ada.known(container()), "directory": "/tmp"}
    uploader = client_of(ada).uploader(file_stream=Kept(bytes(17 * MIB)), metadata=fields)
    with pytest.raises(TusUploadFailed) as refused:
        uploader.upload()
    assert refused.value.status_code == 413
    assert b"16 MiB" in refused.value.response_content
