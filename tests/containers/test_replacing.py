"""A container made anew: as it was but for what was changed, or as it was altogether."""

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from access.actors import Actor
from access.models import OwnedContainer
from access.targets import ContainerTarget
from audit.models import Entry
from containers import actions, replacements, swap
from containers.models import Replacement
from containers.originals import original
from engine.commands import Commands
from engine.errors import Conflict, EngineSilent, Refused
from engine.specs import ContainerSpec
from hosts.live import engine_of
from jobs.models import Job
from tests.access.people import actor, team, user
from tests.conftest import DockerCli
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime

STEPS = ("create", "connect", "stop", "step_aside", "take_name", "start", "stands", "finish")


@pytest.fixture
def root(runtime: Loop, monkeypatch: pytest.MonkeyPatch) -> Actor:
    monkeypatch.setattr(swap, "ALIVE_SECONDS", 0.3)
    return actor(user("root", is_superuser=True))


@pytest.fixture
def net(docker_cli: DockerCli) -> Iterator[tuple[str, str]]:
    """Two networks, the first with addresses of our choice."""
    mark = secrets.token_hex(3)
    names = f"anew-a-{mark}", f"anew-b-{mark}"
    third = secrets.randbelow(250)
    docker_cli("network", "create", "--internal", "--subnet", f"10.217.{third}.0/24", names[0])
    docker_cli("network", "create", "--internal", names[1])
    yield names
    docker_cli("network", "rm", *names, check=False)


def target_of(id: str) -> ContainerTarget:
    return ContainerTarget.of(
        "dock", until(lambda: engine_of("dock").mirror.snapshot.containers.get(id), 20)
    )


def inspect(docker_cli: DockerCli, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(docker_cli("inspect", "--type", "container", name).stdout)[0]
    return found


def ended(job: Job) -> Job:
    until(lambda: not Job.objects.get(pk=job.pk).active, 60)
    return Job.objects.get(pk=job.pk)


@pytest.fixture
def old(
    container: Callable[..., str], net: tuple[str, str], docker_cli: DockerCli, root: Actor
) -> Iterator[str]:
    """A running one with two networks, an address, a name there, and volumes; its name."""
    name = f"anew-{secrets.token_hex(4)}"
    options = ("--name", name, "--network", net[0], "--network-alias", "shop", "--stop-timeout=0")
    options += ("-v", "/anonymous", "-v", f"{name}-data:/data", "-e", "A=1", "--label", "x=y")
    id = container("sleep", "3600", options=options)
    docker_cli("network", "connect", "--alias", "other", net[1], id)
    docker_cli("exec", id, "sh", "-c", "echo kept > /anonymous/f; echo kept > /data/f")
    yield name
    names = docker_cli("ps", "-aq", "--filter", f"name={name}").stdout.split()
    docker_cli("rm", "-fv", *names, check=False)
    docker_cli("volume", "rm", f"{name}-data", check=False)


def changed(name: str, **fields: Any) -> tuple[ContainerTarget, ContainerSpec]:
    target = target_of(engine_of("dock").commands.inspect_container(name)["Id"])
    return target, replace(original(target).spec, **fields)


def test_it_has_its_name_volumes_networks_and_what_was_changed(
    old: str, root: Actor, docker_cli: DockerCli, net: tuple[str, str]
) -> None:
    before = inspect(docker_cli, old)
    owner = OwnedContainer.objects.create(
        host="dock", container_id=before["Id"], team=team("shop"), how="created"
    )
    target, spec = changed(old, env=(("A", "2"),))
    job = ended(actions.edit(root, target, spec))
    assert job.state == "done", job.error
    after = inspect(docker_cli, old)
    assert after["Id"] != before["Id"] == target.id
    assert after["State"]["Running"]
    assert "A=2" in after["Config"]["Env"]
    for aliased, alias in zip(net, ("shop", "other"), strict=True):
        assert alias in after["NetworkSettings"]["Networks"][aliased]["Aliases"]
    told = docker_cli("exec", old, "cat", "/anonymous/f", "/data/f").stdout
    assert told == "kept\nkept\n"
    names = {m["Destination"]: m["Name"] for m in before["Mounts"]}
    assert {m["Destination"]: m["Name"] for m in after["Mounts"]} == names
    owner.refresh_from_db()
    assert (owner.container_id, owner.team) == (after["Id"], team("shop"))
    assert docker_cli("inspect", before["Id"], check=False).returncode
    assert not Replacement.objects.exists()
    rows = Entry.objects.filter(event="container.edit").order_by("seq")
    assert [(row.result, row.object_id) for row in rows] == [
        ("intent", before["Id"]),
        ("ok", after["Id"]),
    ]
    again, spec = changed(old)
    assert ended(actions.edit(root, again, spec)).state == "done"
    assert {m["Destination"]: m["Name"] for m in inspect(docker_cli, old)["Mounts"]} == names


@pytest.mark.parametrize("step", STEPS)
def test_a_failure_at_any_step_leaves_it_as_it_was(
    step: str, old: str, root: Actor, docker_cli: DockerCli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the step and after it: what it did is undone, too."""
    before = standing(docker_cli, old)
    target, spec = changed(old, env=(("A", "2"),))
    volume = f"{old}-new"
    mounts = (*spec.mounts, *spec_of(f"-v {volume}:/new").mounts)
    failing(monkeypatch, step)
    job = ended(actions.edit(root, target, replace(spec, mounts=mounts)))
    assert (job.state, "injected" in job.error) == ("failed", True), job.error
    assert standing(docker_cli, old) == before
    assert not docker_cli("volume", "ls", "-q", "--filter", f"name={volume}").stdout
    assert len(docker_cli("ps", "-aq", "--filter", f"name={old}").stdout.split()) == 1
    assert not Replacement.objects.exists()
    assert Entry.objects.filter(event="container.edit", result="failed").exists()


def spec_of(words: str) -> ContainerSpec:
    from engine.command_line import from_line

    return from_line(f"docker run {words} x").spec


def failing(monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    """The engine's call of this step fails; a step of ours fails after it was done."""
    if step == "finish":

        def refuse(*asked: Any) -> bool:
            raise Refused("injected")

        monkeypatch.setattr(swap, "remove_old", refuse)
        return
    done = getattr(swap.Swap, step)

    def then_fail(self: swap.Swap, *asked: Any) -> None:
        done(self, *asked)
        raise Refused("injected")

    monkeypatch.setattr(swap.Swap, step, then_fail)


def standing(docker_cli: DockerCli, name: str) -> dict[str, Any]:
    """What has to be as it was; addresses are given anew with each start."""
    found = inspect(docker_cli, name)
    networks = found["NetworkSettings"]["Networks"]
    return {
        "id": found["Id"],
        "name": found["Name"],
        "running": found["State"]["Running"],
        "config": found["Config"],
        "host": found["HostConfig"],
        "mounts": sorted(found["Mounts"], key=str),
        "networks": {key: (each["IPAMConfig"], each["Aliases"]) for key, each in networks.items()},
    }


@pytest.mark.parametrize("step", STEPS[:-1])
def test_what_a_crash_leaves_is_undone_by_the_next_start(
    step: str, old: str, root: Actor, docker_cli: DockerCli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As if the process had been killed right after the step."""
    before = standing(docker_cli, old)
    target, spec = changed(old, env=(("A", "2"),))
    monkeypatch.setattr(replacements, "mend_all", lambda: None)
    monkeypatch.setattr("containers.replacing.undo", lambda commands, row: killed())
    failing(monkeypatch, step)
    ended(actions.edit(root, target, spec))
    row = Replacement.objects.get()
    replacements.mend(row)
    assert standing(docker_cli, old) == before
    assert len(docker_cli("ps", "-aq", "--filter", f"name={old}").stdout.split()) == 1
    assert not Replacement.objects.exists()


def killed() -> None:
    raise Refused("killed")
