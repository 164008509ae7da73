"""Browsers that stall, and loads that are large: nobody else feels it, and memory stays flat."""

import hashlib
import io
import os
import socket
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.conftest import DockerCli
from tests.runtime import until
from tests.transfers.person import Person
from tests.transfers.test_restart import half_a_patch

MIB = 2**20
GROWTH = 64 * MIB  # of the server's memory, whatever passes through it
MAKE = 'mkdir /many; cd /many; i=0; while [ $i -lt "$1" ]; do echo $i > f$i; i=$((i+1)); done'


@contextmanager
def stalled_download(person: Person, id: str, path: str) -> Iterator[None]:
    """A browser that asks for a file, sees it begin, and reads no further."""
    where = urlsplit(person.site.url)
    with socket.create_connection((where.hostname, where.port), timeout=30) as line:
        request = f"GET /hosts/local/containers/{id}/files/download/?path={path} HTTP/1.1"
        line.sendall(
            f"{request}\r\nHost: {where.netloc}\r\nCookie: {person.cookie}\r\n\r\n".encode()
        )
        assert line.recv(12) == b"HTTP/1.1 200"
        yield


def answers(docker_cli: DockerCli, id: str) -> None:
    """What a wedged container does not do: be inspected, run a shell, be listed and stopped."""
    assert '"Running": true' in docker_cli("inspect", id).stdout
    assert docker_cli("exec", id, "echo", "here").stdout == "here\n"
    docker_cli("stop", "--time", "0", id)


def test_a_download_that_stalls_holds_nobody(
    ada: Person, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    id = container()
    docker_cli("exec", id, "dd", "if=/dev/zero", "of=/big", "bs=1M", "count=48")
    until(lambda: id in ada.ask("GET", "/hosts/local/containers/?format=ids").text)
    with stalled_download(ada, id, "/big"):
        answers(docker_cli, id)


def test_an_upload_that_stalls_holds_nobody(
    ada: Person, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    id = container()
    until(lambda: id in ada.ask("GET", "/hosts/local/containers/?format=ids").text)
    where = ada.create(id, "stalled", 2 * MIB).headers["Location"]
    half = half_a_patch(ada, where, 0, bytes(MIB))
    answers(docker_cli, id)
    half.close()
    assert ada.offset(where) == 0


class Memory:
    """The server's own, from /proc."""

    def __init__(self, pid: int) -> None:
        self._proc = Path(f"/proc/{pid}")
        (self._proc / "clear_refs").write_text("5")  # the peak begins anew
        self._before = self._read("VmRSS")

    def grown(self) -> int:
        """Bytes from the beginning to the highest peak."""
        return self._read("VmHWM") - self._before

    def _read(self, name: str) -> int:
        lines = (self._proc / "status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith(name)).split()[1]) * 1024


def upload(person: Person, id: str, size: int) -> str:
    """Send ``size`` bytes in slices; their sha256."""
    sha256, piece = hashlib.sha256(), os.urandom(8 * MIB)
    where, job = person.create(id, "large", size).headers["Location"], ""
    for offset in range(0, size, 8 * MIB):
        data = piece[: size - offset]
        sha256.update(data)
        job = person.patch(where, offset, data).headers.get("Upload-Job", "")
    assert person.ended(job, 600)["result"]["sha256"] == sha256.hexdigest()
    return sha256.hexdigest()


def download(person: Person, id: str, query: str, into: io.BufferedIOBase | None = None) -> str:
    """Read to the end; the sha256."""
    sha256 = hashlib.sha256()
    address = f"/hosts/local/containers/{id}/files/download/?{query}"
    with person.ask("GET", address, stream=True) as answer:
        assert answer.status_code == 200, answer.text
        for piece in answer.iter_content(MIB):
            sha256.update(piece)
            if into:
                into.write(piece)
    return sha256.hexdigest()


@pytest.mark.parametrize(
    ("mib", "files"),
    [(64, 1000), pytest.param(4999, 100_000, marks=pytest.mark.long)],
)
def test_memory_stays_flat_up_down_and_across(
    ada: Person,
    container: Callable[..., str],
    docker_cli: DockerCli,
    tmp_path: Path,
    mib: int,
    files: int,
) -> None:
    source, target = container(), container()
    docker_cli("exec", source, "sh", "-c", MAKE, "sh", str(files))
    until(lambda: target in ada.ask("GET", "/hosts/local/containers/?format=ids").text)
    memory = Memory(ada.site.process.pid)
    sha256 = upload(ada, source, mib * MIB)
    assert docker_cli("exec", source, "sha256sum", "/tmp/large").stdout.startswith(sha256)
    assert download(ada, source, "path=/tmp/large") == sha256
    docker_cli("exec", source, "rm", "/tmp/large")
    with (tmp_path / "tar").open("wb") as file:
        download(ada, source, "path=/many", file)
    with tarfile.open(tmp_path / "tar") as tar:
        assert len(tar.getnames()) == files + 1
    with (tmp_path / "zip").open("wb") as file:
        download(ada, source, "path=/many&as=zip", file)
    with zipfile.ZipFile(tmp_path / "zip") as packed:
        assert (len(packed.namelist()), packed.read("many/f7")) == (files + 1, b"7\n")
    form = {"to": f"local/{target}", "directory": "/tmp", "conflict": "ask"}
    address = f"/hosts/local/containers/{source}/files/copy/?path=/many"
    page = ada.ask("POST", address, data=form, allow_redirects=False).headers["Location"]
    assert ada.ended(page.strip("/").rpartition("/")[2], 600)["result"]["files"] == files
    assert docker_cli("exec", target, "sh", "-c", "ls /tmp/many | wc -l").stdout == f"{files}\n"
    assert memory.grown() <= GROWTH
