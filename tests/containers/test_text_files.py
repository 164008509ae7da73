"""A text of a container, edited: compared first, put back whole, with its owner and its mode."""

import difflib
import tarfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from access.models import User
from audit.models import Entry
from containers import line_diff, text_files
from containers.line_diff import changed_lines
from containers.text_files import LARGEST, MOST_SHOWN, changes, decoded
from engine.archive import tar_header
from engine.engine import Engine
from engine.errors import Refused
from engine.tar_parser import Header
from engine.types import PathStat
from tests.access.people import grant, team, user
from tests.conftest import DockerCli
from tests.runtime import Loop

Make = Callable[..., str]
HEADER = Header("a", 1, 0o100644, datetime.now(UTC), "", "")
PREPARE = (
    "mkdir /work && printf 'one\\ntwo\\n' > /work/a.conf && chown 7:8 /work/a.conf"
    " && chmod 640 /work/a.conf && printf 'x\\r\\ny\\r\\n' > /work/dos && ln -s a.conf /work/link"
    " && printf '\\377\\376' > /work/bin && printf 'a\\r\\nb\\n' > /work/mixed"
    " && head -c 300000 /dev/zero | tr '\\0' a > /work/large && sleep 600"
)


@pytest.fixture
def ada(runtime: Loop, client: Client) -> Client:
    client.force_login(User.objects.create_superuser("ada"))
    client.defaults["HTTP_ACCEPT"] = "text/html"
    return client


@pytest.fixture
def box(container: Make, docker_cli: DockerCli, runtime: Loop) -> str:
    id = container("sh", "-c", PREPARE)
    docker_cli("exec", id, "sh", "-c", "until [ -s /work/large ]; do usleep 50000; done")
    return id


def edit(client: Client, box: str, path: str, **posted: str) -> Any:
    address = f"/hosts/dock/containers/{box}/files/edit/?path={path}"
    return client.post(address, posted) if posted else client.get(address)


def test_a_text_is_compared_then_saved_with_its_owner_and_mode(
    ada: Client, box: str, docker_cli: DockerCli
) -> None:
    page = edit(ada, box, "/work/link")
    assert page.context["file"].path == "/work/a.conf"
    sha256 = page.context["file"].sha256
    new = "one\r\n2 <b>\r\nthree\r\n"  # as a browser sends it
    asked = edit(ada, box, "/work/a.conf", text=new, sha256=sha256)
    assert asked.context["changes"][1:] == [
        (" ", "one"),
        ("-", "two"),
        ("+", "2 <b>"),
        ("+", "three"),
    ]
    assert docker_cli("exec", box, "cat", "/work/a.conf").stdout == "one\ntwo\n"
    saved = edit(ada, box, "/work/a.conf", text=new, sha256=sha256, save="1")
    assert saved.status_code == 302
    assert docker_cli("exec", box, "cat", "/work/a.conf").stdout == "one\n2 <b>\nthree\n"
    about = docker_cli("exec", box, "stat", "-c", "%u:%g %a", "/work/a.conf").stdout
    assert about == "7:8 640\n"
    assert "part" not in docker_cli("exec", box, "ls", "-a", "/work").stdout
    entry = Entry.objects.get(event="container.files_write", result="ok")
    assert entry.parameters["path"] == "/work/a.conf"
    assert entry.parameters["before"] == sha256


def test_a_file_that_changed_meanwhile_is_compared_anew(
    ada: Client, box: str, docker_cli: DockerCli
) -> None:
    sha256 = edit(ada, box, "/work/a.conf").context["file"].sha256
    docker_cli("exec", box, "sh", "-c", "echo more >> /work/a.conf")
    moved = edit(ada, box, "/work/a.conf", text="one\ntwo\nmine\n", sha256=sha256, save="1")
    assert moved.status_code == 409
    assert ("-", "more") in moved.context["changes"]
    assert docker_cli("exec", box, "cat", "/work/a.conf").stdout == "one\ntwo\nmore\n"


def test_lines_that_end_as_in_dos_keep_their_ends(
    ada: Client, box: str, docker_cli: DockerCli
) -> None:
    sha256 = edit(ada, box, "/work/dos").context["file"].sha256
    edit(ada, box, "/work/dos", text="x\r\nz\r\n", sha256=sha256, save="1")
    assert docker_cli("exec", box, "od", "-An", "-tx1", "/work/dos").stdout == (
        " 78 0d 0a 7a 0d 0a\n"
    )


@pytest.mark.parametrize("name", ["bin", "mixed", "large", ""])
def test_what_could_not_come_back_as_it_was_is_refused(ada: Client, box: str, name: str) -> None:
    answer = edit(ada, box, f"/work/{name}")
    assert answer.status_code == 422
    assert "cannot be edited here" in answer.text


def test_reading_alone_or_writing_alone_is_not_enough(ada: Client, box: str) -> None:
    shop = team("shop", user("bob"))
    granted = grant(shop, role="developer", selector="all", extras=["container.files_read"])
    bob = Client()
    bob.force_login(User.objects.get(username="bob"))
    assert edit(bob, box, "/work/a.conf").status_code == 403
    granted.extras = ["container.files_write"]
    granted.save()
    assert edit(bob, box, "/work/a.conf").status_code == 403
    granted.extras = ["container.files_read", "container.files_write"]
    granted.save()
    assert edit(bob, box, "/work/a.conf").status_code == 200


@pytest.mark.parametrize("data", [b"a\0b", b"\xff", b"a\rb\n", b"a\r\nb\n"])
def test_no_text(data: bytes) -> None:
    with pytest.raises(Refused):
        decoded("/a", data, HEADER)


@pytest.mark.parametrize("data", [b"", b"a", b"a\n", b"\n\na", b"a\r\n\r\n", "é\n".encode()])
def test_a_text_comes_back_byte_for_byte(data: bytes) -> None:
    file = decoded("/a", data, HEADER)
    assert file.data(file.text) == data
    assert file.data(file.text.replace("\n", "\r\n")) == data


def test_an_end_of_line_alone_is_a_change() -> None:
    assert changes("a\n", "a") == [("@", "Only the ends of the last lines differ.")]
    assert changes("a\n", "a\n") == []


lines = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=12).map("\n".join)


@given(lines, lines)
def test_it_is_compared_as_diff_does(old: str, new: str) -> None:
    told = difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="")
    ours = [line if mark == "@" else mark + line for mark, line in changed_lines(old, new)]
    assert ours == list(told)[2:]


@given(lines, lines)
def test_given_up_it_is_one_change(old: str, new: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(line_diff, "MOST_STEPS", 0)
        found = list(changed_lines(old, new))
    gone = [line for mark, line in found if mark == "-"]
    come = [line for mark, line in found if mark == "+"]
    assert len([mark for mark, _line in found if mark == "@"]) == (old != new and bool(gone + come))
    assert "\n".join(gone) in old
    assert "\n".join(come) in new
    before = [line for mark, line in found if mark in " -"]
    assert "\n".join(before) in old


def test_what_would_take_minutes_to_compare_is_given_up() -> None:
    """Every other line is another one: each that stayed is looked for from there to the end."""
    old = "".join(f"{number}\n{number}a\n" for number in range(12_000))
    new = "".join(f"{number}\n{number}b\n" for number in range(12_000))
    assert len(old) < LARGEST
    found = changes(old, new)
    assert (found[3], found[4]) == (("-", "1"), ("-", "1a"))
    assert (len(found), found[-1][0]) == (MOST_SHOWN + 1, "@")


def test_a_text_that_could_not_be_edited_again_is_not_saved(ada: Client, box: str) -> None:
    sha256 = edit(ada, box, "/work/a.conf").context["file"].sha256
    answer = edit(ada, box, "/work/a.conf", text="a" * (LARGEST + 1), sha256=sha256, save="1")
    assert answer.status_code == 422
    assert edit(ada, box, "/work/a.conf").context["file"].sha256 == sha256


async def test_a_file_that_is_swapped_for_a_large_one_is_not_read_on() -> None:
    """The engine has said that it is small; what comes then is what is there by then."""
    sent = 0

    class Streams:
        @asynccontextmanager
        async def get_archive(self, id: str, path: str) -> AsyncIterator[Any]:
            yield PathStat("a", 3, 0o100644, datetime.now(UTC)), self.pieces()

        async def pieces(self) -> AsyncIterator[bytes]:
            nonlocal sent
            about = (0o644, 0, 0, datetime.now(UTC))
            yield tar_header("a", tarfile.REGTYPE, about, 2**30)
            while sent < 2**24:
                sent += 65536
                yield b"a" * 65536

    engine = cast(Engine, SimpleNamespace(streams=Streams()))
    with pytest.raises(Refused):
        await text_files.read(engine, "x", "/a")
    assert sent <= text_files.LARGEST_ARCHIVE
