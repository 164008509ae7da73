"""From one container into another, by the form and as a job; folders out as tar and as zip."""

import hashlib
import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from access.models import User
from audit.models import Entry
from hosts.live import engine_of
from jobs.models import Job, State
from tests.conftest import DockerCli
from tests.containers.test_files import body
from tests.faults import FaultyEngine
from tests.runtime import Loop, site_before, until
from transfers import spool

MAKE = """
mkdir -p /tree/sub; cd /tree; dd if=/dev/urandom of=big bs=1M count=3 2>/dev/null
echo x > 'sub/ünï'; ln -s ../big sub/link; ln big sub/again; ln -s /etc out; mkfifo pipe
chmod 4755 sub/ünï; chown 1234:1235 sub/ünï; ln -s /etc/passwd /tmp/way
"""


@pytest.fixture
def ada(runtime: Loop, client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ada"))
    return client


@pytest.fixture
def pair(container: Callable[..., str], docker_cli: DockerCli) -> tuple[str, str]:
    source, target = container(), container()
    docker_cli("exec", source, "sh", "-c", MAKE)
    return source, target


def copy(
    browser: Client, ends: tuple[str, str], path: str, directory: str = "/tmp", conflict: str = ""
) -> Any:
    until(lambda: set(ends) <= set(engine_of("dock").mirror.snapshot.containers))
    url = f"/hosts/dock/containers/{ends[0]}/files/copy/?path={path}"
    form = {"to": f"dock/{ends[1]}", "directory": directory, "conflict": conflict or "ask"}
    return browser.post(url, form)


def ended(response: Any) -> Job:
    assert response.status_code == 302, response.content.decode()
    id = response["Location"].strip("/").rpartition("/")[2]
    until(lambda: not Job.objects.get(pk=id).active, 30)
    return Job.objects.get(pk=id)


def inside(docker_cli: DockerCli, id: str, command: str) -> str:
    return docker_cli("exec", id, "sh", "-c", command).stdout


def test_a_file_goes_across_with_its_hash(
    ada: Client, pair: tuple[str, str], docker_cli: DockerCli
) -> None:
    job = ended(copy(ada, pair, "/tree/big"))
    assert job.state == State.DONE, job.error
    sha256 = inside(docker_cli, pair[0], "sha256sum < /tree/big").split()[0]
    assert job.result == {
        "path": "/tmp/big", "container": pair[1], "files": 1, "size": 3 * 2**20,
        "sha256": sha256, "left_out": 0, "skipped": False,
    }  # fmt: skip
    assert inside(docker_cli, pair[1], "sha256sum < /tmp/big").split()[0] == sha256
    assert inside(docker_cli, pair[1], "ls -A /tmp") == "big\n"
    until(lambda: not list(spool.folder().iterdir()))
    rows = Entry.objects.filter(result="ok").exclude(event__startswith="host")
    ends = {row.event: (row.object_id, row.sha256) for row in rows}
    assert ends["container.files_read"] == (pair[0], sha256)
    assert ends["container.files_write"] == (pair[1], sha256)
    page = ada.get(f"/jobs/{job.id}/").content.decode()
    assert sha256 in page
    assert f"/hosts/dock/containers/{pair[1]}/files/?path=%2Ftmp" in page


def test_a_folder_goes_across_and_leaves_behind_what_leads_out(
    ada: Client, pair: tuple[str, str], docker_cli: DockerCli
) -> None:
    job = ended(copy(ada, pair, "/tree"))
    assert (job.state, job.result["files"], job.result["left_out"]) == (State.DONE, 4, 2)
    assert inside(docker_cli, pair[1], "cd /tmp/tree; find . | sort") == (
        ".\n./big\n./sub\n./sub/again\n./sub/link\n./sub/ünï\n"
    )
    assert inside(docker_cli, pair[1], "stat -c '%a %u:%g' /tmp/tree/sub/ünï") == "755 1234:1235\n"
    assert inside(docker_cli, pair[1], "cd /tmp/tree/sub; cmp link again; readlink link") == (
        "../big\n"
    )


def test_a_taken_name_is_asked_about_and_each_answer_is_kept(
    ada: Client, pair: tuple[str, str], docker_cli: DockerCli
) -> None:
    inside(
        docker_cli, pair[1], "mkdir /tmp/tree; echo old > /tmp/tree/big; echo kept > /tmp/tree/k"
    )
    asked = copy(ada, pair, "/tree")
    assert asked.status_code == 422
    assert "replace it, keep both, or skip it" in asked.content.decode()
    assert ended(copy(ada, pair, "/tree", conflict="skip")).result["skipped"]
    assert ended(copy(ada, pair, "/tree", conflict="keep")).result["path"] == "/tmp/tree (2)"
    assert inside(docker_cli, pair[1], "cat /tmp/tree/big") == "old\n"
    assert ended(copy(ada, pair, "/tree", conflict="replace")).result["path"] == "/tmp/tree"
    assert inside(docker_cli, pair[1], "cat /tmp/tree/k; stat -c %s /tmp/tree/big") == (
        "kept\n3145728\n"
    )
    file_over_folder = ended(copy(ada, pair, "/tree/big", "/", conflict="replace"))
    assert file_over_folder.state == State.DONE
    inside(docker_cli, pair[1], "rm /big; mkdir /big")
    refused = ended(copy(ada, pair, "/tree/big", "/", conflict="replace"))
    assert (refused.state, "is there already" in refused.error) == (State.FAILED, True)


def test_within_one_container_and_through_a_link(
    ada: Client, pair: tuple[str, str], docker_cli: DockerCli
) -> None:
    job = ended(copy(ada, (pair[0], pair[0]), "/tmp/way"))
    assert job.result["path"] == "/tmp/passwd"
    assert inside(docker_cli, pair[0], "cmp /tmp/passwd /etc/passwd; ls -A /tmp") == "passwd\nway\n"


def test_what_cannot_be_is_said_on_the_form(ada: Client, pair: tuple[str, str]) -> None:
    for path, directory in (("/nowhere", "/tmp"), ("/tree/pipe", "/tmp"), ("/tree", "/nowhere")):
        response = copy(ada, pair, path, directory)
        if path == "/tree/pipe":
            assert "neither a regular file" in ended(response).error
        else:
            assert response.status_code == 422
            assert "/nowhere" in response.content.decode()
    unknown = f"/hosts/dock/containers/{pair[0]}/files/copy/?path=/tree"
    response = ada.post(unknown, {"to": f"dock/{'0' * 64}", "directory": "/tmp"})
    assert (response.status_code, Job.objects.count()) == (422, 1)


def test_whoever_may_not_write_there_is_not_offered_it(
    runtime: Loop, client: Client, pair: tuple[str, str]
) -> None:
    client.force_login(User.objects.create_user("eve"))
    assert copy(client, pair, "/tree").status_code == 404
    assert not Job.objects.exists()


def test_a_folder_comes_as_a_zip(
    ada: Client, pair: tuple[str, str], docker_cli: DockerCli, runtime: Loop
) -> None:
    until(lambda: pair[0] in engine_of("dock").mirror.snapshot.containers)
    url = f"/hosts/dock/containers/{pair[0]}/files/download/?as=zip&path=/tree"
    response = ada.get(url)
    assert 'filename="tree.zip"' in response["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(body(response, runtime))) as opened:
        assert set(opened.namelist()) == {
            "tree/", "tree/big", "tree/sub/", "tree/sub/ünï", "tree/sub/link", "tree/sub/again",
        }  # fmt: skip
        sha256 = inside(docker_cli, pair[0], "sha256sum < /tree/big").split()[0]
        assert hashlib.sha256(opened.read("tree/big")).hexdigest() == sha256


def test_a_source_that_breaks_leaves_the_target_alone(
    transactional_db: None,
    faulty_engine: FaultyEngine,
    settings: Any,
    client: Client,
    pair: tuple[str, str],
    docker_cli: DockerCli,
) -> None:
    with site_before(faulty_engine.url, settings):
        client.force_login(User.objects.create_superuser("ada"))
        inside(docker_cli, pair[1], "echo old > /tmp/big")
        faulty_engine.inject("GET .*/archive", cut_after=1_000_000)
        job = ended(copy(client, pair, "/tree/big", conflict="replace"))
        assert (job.state, "hung up" in job.error) == (State.FAILED, True)
        faulty_engine.heal()
        assert inside(docker_cli, pair[1], "ls -A /tmp; cat /tmp/big") == "big\nold\n"
        until(lambda: not list(spool.folder().iterdir()))
        again = client.post(f"/jobs/{job.id}/retry/")
        assert ended(again).state == State.DONE
        assert inside(docker_cli, pair[1], "stat -c %s /tmp/big") == "3145728\n"
