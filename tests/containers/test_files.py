"""Files in containers: listed, looked into and fetched, with and without a shell inside."""

import asyncio
import hashlib
import io
import tarfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from django.test import Client

from access.models import User
from audit.models import Entry
from containers import copy_out
from containers.directory import parse
from containers.views import file_pages
from hosts.live import engine_of
from tests.conftest import DockerCli
from tests.runtime import Loop, until

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
NAMES = ["plain", "with space", "-rf", "ünï", "new\nline", "'quote\"", "$(touch evil)", ".hidden"]
MAKE = (
    'cd /work; for n in "$@"; do echo x > "./$n"; done; mkdir sub; ln -s /etc/passwd link;'
    " ln -s sub dirlink; mkfifo pipe"
)


@pytest.fixture
def ada(runtime: Loop, client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ada"))
    return client


@pytest.fixture
def box(ada: Client, container: Callable[..., str], docker_cli: DockerCli) -> str:
    id = container()
    docker_cli("exec", id, "mkdir", "/work")
    docker_cli("exec", id, "sh", "-c", MAKE, "sh", *NAMES)
    return known(id)


def known(id: str) -> str:
    until(lambda: id in engine_of("dock").mirror.snapshot.containers)
    return id


def listed(browser: Client, id: str, path: str) -> dict[str, str]:
    response = browser.get(f"/hosts/dock/containers/{id}/files/", {"path": path}, headers=HTMX)
    assert response.status_code == 200
    rows = response.context.get("entries", ())
    return {entry.name: f"{kind} {entry.link_target}".strip() for entry, _path, kind, _mark in rows}


def body(response: object, runtime: Loop) -> bytes:
    async def collect() -> bytes:
        return b"".join([piece async for piece in response.streaming_content])  # type: ignore[attr-defined]

    return runtime.run(collect())


EXPECTED = {
    **dict.fromkeys(NAMES, "file"),
    "sub": "folder",
    "link": "link /etc/passwd",
    "dirlink": "link sub",
    "pipe": "special",
}


def test_a_running_container_lists_by_its_own_shell(ada: Client, box: str) -> None:
    assert listed(ada, box, "/work") == EXPECTED
    assert "evil" not in listed(ada, box, "/")


def test_a_stopped_container_lists_the_same_from_the_archive(
    ada: Client, box: str, docker_cli: DockerCli
) -> None:
    docker_cli("kill", box)
    until(lambda: engine_of("dock").mirror.snapshot.containers[box].state == "exited")
    assert listed(ada, box, "/work") == EXPECTED


def test_a_container_without_a_shell_lists_from_the_archive(
    ada: Client, container: Callable[..., str], shellless: str
) -> None:
    box = known(container(image=shellless))
    assert listed(ada, box, "/data") == {"hello.txt": "file"}


def test_a_link_to_a_directory_is_followed(ada: Client, box: str, docker_cli: DockerCli) -> None:
    docker_cli("exec", box, "touch", "/work/sub/inside")
    assert listed(ada, box, "/work/dirlink") == {"inside": "file"}


@pytest.mark.parametrize("path", ["/nowhere", "/etc/passwd", "/work/$(touch evil)", "/a\nb"])
def test_what_is_no_directory_is_said_in_words(ada: Client, box: str, path: str) -> None:
    response = ada.get(f"/hosts/dock/containers/{box}/files/", {"path": path}, headers=HTMX)
    assert response.status_code == 200
    assert response.context["engine_error"]


@pytest.mark.parametrize("path", ["etc", "/a\0b", "/" + "x" * 5000])
def test_a_bad_path_is_422_and_names_the_field(ada: Client, box: str, path: str) -> None:
    response = ada.get(f"/hosts/dock/containers/{box}/files/", {"path": path})
    assert response.status_code == 422
    assert "path:" in response.content.decode()


def test_a_path_never_leaves_by_dots(ada: Client, box: str) -> None:
    assert listed(ada, box, "/work/../../work/sub/..") == EXPECTED


def test_a_file_comes_raw_and_is_recorded(
    ada: Client, box: str, docker_cli: DockerCli, runtime: Loop
) -> None:
    docker_cli("exec", box, "dd", "if=/dev/urandom", "of=/work/big", "bs=1M", "count=3")
    wanted = docker_cli("exec", box, "sha256sum", "/work/big").stdout.split()[0]
    response = ada.get(f"/hosts/dock/containers/{box}/files/download/", {"path": "/work/big"})
    assert response["Content-Length"] == str(3 * 2**20)
    assert response["Content-Disposition"].startswith("attachment")
    assert hashlib.sha256(body(response, runtime)).hexdigest() == wanted
    entry = Entry.objects.get(event="container.files_read", result="ok")
    assert (entry.parameters, entry.bytes) == ({"path": "/work/big"}, 3 * 2**20)
    assert entry.sha256 == wanted


def test_a_cut_download_goes_on_where_it_was(ada: Client, box: str, runtime: Loop) -> None:
    url = f"/hosts/dock/containers/{box}/files/download/?path=/etc/passwd"
    first = ada.get(url)
    data = body(first, runtime)
    headers = {"Range": "bytes=4-", "If-Range": first["ETag"]}
    rest = ada.get(url, headers=headers)
    assert (rest.status_code, body(rest, runtime)) == (206, data[4:])
    assert rest["Content-Range"] == f"bytes 4-{len(data) - 1}/{len(data)}"
    beyond = ada.get(url, headers={**headers, "Range": f"bytes={len(data)}-"})
    assert beyond.status_code == 416
    for other in (url + "&as=zip", url.replace("passwd", "group")):
        assert ada.get(other, headers=headers).status_code == 200, "another file, from its start"
    eve = Client()
    eve.force_login(User.objects.create_superuser("eve"))
    assert eve.get(url, headers=headers).status_code == 200


def test_an_engine_that_sends_no_byte_of_a_file_is_said_to_be_silent(
    ada: Client, box: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def late() -> AsyncIterator[bytes]:
        await asyncio.sleep(1)
        yield b"late"

    @asynccontextmanager
    async def silent(*asked: object) -> AsyncIterator[AsyncIterator[bytes]]:
        yield late()

    monkeypatch.setattr("containers.copy_out.raw_file", silent)
    monkeypatch.setattr("transfers.recorded.FIRST_BYTE_SECONDS", 0.05)
    asked = {"path": "/work/plain"}
    answer = ada.get(f"/hosts/dock/containers/{box}/files/download/", asked)
    said = "no byte of the file came in time" in answer.content.decode()
    assert (answer.status_code, said) == (504, True)


def test_a_directory_comes_as_a_tar(ada: Client, box: str, runtime: Loop) -> None:
    response = ada.get(f"/hosts/dock/containers/{box}/files/download/", {"path": "/work"})
    assert 'filename="work.tar"' in response["Content-Disposition"]
    with tarfile.open(fileobj=io.BytesIO(body(response, runtime))) as tar:
        assert {name.removeprefix("work/") for name in tar.getnames()} >= set(NAMES)


def test_a_link_is_fetched_as_what_it_leads_to(ada: Client, box: str, runtime: Loop) -> None:
    response = ada.get(f"/hosts/dock/containers/{box}/files/download/", {"path": "/work/link"})
    assert b"root:" in body(response, runtime)


def test_a_text_is_shown_and_its_markup_is_text(
    ada: Client, box: str, docker_cli: DockerCli
) -> None:
    docker_cli("exec", box, "sh", "-c", "echo '<script>alert(1)</script>' > /work/page")
    page = ada.get(f"/hosts/dock/containers/{box}/files/view/", {"path": "/work/page"})
    assert page["Cache-Control"] == "no-store"
    assert "&lt;script&gt;alert(1)" in page.content.decode()
    assert "<script>alert" not in page.content.decode()


def test_a_folder_keeps_the_order_that_was_asked_for(
    ada: Client, box: str, docker_cli: DockerCli
) -> None:
    script = "mkdir /work/order; cd /work/order; echo 12345 > small; seq 1 99 > large; touch .dot"
    docker_cli("exec", box, "sh", "-c", script)
    asked = {"path": "/work/order", "whole": "1", "sort": "-size", "dots": "0"}
    page = ada.get(f"/hosts/dock/containers/{box}/files/", asked)
    assert [entry.name for entry, *_ in page.context["entries"]] == ["large", "small"]
    assert "?path=/work&amp;sort=-size&amp;dots=0" in page.text
    assert "Show 1 name with a dot" in page.text


def test_of_a_long_text_the_end_is_shown(ada: Client, box: str, docker_cli: DockerCli) -> None:
    docker_cli("exec", box, "sh", "-c", "seq 1 300000 > /work/long")
    page = ada.get(f"/hosts/dock/containers/{box}/files/view/", {"path": "/work/long"})
    assert (page.context["cut"], len(page.context["lines"])) == (True, 10_000)
    assert page.context["lines"][-1] == (0, "300000")


def test_what_is_missing_is_404_in_the_engines_words(ada: Client, box: str) -> None:
    for page in ("view", "download"):
        response = ada.get(f"/hosts/dock/containers/{box}/files/{page}/", {"path": "/nowhere"})
        assert response.status_code == 404
        assert "/nowhere" in response.content.decode()


def test_the_listing_that_lies_is_not_believed() -> None:
    with pytest.raises(ValueError, match="zip"):
        parse(b"a\0b\0\0\081a4 1 1 root root\n")
    with pytest.raises(ValueError, match="a part without an end"):
        parse(b"a\0b")
    assert parse(b"\0\0") == []


def test_a_text_that_does_not_come_is_an_engine_that_is_silent(
    ada: Client, box: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*args: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(file_pages, "VIEW_SECONDS", 0.1)
    monkeypatch.setattr(copy_out, "text_of", never)
    response = ada.get(f"/hosts/dock/containers/{box}/files/view/", {"path": "/etc/passwd"})
    assert response.status_code == 504
