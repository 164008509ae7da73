"""The server is killed while files are on their way: they go on, and are never seen half."""

import hashlib
import http.client
import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from tests.conftest import DockerCli
from tests.faults import FaultyEngine
from tests.runtime import until
from tests.site import running_site
from tests.transfers.person import PATCH, Person

MIB = 2**20


def half_a_patch(
    person: Person, where: str, offset: int, data: bytes
) -> http.client.HTTPConnection:
    """Begin to send a slice; its second half never comes."""
    connection = http.client.HTTPConnection(urlsplit(person.site.url).netloc, timeout=30)
    connection.putrequest("PATCH", where)
    headers = {**person.headers, **PATCH, "Cookie": person.cookie, "Upload-Offset": str(offset)}
    for name, value in {**headers, "Content-Length": str(len(data))}.items():
        connection.putheader(name, value)
    connection.endheaders(data[: len(data) // 2])
    return connection


def test_killed_in_the_middle_of_an_upload_and_of_a_copy(
    faulty_engine: FaultyEngine,
    container: Callable[..., str],
    docker_cli: DockerCli,
    tmp_path: Path,
) -> None:
    id = container()
    docker_cli("exec", id, "sh", "-c", "echo old > /tmp/placed")
    data, placed = os.urandom(3 * MIB), os.urandom(16 * MIB)
    with running_site(faulty_engine.url, tmp_path) as site:
        ada = Person(site)
        sliced = ada.create(id, "sliced", len(data)).headers["Location"]
        ada.patch(sliced, 0, data[:MIB])
        half = half_a_patch(ada, sliced, MIB, data[MIB : 2 * MIB])
        where = ada.create(id, "placed", len(placed), conflict="replace").headers["Location"]
        job = ada.patch(where, 0, placed).headers["Upload-Job"]
        until(lambda: faulty_engine.count("PUT .*/archive"), 30)
        faulty_engine.freeze()
        site.process.kill()
        site.process.wait()
        half.close()
    faulty_engine.heal()
    faulty_engine.cut()
    sizes = docker_cli("exec", id, "sh", "-c", "ls /tmp; stat -c %s /tmp/placed").stdout.split()
    assert sizes in (["placed", "4"], ["placed", str(len(placed))])
    with running_site(faulty_engine.url, tmp_path) as site:
        ada.site = site
        assert ada.ended(job)["state"] == "done"
        assert ada.offset(sliced) == MIB
        ada.patch(sliced, MIB, data[MIB : 2 * MIB])
        last = ada.patch(sliced, 2 * MIB, data[2 * MIB :]).headers["Upload-Job"]
        assert ada.ended(last)["result"]["sha256"] == hashlib.sha256(data).hexdigest()
        until(lambda: not list((tmp_path / "spool").iterdir()))
    wanted = hashlib.sha256(placed).hexdigest()
    assert docker_cli("exec", id, "sha256sum", "/tmp/placed").stdout.startswith(wanted)
    assert docker_cli("exec", id, "ls", "-A", "/tmp").stdout == "placed\nsliced\n"
