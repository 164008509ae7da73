"""Copies: a file into a container by tus, and out again, beside ``docker cp``."""

import asyncio
import base64
import hashlib
import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Figure, row
from tests.bench.http import Person, Refused
from tests.bench.websocket import Socket
from tests.bench.world import World

MIB = 2**20
SLICE = 8 * MIB
TUS = {"Tus-Resumable": "1.0.0"}
UPLOADS = "/hosts/local/uploads/"
NAME = "bench.bin"


def made(world: World) -> Path:
    """A file of the row's size, in the page cache."""
    path = world.home / NAME
    with path.open("wb") as file:
        for _ in range(world.size(1024, 64)):
            file.write(os.urandom(MIB))
    return path


@row("upload 1 GiB into a container")
def upload(world: World) -> Iterator[Figure]:
    file, rounds = made(world), world.size(3, 2)
    size = file.stat().st_size
    plain, checked, received, command = [], [], [], []
    with world.person() as person, world.container("sleep", "3600") as id:
        for _ in range(rounds):
            command.append(size / world.timed("cp", str(file), f"{id}:/cp.bin") / 1e6)
            seconds, spooled = uploaded(person, id, file, checksum=False)
            plain.append(size / seconds / 1e6)
            received.append(size / spooled / 1e6)
            seconds, _ = uploaded(person, id, file, checksum=True)
            checked.append(size / seconds / 1e6)
    file.unlink()
    words = f"{size // MIB} MiB"
    yield Figure(f"{words}, tus", "MB/s", "higher", plain, command, "docker cp", least=0.6)
    yield Figure(f"{words}, tus with sha256", "MB/s", "higher", checked, command, "docker cp")
    yield Figure(f"{words}, into the spool alone", "MB/s", "higher", received, command, "docker cp")


def uploaded(person: Person, id: str, file: Path, checksum: bool) -> tuple[float, float]:
    """Seconds until it is in the container, and until it is in the spool."""
    began = time.perf_counter()
    job = sent(person, id, file, checksum)
    spooled = time.perf_counter() - began
    asyncio.run(asyncio.wait_for(job_over(person, job), 600))
    return time.perf_counter() - began, spooled


def sent(person: Person, id: str, file: Path, checksum: bool) -> str:
    """All slices by tus; the job that hands the file to the engine."""
    metadata = {"filename": NAME, "container": id, "directory": "/", "conflict": "replace"}
    pairs = (f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in metadata.items())
    size = file.stat().st_size
    headers = TUS | {"Upload-Length": str(size), "Upload-Metadata": ",".join(pairs)}
    status, answer, body = person.ask("POST", UPLOADS, None, headers)
    if status != 201:
        raise Refused(f"POST {UPLOADS}: {status} {body[:300]!r}")
    where, job = answer["Location"], answer["Upload-Job"]
    with file.open("rb") as source:
        for offset in range(0, size, SLICE):
            job = slice_sent(person, where, offset, source.read(SLICE), checksum)
    return str(job)


def slice_sent(person: Person, where: str, offset: int, data: bytes, checksum: bool) -> str | None:
    headers = TUS | {
        "Content-Type": "application/offset+octet-stream",
        "Upload-Offset": str(offset),
    }
    if checksum:
        digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
        headers["Upload-Checksum"] = f"sha256 {digest}"
    status, answer, body = person.ask("PATCH", where, data, headers)
    if status != 204:
        raise Refused(f"PATCH {where}: {status} {body[:300]!r}")
    job = answer["Upload-Job"]
    return None if job is None else str(job)


async def job_over(person: Person, job: str) -> None:
    """Wait at the live socket, as a page does, for the change after which the job is over."""
    live = await Socket.open(person, "/ws/live/")
    live.say(sub=[f"job:{job}"])
    while not await asyncio.to_thread(is_over, person, job):
        while json.loads(await live.receive())["event"] != "job-changed":
            pass
    await live.close()


def is_over(person: Person, job: str) -> bool:
    page = person.get(f"/jobs/{job}/", Accept_Encoding="identity")
    return b"/cancel/" not in page


@row("download 1 GiB")
def download(world: World) -> Iterator[Figure]:
    file, rounds = made(world), world.size(3, 2)
    size = file.stat().st_size
    with world.person() as person, world.container("sleep", "3600") as id:
        world.run("cp", str(file), f"{id}:/{NAME}")
        file.unlink()
        ours = [size / downloaded(person, id) / 1e6 for _ in range(rounds)]
        theirs = [size / copied_out(world, id) / 1e6 for _ in range(rounds)]
    words, against = f"{size // MIB} MiB", "docker cp to a pipe"
    yield Figure(words, "MB/s", "higher", ours, theirs, against, least=0.6)


def downloaded(person: Person, id: str) -> float:
    began = time.perf_counter()
    path = f"/hosts/local/containers/{id}/files/download/?path=/{NAME}"
    answer = person.start("GET", path, None, {"Accept-Encoding": "identity"})
    if answer.status != 200:
        raise Refused(f"GET {path}: {answer.status} {answer.read(300)!r}")
    while answer.read(MIB):
        pass
    return time.perf_counter() - began


def copied_out(world: World, id: str) -> float:
    began = time.perf_counter()
    command = world.docker("cp", f"{id}:/{NAME}", "-")
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        while os.read(process.stdout.fileno(), MIB):
            pass
    return time.perf_counter() - began
