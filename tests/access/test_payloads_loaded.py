"""Images from a file that ask for more than their loader may have: only a run judges what an image
says of itself, so it is run."""

import json
import secrets
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from access import image_fence
from access.errors import Denied, Fenced
from access.models import OwnedContainer
from access.roles import Role
from containers import actions
from dashboard.demo.rootfs import static_busybox
from engine.command_line import from_line
from engine.specs import ContainerSpec
from hosts.live import engine_of
from jobs.models import Job
from tests.access.archives import Archive, link, node, tar
from tests.access.load_cast import Yard, by_tus
from tests.access.load_cast import yard as yard
from tests.access.people import grant, user
from tests.api.client import Program
from tests.conftest import DockerCli
from tests.images.people import ended

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
