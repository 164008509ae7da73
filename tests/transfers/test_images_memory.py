"""A large image saved and loaded again: the same image, and the server's memory stays flat."""

import base64
import json
import secrets
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import DockerCli
from tests.runtime import until
from tests.transfers.person import TUS, Person
from tests.transfers.test_stalls import GROWTH, MIB, Memory

IMAGES = "/hosts/local/images/"
SLICE = 8 * MIB


def save(person: Person, id: str, path: Path) -> None:
    url = f"{person.site.url}{IMAGES}{id}/save/"
    with person.session.get(url, stream=True, timeout=600) as answer, path.open("wb") as file:
        assert answer.status_code == 200
        for piece in answer.iter_content(MIB):
            file.write(piece)


def load(person: Person, path: Path) -> str:
    """The job that takes it to the engine."""
    name = base64.b64encode(path.name.encode()).decode()
    headers = {**TUS, "Upload-Length": str(path.stat().st_size)}
    headers["Upload-Metadata"] = f"filename {name}"
    where = person.ask("POST", f"{IMAGES}load/uploads/", headers).headers["Location"]
    job, offset = "", 0
    with path.open("rb") as file:
        while data := file.read(SLICE):
            answer = person.patch(where, offset, data)
            assert answer.status_code == 204, answer.text
            job, offset = answer.headers.get("Upload-Job", ""), offset + len(data)
    return job


@pytest.mark.parametrize("mib", [32, pytest.param(2048, marks=pytest.mark.long)])
def test_memory_stays_flat_while_an_image_is_saved_and_loaded(
    ada: Person, container: Callable[..., str], docker_cli: DockerCli, tmp_path: Path, mib: int
) -> None:
    box, name = container(), f"large-{secrets.token_hex(4)}:1"
    docker_cli("exec", box, "dd", "if=/dev/urandom", "of=/big", "bs=1M", f"count={mib}")
    docker_cli("commit", box, name)
    docker_cli("rm", "-f", box)
    try:
        found = json.loads(docker_cli("inspect", name).stdout)[0]
        id = found["Id"].removeprefix("sha256:")
        until(lambda: ada.ask("GET", f"{IMAGES}{id}/").status_code == 200)
        memory = Memory(ada.site.process.pid)
        save(ada, id, tmp_path / "saved.tar")
        docker_cli("rmi", name)
        ended = ada.ended(load(ada, tmp_path / "saved.tar"), 600)
        assert (ended["error"], ended["result"]["images"]) == ("", [id])
        assert docker_cli("inspect", "-f", "{{.Id}}", name).stdout.strip() == found["Id"]
        assert memory.grown() <= GROWTH, memory.grown() / MIB
    finally:
        docker_cli("rmi", name, check=False)
