"""The image of a container that is made anew by a member: pulled for them, others' is not told."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

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
from tests.containers.test_replacing import ended, inspect, target_of
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
