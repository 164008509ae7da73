"""Images in registries, and a registry that is slow."""

import io
import os
import secrets
import tarfile
from collections.abc import Callable, Iterator

import pytest
from django.test import Client

from access.models import User
from hosts.live import engine_of
from tests.conftest import LABEL, DockerCli
from tests.engine import import_image
from tests.images.slow import SlowRegistry
from tests.registry import Registry
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime

Publish = Callable[..., str]


def rootfs(size: int) -> bytes:
    """A tar with one file of random bytes, so that it does not shrink."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        member = tarfile.TarInfo("blob")
        member.size = size
        archive.addfile(member, io.BytesIO(os.urandom(size)))
    return out.getvalue()


@pytest.fixture
def local_image(engine_url: str, docker_cli: DockerCli) -> Iterator[Callable[..., str]]:
    """``local_image(name, size=100_000)``: a new image under that name; gone after the test."""
    made: list[str] = []

    def make(name: str, size: int = 100_000) -> str:
        made.append(name)
        import_image(engine_url, name, rootfs(size), f"LABEL {LABEL}")
        return name

    yield make
    for name in made:
        docker_cli("rmi", "--force", name, check=False)


@pytest.fixture
def publish(
    engine_url: str, docker_cli: DockerCli, registry: Registry, local_image: Callable[..., str]
) -> Iterator[Publish]:
    """``publish(size=…, layers=…)``: a new image that only the open registry has; its reference."""
    mark = f"jobs-test/{secrets.token_hex(4)}"

    def make(size: int = 100_000, layers: int = 1, tag: str = "1") -> str:
        name = f"{registry.address}/{mark}-{secrets.token_hex(4)}:{tag}"
        local_image(name, size)
        for _ in range(layers - 1):
            container = docker_cli("create", "--label", LABEL, name, "x").stdout.strip()
            docker_cli("cp", "-", f"{container}:/", input=rootfs(size))
            docker_cli("commit", container, name)
            docker_cli("rm", container)
        docker_cli("push", name)
        docker_cli("rmi", "--force", name)
        return name

    yield make
    for name in docker_cli("images", "--format", "{{.Repository}}:{{.Tag}}").stdout.split():
        if f"/{mark}-" in name:  # also what was pulled by another address
            docker_cli("rmi", "--force", name, check=False)


@pytest.fixture
def slow(registry: Registry) -> Iterator[SlowRegistry]:
    """The open registry behind a narrow line."""
    line = SlowRegistry(registry.address)
    line.start()
    yield line
    line.stop()


@pytest.fixture
def superuser(runtime: Loop, client: Client) -> Client:
    """A superuser's browser; it reads pages as a browser does."""
    client.force_login(User.objects.create_superuser("ada"))
    client.defaults["HTTP_ACCEPT"] = "text/html"
    return client


@pytest.fixture
def image(
    runtime: Loop, busybox: str, docker_cli: DockerCli
) -> Iterator[Callable[..., tuple[str, str]]]:
    """``image(*commit options)``: a new image with one layer over busybox's, as (name, id)."""
    mark = f"imgtest-{secrets.token_hex(4)}"

    def make(*options: str) -> tuple[str, str]:
        name = f"{mark}/{secrets.token_hex(4)}:1"
        id = docker_cli("create", "--label", LABEL, busybox).stdout.strip()
        docker_cli("cp", "-", f"{id}:/", input=rootfs(4096))
        docker_cli("commit", "--message", "made for a test", *options, id, name)
        docker_cli("rm", id)
        return name, mirrored(docker_cli, name)

    yield make
    remove_marked(docker_cli, mark)


@pytest.fixture
def built(
    runtime: Loop, busybox: str, docker_cli: DockerCli
) -> Iterator[Callable[..., tuple[str, str]]]:
    """``built(*steps)``: an image built by a Dockerfile from busybox, as (name, id)."""
    mark = f"imgbuilt-{secrets.token_hex(4)}"

    def make(*steps: str) -> tuple[str, str]:
        name = f"{mark}/{secrets.token_hex(4)}:1"
        dockerfile = "\n".join((f"FROM {busybox}", *steps))
        docker_cli("build", "--tag", name, "-", input=dockerfile)
        return name, mirrored(docker_cli, name)

    yield make
    remove_marked(docker_cli, mark)


def mirrored(docker_cli: DockerCli, name: str) -> str:
    """Wait until the mirror has it with its layers; its id."""
    id = docker_cli("inspect", "--format", "{{.Id}}", name).stdout.strip()[7:]

    def seen() -> bool:
        row = engine_of("dock").mirror.snapshot.images.get(id)
        return row is not None and row.inspected and name in row.tags

    until(seen)
    return id


def remove_marked(docker_cli: DockerCli, mark: str) -> None:
    for name in docker_cli("images", "--format", "{{.Repository}}:{{.Tag}}").stdout.split():
        if mark in name:
            docker_cli("rmi", "--force", name, check=False)
