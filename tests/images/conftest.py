"""Images in registries, and a registry that is slow."""

import io
import os
import secrets
import tarfile
from collections.abc import Callable, Iterator

import pytest

from tests.conftest import LABEL, DockerCli
from tests.engine import import_image
from tests.images.slow import SlowRegistry
from tests.registry import Registry
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
