"""No room, a full disk, an engine side that stalls: told in words, nothing half, all freed."""

import io
import os
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from access.models import User
from containers import copy_upload
from engine.upstream import Upstream
from hosts.live import engine_of
from jobs.errors import TooMany
from jobs.models import Job, State
from tests.conftest import DockerCli
from tests.containers.test_copies import copy
from tests.containers.test_copies import ended as copied
from tests.faults import FaultyEngine
from tests.runtime import Loop, site_before, until
from tests.transfers.test_tus import create, ended, patch
from transfers import downloads, spool
from transfers.models import Upload

MIB = 2**20


@pytest.fixture
def ada(runtime: Loop, client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ada"))
    return client


@pytest.fixture
def box(ada: Client, container: Callable[..., str], docker_cli: DockerCli) -> str:
    id = container()
    docker_cli("exec", id, "dd", "if=/dev/zero", "of=/big", "bs=1M", "count=3")
    docker_cli("exec", id, "sh", "-c", "mkdir /dir; mv /big /dir")
    until(lambda: id in engine_of("dock").mirror.snapshot.containers)
    return id


@pytest.fixture
def small_disk(runtime: Loop) -> Iterator[None]:
    """The spool on a disk of 4 MiB of its own."""
    path = spool.folder()
    options = ["-t", "tmpfs", "-o", "size=4m"]
    subprocess.run(["mount", *options, "wharfinger-test", str(path)], check=True)
    yield
    subprocess.run(["umount", "--lazy", str(path)], check=True)


def get(browser: Client, id: str, path: str, page: str = "download/") -> Any:
    return browser.get(f"/hosts/dock/containers/{id}/files/{page}", {"path": path})


def forget_downloads() -> None:
    for download in list(downloads._downloads.values()):
        until(lambda d=download: d.done)
        downloads.forget(download)


def test_a_download_over_the_quota_is_refused_with_its_size(
    ada: Client, box: str, settings: LazySettings
) -> None:
    settings.SPOOL_BYTES = 2 * MIB
    refused = get(ada, box, "/dir/big")
    assert refused.status_code == 507
    assert f"{3 * MIB} bytes asked, {2 * MIB} free" in refused.content.decode()
    assert not list(spool.folder().iterdir())
    settings.SPOOL_BYTES = (
        MIB // 2
    )  # of a folder nobody knows the size: it is seen at the first MiB
    refused = get(ada, box, "/dir")
    assert (refused.status_code, b"free" in refused.content) == (507, True)
    forget_downloads()
    assert get(ada, box, "/etc/passwd").status_code == 200
    forget_downloads()


def test_a_full_disk_is_told_and_leaves_nothing(
    ada: Client, box: str, docker_cli: DockerCli, small_disk: None
) -> None:
    refused = create(ada, box, 5 * MIB)
    assert (refused.status_code, b"bytes asked" in refused.content) == (507, True)
    url = create(ada, box, 3 * MIB)["Location"]
    assert patch(ada, url, 0, os.urandom(MIB)).status_code == 204
    filler = spool.folder() / "download-filler"
    filler.write_bytes(bytes(2 * MIB + MIB // 2))
    full = patch(ada, url, MIB, os.urandom(2 * MIB))
    assert (full.status_code, b"disk of the dashboard is full" in full.content) == (507, True)
    upload = Upload.objects.get()
    assert (upload.received, spool.file_of(upload.pk).stat().st_size) == (MIB, MIB)
    for path, page in (("/dir", ""), ("/etc/passwd", "view/")):
        assert get(ada, box, path, page).status_code == 200
    assert get(ada, box, "/dir/big").status_code == 507
    failed = copied(copy(ada, (box, box), "/dir", "/tmp"))
    assert (failed.state, "spool is full" in failed.error) == (State.FAILED, True)
    assert docker_cli("exec", box, "ls", "-A", "/tmp").stdout == ""
    forget_downloads()
    filler.unlink()
    done = patch(ada, url, MIB, os.urandom(2 * MIB))
    assert ended(done["Upload-Job"]).state == State.DONE
    until(lambda: not list(spool.folder().iterdir()))


def test_an_engine_side_that_stalls_fails_the_copy_and_it_can_be_run_again(
    transactional_db: None,
    faulty_engine: FaultyEngine,
    settings: LazySettings,
    client: Client,
    container: Callable[..., str],
    docker_cli: DockerCli,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    id = container()
    docker_cli("exec", id, "sh", "-c", "echo old > /tmp/a.bin")
    with site_before(faulty_engine.url, settings):
        client.force_login(User.objects.create_superuser("ada"))
        until(lambda: id in engine_of("dock").mirror.snapshot.containers)
        # The limit of 10 s, shortened where it is a default.
        monkeypatch.setitem(Upstream.open.__wrapped__.__kwdefaults__, "first_byte", 1.0)
        faulty_engine.inject("PUT .*/archive", times=1, stall=True)
        url = create(client, id, 3, conflict="replace")["Location"]
        job = ended(patch(client, url, 0, b"new")["Upload-Job"])
        assert (job.state, "did not answer" in job.error) == (State.FAILED, True)
        faulty_engine.heal()
        monkeypatch.undo()
        assert docker_cli("exec", id, "cat", "/tmp/a.bin").stdout == "old\n"
        client.post(f"/jobs/{job.id}/retry/")
        until(lambda: Job.objects.first().state == State.DONE)
        assert docker_cli("exec", id, "cat", "/tmp/a.bin").stdout == "new"
        until(lambda: docker_cli("exec", id, "ls", "-A", "/tmp").stdout == "a.bin\n")


def test_a_form_that_is_refused_at_its_end_leaves_nothing_to_go_on(
    ada: Client, box: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_many(*args: object) -> str:
        raise TooMany("enough")

    monkeypatch.setattr(copy_upload, "arrived", too_many)
    form = {"file": io.BytesIO(b"x"), "directory": "/tmp"}
    response = ada.post(f"/hosts/dock/containers/{box}/files/upload/", form)
    assert response.status_code == 429
    assert not Upload.objects.exists()
    assert not list(spool.folder().iterdir())
