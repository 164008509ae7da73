"""Leftovers on the test engine: each test's own, told by a label, and gone afterwards."""

import io
import json
import re
import secrets
import socket
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest
from django.test import Client

from access.models import User
from hosts.live import engine_of
from jobs.models import Job
from tests.conftest import LABEL, DockerCli
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime


@dataclass(frozen=True)
class Rubbish:
    """``mark`` is the label that all of it has; ``docker`` the command line."""

    docker: DockerCli
    mark: str
    image: str

    @property
    def labels(self) -> tuple[str, ...]:
        return ("--label", LABEL, "--label", self.mark)

    def stopped(self, name: str, *options: str, write: int = 0) -> str:
        """A container that ended, with so many bytes of its own; its full id."""
        words = f"dd if=/dev/zero of=/blob bs=1 count={write} 2>/dev/null" if write else "true"
        made = self.docker(
            "run", "--detach", "--network", "none", "--name", name, *self.labels, *options,
            self.image, "sh", "-c", words,
        ).stdout.strip()  # fmt: skip
        self.docker("wait", made)
        return made

    def volume(self, name: str = "", **labels: str) -> str:
        extra = [part for key, value in labels.items() for part in ("--label", f"{key}={value}")]
        return self.docker("volume", "create", *self.labels, *extra, name).stdout.strip()

    def filled(self, volume: str, size: int) -> None:
        words = f"dd if=/dev/zero of=/v/blob bs=1 count={size} 2>/dev/null"
        self.docker(
            "run", "--rm", "--network", "none", "-v", f"{volume}:/v", self.image, "sh", "-c", words
        )

    def built(self, *steps: str, base: str = "", tag: str = "") -> str:
        """An image of these steps; its full id."""
        label = self.mark.replace("=", '="') + '"'
        text = "\n".join([f"FROM {base or self.image}", *steps, f"LABEL {label}"])
        tags = ("-t", tag) if tag else ()
        made = self.docker("build", "-q", *tags, "-", input=text).stdout.strip()
        return made.removeprefix("sha256:")

    def built_by_buildkit(self, size: int) -> tuple[str, str]:
        """An image of one layer of so many bytes, and a word that its step has; the builder with a
        cache, past the command line, which may lack its plugin."""
        word = secrets.token_hex(6)
        step = f"RUN dd if=/dev/zero of=/blob bs=1 count={size} 2>/dev/null; echo {word}"
        key, _, value = self.mark.partition("=")
        query = {"version": 2, "networkmode": "none", "labels": json.dumps({key: value})}
        address = engine_of("dock").commands.address.path
        answer = posted(address, f"/v1.41/build?{urlencode(query)}", context(self.image, step))
        found = re.search(r'"ID":"sha256:([0-9a-f]{64})"', answer)
        assert found is not None, answer[-500:]
        return found[1], word


def context(image: str, step: str) -> bytes:
    out, text = io.BytesIO(), f"FROM {image}\n{step}\n".encode()
    with tarfile.open(fileobj=out, mode="w") as archive:
        member = tarfile.TarInfo("Dockerfile")
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text))
    return out.getvalue()


def posted(path: str, url: str, body: bytes) -> str:
    """POST a tar to an engine's socket; the answer as text."""
    connection = HTTPConnection("engine")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.settimeout(60)
    connection.sock.connect(path)
    connection.request("POST", url, body, {"Content-Type": "application/x-tar"})
    answer = connection.getresponse().read().decode()
    connection.close()
    return answer


@pytest.fixture
def rubbish(docker_cli: DockerCli, busybox: str) -> Iterator[Rubbish]:
    mark = f"prune-test={secrets.token_hex(6)}"
    yield Rubbish(docker_cli, mark, busybox)
    only = f"label={mark}"
    for found, remove in (
        (("ps", "-aq", "--filter", only), ("rm", "--force", "--volumes")),
        (("images", "-q", "--filter", only), ("rmi", "--force")),
        (("volume", "ls", "-q", "--filter", only), ("volume", "rm")),
        (("network", "ls", "-q", "--filter", only), ("network", "rm")),
    ):
        if left := docker_cli(*found).stdout.split():
            docker_cli(*remove, *left, check=False)


@pytest.fixture
def ada(runtime: Loop) -> Client:
    client = Client(HTTP_ACCEPT="text/html")
    client.force_login(User.objects.create_superuser("ada"))
    return client


def known(*ids: str) -> None:
    """Until the mirror has looked into these containers."""
    until(lambda: all(id in engine_of("dock").mirror.snapshot.containers for id in ids), 20)
    until(lambda: all(engine_of("dock").mirror.snapshot.containers[id].inspected for id in ids), 30)


def over(job_id: str) -> Job:
    """The job once it ended."""
    until(lambda: not Job.objects.get(pk=job_id).active, 40)
    return Job.objects.get(pk=job_id)
