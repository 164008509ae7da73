"""The image of a container that is made anew: the newest, pulled for whoever asks."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from django.test import Client

from access.actors import Actor
from access.models import OwnedContainer
from access.roles import Role
from access.targets import ContainerTarget
from containers import actions, swap
from containers.originals import original
from engine.errors import NotFound
from hosts.live import engine_of
from images.models import Registry as Known
from jobs.models import Job
from tests.access.people import actor, grant, team, user
from tests.conftest import LABEL, DockerCli
from tests.containers.replacing_cast import BUSYBOX, ended, inspect, target_of
from tests.containers.replacing_cast import ada as ada
from tests.containers.replacing_cast import root as root
from tests.registry import Registry
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime


@dataclass(frozen=True)
class Stall:
    """A member, their running container, and the reference that it is made from."""

    member: Actor
    container: ContainerTarget
    reference: str


@pytest.fixture
def stall(
    runtime: Loop,
    registry: Registry,
    busybox: str,
    docker_cli: DockerCli,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Stall]:
    monkeypatch.setattr(swap, "ALIVE_SECONDS", 0.3)
    Known.objects.create(address=registry.address)
    shop = team("shop", user("dev"))
    grant(shop, Role.DEVELOPER)
    mark = f"anew-{secrets.token_hex(4)}"
    reference = f"{registry.address}/{mark}:1"
    docker_cli("tag", busybox, reference)
    options = ("--name", mark, "--label", LABEL, "--network", "none", "--stop-timeout=0")
    id = docker_cli("run", "-d", *options, reference, "sleep", "600").stdout.strip()
    OwnedContainer.objects.create(host="dock", container_id=id, team=shop, how="created")
    yield Stall(actor(user("dev")), target_of(id), reference)
    names = docker_cli("ps", "-aq", "--filter", f"name={mark}").stdout.split()
    docker_cli("rm", "-fv", *names, check=False)
    docker_cli("rmi", "-f", reference, check=False)


def newer(stall: Stall, docker_cli: DockerCli) -> str:
    """The id of another image that the registry has under that reference; it is here, too."""
    docker_cli("commit", "--change", f"LABEL new={stall.reference}", stall.container.id, "x:x")
    docker_cli("tag", "x:x", stall.reference)
    docker_cli("rmi", "x:x")
    docker_cli("push", stall.reference)
    id = docker_cli("inspect", "-f", "{{.Id}}", "--type", "image", stall.reference).stdout.strip()
    mirror = engine_of("dock").mirror
    until(lambda: (row := mirror.find_image(stall.reference)) and row.id == id[7:], 20)
    return id


def result(job: Job) -> Job:
    found = ended(job)
    assert found.state == "done", found.error
    return found


def test_a_member_recreates_with_an_image_that_was_new_here(
    stall: Stall, docker_cli: DockerCli
) -> None:
    """Nobody held it before: it came by this very job."""
    id = newer(stall, docker_cli)
    result(actions.recreate(stall.member, stall.container))
    assert inspect(docker_cli, stall.container.name)["Image"] == id


def test_an_image_here_for_others_only_is_as_one_that_is_not_here(
    stall: Stall, docker_cli: DockerCli
) -> None:
    """It is asked of its registry either way; unpulled it is not there."""
    id = newer(stall, docker_cli)
    target = stall.container
    spec = replace(original(target).spec, env=(("A", "1"),))
    with pytest.raises(NotFound):
        actions.edit(stall.member, target, replace(spec, pull="never"))
    result(actions.edit(stall.member, target, spec))
    assert inspect(docker_cli, target.name)["Image"] == id


def test_the_newest_image_is_pulled_told_and_what_came_from_the_old_one_follows(
    ada: Client, root: Actor, registry: Registry, docker_cli: DockerCli
) -> None:
    reference, name = f"{registry.address}/anew/{secrets.token_hex(4)}:1", secrets.token_hex(6)
    ids: list[str] = []
    for version in ("2", "1"):
        text = f"FROM {BUSYBOX}\nENV V={version}\nLABEL v={version}\nCMD sleep 6{version}\n"
        ids.insert(0, docker_cli("build", "-qt", reference, "-", input=text).stdout.strip()[7:])
        docker_cli("push", reference) if version == "2" else None
    try:
        options = ("--stop-timeout=0", "--network", "none", "--label", "own=1", "-e", "OWN=1")
        made = docker_cli("run", "-d", "--name", name, *options, reference).stdout.strip()
        target = target_of(made)
        listed = f"/hosts/dock/containers/?q=is:outdated+name:{name}"
        assert "newer image" not in ada.get(listed).content.decode()
        job = ended(actions.recreate(root, target))
        assert job.state == "done", job.error
        after = inspect(docker_cli, name)
        assert (after["Id"] != made, after["Image"][7:]) == (True, ids[1])
        assert after["Config"]["Labels"] == {**after["Config"]["Labels"], "v": "2", "own": "1"}
        assert {"V=2", "OWN=1"} <= set(after["Config"]["Env"])
        assert after["Config"]["Cmd"][-1] == "sleep 62"
        again = ended(actions.recreate(root, target_of(after["Id"])))
        assert (again.state, again.result["object_id"]) == ("done", after["Id"]), again.error
        assert inspect(docker_cli, name)["Id"] == after["Id"]
        docker_cli("tag", ids[0], reference)
        until(lambda: "newer image" in ada.get(listed).content.decode(), 20)
        assert "Newer image" in ada.get(f"/hosts/dock/containers/{after['Id']}/").content.decode()
    finally:
        docker_cli("rm", "-fv", name, check=False)
        docker_cli("rmi", "-f", reference, *ids, check=False)
