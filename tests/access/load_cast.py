"""Who loads images from a file beside another team, by which ways, and what is left of it."""

import base64
import io
import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from access.actors import Actor
from access.models import FencePolicy, Holding, Team
from access.roles import Role
from hosts.live import engine_of
from tests.access.people import actor, dock, grant, team, user
from tests.api.client import token
from tests.conftest import DockerCli
from tests.images.conftest import mirrored, remove_marked
from tests.runtime import Loop
from transfers import spool
from transfers.models import Upload

LOAD = "/hosts/dock/images/load/"
WITHOUT = ("viewer", "operator")
TUS = {"HTTP_TUS_RESUMABLE": "1.0.0"}
Way = Callable[["Yard", str, bytes], Any]


@dataclass(frozen=True)
class Yard:
    """Another team's image, a shared one, and a mark of all that is tried."""

    shop: Team
    bank: Team
    theirs: str
    theirs_id: str
    shared: str
    shared_id: str
    mark: str
    tokens: dict[str, str]

    def fill(self, value: Any) -> Any:
        """The same with the names and ids of here."""
        text = json.dumps(value)
        for key in ("theirs", "shared"):
            text = text.replace("{" + key + "}", getattr(self, key))
        text = text.replace("{id}", self.theirs_id).replace("{short}", self.theirs_id[:12])
        rows = engine_of("dock").mirror.snapshot.images
        return json.loads(text.replace("{layer}", rows[self.theirs_id].layer_digests[0]))

    @property
    def who(self) -> Actor:
        return actor(user("developer"))


@pytest.fixture
def yard(
    runtime: Loop, docker_cli: DockerCli, busybox: str, settings: LazySettings
) -> Iterator[Yard]:
    mark = f"ldtest-{secrets.token_hex(4)}"
    bank = team("bank")
    made = {}
    for name in (*WITHOUT, "developer"):
        made[name] = team(f"{name}s", user(name))
        grant(made[name], name)
    grant(bank, Role.DEVELOPER)
    FencePolicy.objects.create(host=dock(), registries="docker.io")
    theirs = f"{mark}/theirs:1"
    docker_cli("build", "-t", theirs, "-", input=f"FROM {busybox}\nENV THEIRS={mark}\n")
    id, shared_id = mirrored(docker_cli, theirs), mirrored(docker_cli, busybox)
    Holding.objects.create(host="dock", kind="image", name=id, team=bank)
    Holding.objects.create(host="dock", kind="image", name=shared_id)
    tokens = {name: token(user(name), "*")[1] for name in made}
    yield Yard(made["developer"], bank, theirs, id, busybox, shared_id, mark, tokens)
    remove_marked(docker_cli, mark)


def by_form(yard: Yard, name: str, data: bytes) -> Any:
    client = Client(headers={"accept": "text/html"})
    client.force_login(user(name))
    file = io.BytesIO(data)
    file.name = "x.tar"
    return client.post(LOAD, {"file": file})


def by_tus(yard: Yard, name: str, data: bytes) -> Any:
    client = Client()
    client.force_login(user(name))
    return sent(client, data, {})


def by_token(yard: Yard, name: str, data: bytes) -> Any:
    return sent(Client(), data, {"HTTP_AUTHORIZATION": f"Bearer {yard.tokens[name]}"})


def sent(client: Client, data: bytes, headers: dict[str, str]) -> Any:
    said = base64.b64encode(b"x.tar").decode()
    length = {"HTTP_UPLOAD_LENGTH": str(len(data)), "HTTP_UPLOAD_METADATA": f"filename {said}"}
    made = client.post(f"{LOAD}uploads/", **TUS, **length, **headers)
    if made.status_code != 201:
        return made
    kind, answer = "application/offset+octet-stream", made
    at = {"HTTP_UPLOAD_OFFSET": "0"}
    answer = client.patch(made["Location"], data, content_type=kind, **TUS, **at, **headers)
    return answer


def left_behind(docker_cli: DockerCli, yard: Yard) -> list[str]:
    """Images of what was tried, names that moved, uploads and files of the spool."""
    of = docker_cli("images", "-aq", "--filter", f"label=of={yard.mark}").stdout.split()
    for name, id in ((yard.theirs, yard.theirs_id), (yard.shared, yard.shared_id)):
        now = docker_cli("inspect", "-f", "{{.Id}}", name).stdout.strip()
        of += [] if now == f"sha256:{id}" else [name]
    files = [path.name for path in spool.folder().iterdir() if "download" not in path.name]
    return [*of, *map(str, Upload.objects.values_list("pk", flat=True)), *files]
