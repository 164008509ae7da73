"""Podman by the engine's API: what is asked of it in daily work."""

import asyncio
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.archive import Member, pack, single_file
from engine.commands import Commands
from engine.feed import LogRange
from engine.streams import Streams
from tests.conftest import DockerCli
from tests.podman import private_podman
from tests.registry import Registry
from tests.running_engine import Reader, running, until

pytestmark = pytest.mark.long
NOW = datetime(2026, 3, 1, tzinfo=UTC)
Docker = Callable[..., str]
COUNTING = ("sh", "-c", "i=0; while :; do i=$((i+1)); echo $i; sleep 0.1; done")


@pytest.fixture(scope="module")
def podman(registry: Registry) -> Iterator[str]:
    with private_podman(registry.address.rpartition(":")[2]) as url:
        yield url


@pytest.fixture(scope="module")
def docker(podman: str, busybox: str, engine_url: str) -> Docker:
    """The docker command line on Podman, which has the test's image."""

    def call(*arguments: str, data: bytes = b"") -> str:
        command = ["docker", "-H", podman, *arguments]
        done = subprocess.run(command, input=data, capture_output=True, check=True)
        return done.stdout.decode().strip()

    save = ["docker", "-H", engine_url, "save", busybox]
    call("load", data=subprocess.run(save, capture_output=True, check=True).stdout)
    return call


@pytest.fixture
def box(docker: Docker, busybox: str) -> Iterator[str]:
    id = docker("run", "-d", "--network", "none", busybox, *COUNTING)
    yield id
    docker("rm", "--force", id)


async def test_the_list_follows(podman: str, docker: Docker, box: str) -> None:
    async with running(podman) as engine:
        await until(lambda: engine.mirror.snapshot.containers[box].state == "running", 20)
        await asyncio.to_thread(docker, "kill", box)
        await until(lambda: engine.mirror.snapshot.containers[box].state == "exited", 20)
        assert engine.mirror.snapshot.facts is not None


async def test_logs_are_stored_and_live(podman: str, box: str) -> None:
    async with running(podman) as engine:
        reader = Reader(engine, box, LogRange(tail=1000))
        try:
            await until(lambda: len(reader.lines) > 20, 30)
        finally:
            reader.task.cancel()
            await asyncio.gather(reader.task, return_exceptions=True)
        numbers = [int(text) for text in reader.texts]
        assert numbers == list(range(numbers[0], numbers[-1] + 1))


async def test_a_terminal(podman: str, box: str) -> None:
    streams, commands = Streams(podman), Commands(podman)
    id = await asyncio.to_thread(commands.exec_create, box, ["sh"], tty=True)
    output = b""
    async with asyncio.timeout(30), streams.exec_start(id, True) as duplex:
        await asyncio.to_thread(commands.exec_resize, id, 33, 77)
        await duplex.write(b"stty size; exit 3\n")
        while data := await duplex.read():
            output += data
    assert b"33 77" in output
    assert (await asyncio.to_thread(commands.exec_inspect, id))["ExitCode"] == 3


@pytest.mark.usefixtures("open_door")
async def test_a_file_goes_in_and_comes_out(podman: str, box: str, tmp_path: Path) -> None:
    streams, source = Streams(podman), tmp_path / "source"
    source.write_bytes(content := bytes(range(256)) * 4000)
    await streams.put_archive(box, "/", pack([Member("file", NOW, source, len(content))]))
    async with streams.get_archive(box, "/file") as (there, pieces):
        assert there.size == len(content)
        assert b"".join([piece async for piece in single_file(pieces)]) == content


async def test_an_image_is_pulled(
    podman: str, registry: Registry, busybox: str, docker_cli: DockerCli
) -> None:
    name = f"{registry.address}/podman/box:1"
    docker_cli("tag", busybox, name)
    docker_cli("push", name)
    docker_cli("rmi", name)
    async with Streams(podman).pull(name) as progress:
        assert [item async for item in progress]
    assert name in Commands(podman).image(name).tags
