"""Images from a file, written to get what is not theirs: by the page, by tus, by a token.

Refused with the name of what is wrong, and nothing is left on the engine or in the spool. What
such an image may say of itself, since only a run judges it, is run.
"""

import base64
import io
import json
import secrets
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from access import image_fence
from access.actors import Actor
from access.errors import Denied, Fenced
from access.models import FencePolicy, Holding, OwnedContainer, Team
from access.roles import Role
from audit.models import Entry, Result
from containers import actions
from dashboard.demo.rootfs import static_busybox
from engine.command_line import from_line
from engine.specs import ContainerSpec
from hosts.live import engine_of
from jobs.models import Job
from tests.access.archives import LATER, NAMES, TRICKS, Archive, link, node, tar
from tests.access.payload_yard import ALL
from tests.access.payloads import IMAGES
from tests.access.people import actor, dock, grant, team, user
from tests.api.client import Program, token
from tests.conftest import DockerCli
from tests.images.conftest import mirrored, remove_marked
from tests.images.people import ended
from tests.runtime import Loop
from tests.runtime import runtime as runtime
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


WAYS: tuple[Way, ...] = (by_tus, by_token, by_form)


def left_behind(docker_cli: DockerCli, yard: Yard) -> list[str]:
    """Images of what was tried, names that moved, uploads and files of the spool."""
    of = docker_cli("images", "-aq", "--filter", f"label=of={yard.mark}").stdout.split()
    for name, id in ((yard.theirs, yard.theirs_id), (yard.shared, yard.shared_id)):
        now = docker_cli("inspect", "-f", "{{.Id}}", name).stdout.strip()
        of += [] if now == f"sha256:{id}" else [name]
    files = [path.name for path in spool.folder().iterdir() if "download" not in path.name]
    return [*of, *map(str, Upload.objects.values_list("pk", flat=True)), *files]


def attempts(yard: Yard) -> Iterator[tuple[Archive, str]]:
    for names, words in NAMES:
        yield Archive(yard.mark, names=yard.fill(names)), words
    for image in IMAGES:
        yield Archive(yard.mark, names=[image]), "RepoTags"
    for fields, words in TRICKS:
        yield Archive(yard.mark, **fields), words


@pytest.mark.parametrize("every", [2, ALL])
def test_no_archive_gives_its_loader_what_is_others(
    every: int, yard: Yard, docker_cli: DockerCli
) -> None:
    """Each by one way in turn; every refusal says what is wrong in the file."""
    for number, (archive, words) in enumerate([*attempts(yard)][::every]):
        answer = WAYS[number % len(WAYS)](yard, "developer", archive.bytes())
        about = (archive.names, archive.manifest, archive.text[:80], archive.json)
        assert answer.status_code in (403, 422), (about, answer.content[:500])
        assert words in answer.content.decode(), (about, answer.content[:500])
    assert left_behind(docker_cli, yard) == []
    assert not Job.objects.exists()
    assert not Entry.objects.filter(event="image.load", result=Result.INTENT).exists()


def test_by_each_way_it_is_the_same_and_who_may_not_load_says_no_byte(
    yard: Yard, docker_cli: DockerCli
) -> None:
    wrong = Archive(yard.mark, names=[yard.theirs]).bytes()
    for way in WAYS:
        assert "RepoTags" in way(yard, "developer", wrong).content.decode()
        for name in WITHOUT:
            assert way(yard, name, wrong).status_code == 403, (way, name)
    assert left_behind(docker_cli, yard) == []


def test_what_is_found_while_it_is_read_leaves_nothing(yard: Yard, docker_cli: DockerCli) -> None:
    jobs = []
    for fields, words in LATER:
        archive = Archive(yard.mark, **(fields if "layer" in fields else yard.fill(fields)))
        answer = by_tus(yard, "developer", archive.bytes())
        assert answer.status_code == 204, answer.content
        job = ended(Job.objects.get(pk=answer["Upload-Job"]))
        assert (job.state, words in job.error) == ("failed", True), (fields, job.error)
        jobs.append(job)
    held = Holding.objects.filter(host="dock", kind="image")
    assert {row.name for row in held} == {yard.theirs_id, yard.shared_id}
    left = set(left_behind(docker_cli, yard))
    assert left == {job.params["upload"] for job in jobs}, "what may be tried again, for a while"


ASKED = {
    "Labels": {
        "wharfinger.team": "bank",
        "wharfinger.helper": "wharfinger-helper-0",
        "com.docker.compose.project": "bank",
    },
    "User": "0:0",
    "Volumes": {"/var/run/docker.sock": {}, "/x:/etc": {}, "/data/../../y": {}},
    "ExposedPorts": {"22/tcp": {}},
    "Env": ["DOCKER_HOST=unix:///var/run/docker.sock", "LD_PRELOAD=/x"],
    "Entrypoint": ["/bin/busybox", "sleep", "600"],
    "StopSignal": "SIGKILL",
    "OnBuild": ["RUN rm -rf /"],
    "HostConfig": {"Privileged": True, "Binds": ["/:/host"], "CapAdd": ["ALL"]},
    "Privileged": True,
}


def layer_of(mark: str) -> bytes:
    """One program, and members that would lead out of the image."""
    program = tarfile.TarInfo("bin/busybox")
    program.mode = 0o4755
    device = node("evil")
    device.mode = 0o666
    out, through = link("out", "/etc"), tarfile.TarInfo(f"out/{mark}")
    above = tarfile.TarInfo(f"../../../../../../etc/{mark}")
    etc = tarfile.TarInfo("etc")
    etc.type = tarfile.DIRTYPE
    members = [(program, static_busybox()), (device, b""), (etc, b""), (out, b"")]
    members.append((through, b"1"))
    return tar([*members, (above, b"1")])


def loaded(yard: Yard, config: dict[str, Any]) -> str:
    """The name of an image that says this of itself."""
    name = f"{yard.mark}/loaded-{secrets.token_hex(3)}:1"
    archive = Archive(
        yard.mark,
        [name],
        {"config": config, "HostConfig": ASKED["HostConfig"]},
        layer=layer_of(yard.mark),
    )
    archive.config["config"] = {**config, "Labels": {"of": yard.mark} | config.get("Labels", {})}
    answer = by_tus(yard, "developer", archive.bytes())
    assert answer.status_code == 204, answer.content
    job = ended(Job.objects.get(pk=answer["Upload-Job"]))
    assert job.state == "done", job.error
    return name


@pytest.fixture
def run(yard: Yard, docker_cli: DockerCli) -> Iterator[Callable[..., str]]:
    """``run(image, words)`` as the developer; all are removed."""

    def make(image: str, words: str = "") -> str:
        line = f"docker run -d --network none -l {yard.mark}=1 {words} {image}"
        return actions.run(yard.who, "dock", from_line(line).spec)

    yield make
    for id in containers(docker_cli, yard):
        docker_cli("rm", "-fv", id)


def containers(docker_cli: DockerCli, yard: Yard) -> list[str]:
    return docker_cli("ps", "-aq", "--filter", f"label={yard.mark}").stdout.split()


def test_what_an_image_says_of_itself_a_run_gives_it_no_more(
    yard: Yard, run: Callable[..., str], docker_cli: DockerCli
) -> None:
    name = loaded(yard, ASKED)
    id = run(name)
    told = json.loads(docker_cli("inspect", id).stdout)[0]
    host = told["HostConfig"]
    given = ("Privileged", "Binds", "CapAdd", "Devices", "PortBindings", "PublishAllPorts")
    assert {key: host[key] for key in given if host[key]} == {}
    assert host["SecurityOpt"] == ["no-new-privileges"]
    assert {mount["Type"] for mount in told["Mounts"]} == {"volume"}
    assert OwnedContainer.objects.get(container_id=id).team == yard.shop
    assert id in engine_of("dock").mirror.snapshot.containers, "as a helper it would be hidden"
    no_way_out(yard, id, docker_cli)
    grant(yard.bank, Role.DEVELOPER, selector="project", value="bank")
    with pytest.raises(Denied, match="labels"):  # it would stand among another team's
        run(name)
    assert len(containers(docker_cli, yard)) == 1


def no_way_out(yard: Yard, id: str, docker_cli: DockerCli) -> None:
    assert not Path("/etc", yard.mark).exists()
    read = ("/bin/busybox", "dd", "if=/evil", "of=/dev/null", "count=1")
    tried = docker_cli("exec", id, *read, check=False)
    assert tried.returncode
    assert "not permitted" in tried.stderr.lower()
    bank = Client(headers={"accept": "text/html"})
    yard.bank.members.add(user("banker"))
    bank.force_login(user("banker"))
    assert bank.get(f"/hosts/dock/containers/{id}/").status_code == 404


CHECK = {"Test": ["CMD", "true"]}
COSTLY: list[tuple[dict[str, Any], str]] = [
    ({"Healthcheck": {**CHECK, "Interval": 10**6}}, "health_interval"),
    ({"Volumes": {f"/v{n}": {} for n in range(60)}}, "image"),
]


def test_what_an_image_checks_of_its_health_is_judged_as_it_would_be_run() -> None:
    """Engines before API 1.44 know no interval of the start."""
    often = {"Healthcheck": {**CHECK, "Interval": 10**6, "StartInterval": 10**6}}
    found = {each.field for each in image_fence.breaches(ContainerSpec("x"), often)}
    assert found == {"health_interval", "health_start_interval"}
    slower = ContainerSpec("x", health_interval=10**9, health_start_interval=10**9)
    off = ContainerSpec("x", health_test=("NONE",))
    assert not [*image_fence.breaches(slower, often), *image_fence.breaches(off, often)]
    own = ContainerSpec("x", health_test=("CMD", "true"))  # the engine fills in what it leaves out
    assert len(image_fence.breaches(own, {"Healthcheck": {"Interval": 10**6}})) == 1


def test_what_an_image_would_cost_all_is_refused_when_it_is_run(
    yard: Yard, run: Callable[..., str], docker_cli: DockerCli
) -> None:
    for config, field in COSTLY:
        name = loaded(yard, {**config, "Entrypoint": ["/bin/busybox", "sleep", "9"]})
        with pytest.raises(Fenced) as refused:
            run(name)
        assert field in dict(refused.value.breaches)
        api = Program(yard.tokens["developer"])
        answer = api.post("hosts/dock/containers", {"image": name})
        assert answer.status_code == 403
        assert f'"{field}"' in answer.content.decode()
        assert containers(docker_cli, yard) == []
    run(loaded(yard, COSTLY[0][0] | {"Entrypoint": ["/bin/busybox"]}), "--no-healthcheck")
