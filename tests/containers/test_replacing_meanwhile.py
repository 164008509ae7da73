"""What others do while a container is made anew: theirs stays theirs, and so does what is ours."""

import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from access.actors import Actor
from access.errors import Fenced
from access.models import OwnedContainer
from containers import actions, replacements, swap
from containers.models import Replacement
from containers.originals import Original, carried, original
from containers.swap import begin
from engine.command_line import from_line
from engine.errors import Conflict, Refused
from engine.helpers import volume_at
from engine.leftovers import Leftover
from engine.specs import ContainerSpec
from hosts.live import engine_of
from jobs.models import Job
from pruning.removal import InUse
from pruning.removal import remove as prune
from tests.access.people import team
from tests.conftest import DockerCli
from tests.containers.replacing_cast import ended, inspect, spec_of, target_of
from tests.containers.replacing_cast import root as root
from tests.runtime import runtime as runtime

MADE_UP = "ab" * 32


@pytest.fixture
def box(container: Callable[..., str], docker_cli: DockerCli, root: Actor) -> Iterator[str]:
    """The name of a running one, of the team shop."""
    name = f"meanwhile-{secrets.token_hex(4)}"
    options = ("--name", name, "--network", "none", "--stop-timeout=0")
    id = container("sleep", "3600", options=options)
    OwnedContainer.objects.create(host="dock", container_id=id, team=team("shop"), how="created")
    yield name
    names = docker_cli("ps", "-aq", "--filter", f"name={name}").stdout.split()
    docker_cli("rm", "-fv", *names, check=False)
    docker_cli("volume", "rm", f"{name}-new", check=False)


def with_volume(docker_cli: DockerCli, name: str) -> tuple[Any, ContainerSpec]:
    target = target_of(inspect(docker_cli, name)["Id"])
    spec = original(target).spec
    return target, replace(spec, mounts=(*spec.mounts, *spec_of(f"-v {name}-new:/new").mounts))


def edited(docker_cli: DockerCli, root: Actor, name: str) -> Job:
    target, spec = with_volume(docker_cli, name)
    return ended(actions.edit(root, target, spec))


def volumes(docker_cli: DockerCli, name: str) -> list[str]:
    return docker_cli("volume", "ls", "-q", "--filter", f"name={name}-new").stdout.split()


def doing(monkeypatch: pytest.MonkeyPatch, step: str, act: Callable[[swap.Swap], None]) -> None:
    """``act`` comes right before this step."""
    done = getattr(swap.Swap, step)

    def then(self: swap.Swap, *asked: Any) -> Any:
        act(self)
        return done(self, *asked)

    monkeypatch.setattr(swap.Swap, step, then)


def test_a_volume_that_another_made_meanwhile_is_not_removed(
    box: str, root: Actor, docker_cli: DockerCli
) -> None:
    """The server died before it made anything; by the next start the name is somebody's."""
    target, spec = with_volume(docker_cli, box)
    commands, name = engine_of("dock").commands, f"{box}-new"
    row = begin("dock", target.id, original(target), spec, commands, right="container.edit")
    assert row.volumes == [name]
    docker_cli("volume", "create", name)
    until_mended(row)
    assert volumes(docker_cli, box) == [name]
    assert inspect(docker_cli, box)["State"]["Running"]


def until_mended(row: Replacement) -> None:
    """Here, or by the runtime, which looks for such rows itself."""
    if Replacement.objects.filter(pk=row.pk).exists():
        replacements.mend(row)
    assert not Replacement.objects.filter(pk=row.pk).exists()


def test_a_reader_of_the_new_volume_is_let_go_of_first(
    box: str, root: Actor, docker_cli: DockerCli, busybox: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = engine_of("dock")
    image = engine.commands.image(busybox).id

    def read(_swap: swap.Swap) -> None:
        with engine.helpers.borrowed(image, (volume_at(f"{box}-new", "/there"),)):
            pass
        raise Refused("injected")

    doing(monkeypatch, "stop", read)
    job = edited(docker_cli, root, box)
    assert "as it was" in job.error
    assert volumes(docker_cli, box) == []


def test_the_new_one_is_whose_the_old_one_was_though_that_was_removed(
    box: str, root: Actor, docker_cli: DockerCli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By hand, on the host; by the site nobody removes it before its time."""
    tried: list[type[Exception]] = []

    def removed(running: swap.Swap) -> None:
        target = target_of(running.row.old_id)
        gone = Leftover("container", target.id, target.name)
        for act in (lambda: actions.remove(root, target), lambda: prune(engine_of("dock"), gone)):
            try:
                act()
            except (Conflict, InUse) as error:
                tried.append(type(error))
        docker_cli("rm", "-f", target.id)
        OwnedContainer.objects.filter(container_id=target.id).delete()

    doing(monkeypatch, "take_name", removed)
    job = edited(docker_cli, root, box)
    assert (job.state, job.error) == ("done", "")
    assert tried == [Conflict, InUse]
    new = inspect(docker_cli, box)
    assert new["State"]["Running"]
    assert OwnedContainer.objects.get(container_id=new["Id"]).team == team("shop")


def test_where_there_is_nothing_to_go_back_to_the_new_one_stays(
    box: str, root: Actor, docker_cli: DockerCli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def removed(running: swap.Swap) -> None:
        docker_cli("rm", "-f", running.row.old_id)
        OwnedContainer.objects.all().delete()
        raise Refused("injected")

    doing(monkeypatch, "take_name", removed)
    old = inspect(docker_cli, box)["Id"]
    job = edited(docker_cli, root, box)
    assert (job.state, "the new one stays" in job.error) == ("failed", True), job.error
    for row in Replacement.objects.all():
        until_mended(row)
    new = inspect(docker_cli, box)
    assert new["Id"] != old
    assert new["State"]["Running"]
    assert OwnedContainer.objects.get(container_id=new["Id"]).team == team("shop")
    assert volumes(docker_cli, box), "it has this volume"


def original_of(words: str, rw: bool, **more: Any) -> Original:
    spec = from_line(f"docker run {words} x").spec
    mounts = [{"Type": "volume", "Name": MADE_UP, "Destination": "/x", "RW": rw}]
    config = {"Config": {"Volumes": {"/x": {}}}, "Mounts": mounts}
    return Original(spec, config, (), **more)


@pytest.mark.parametrize("rw", [True, False])
def test_a_volume_without_a_name_is_never_more_open_than_it_was(rw: bool) -> None:
    """Of its image, by either flag, and of another container whose volumes it may only read."""
    for words in ("", "-v /x", "--mount type=volume,dst=/x", "--volumes-from db:ro"):
        old = original_of(words, rw)
        held = [mount for mount in carried(old.spec, old).mounts if mount.source]
        assert [(m.source, m.read_only) for m in held] == [(MADE_UP, not rw)], words
    theirs = original_of("--volumes-from db:ro", rw, shared=frozenset({MADE_UP}))
    kept = carried(replace(theirs.spec, volumes_from=()), theirs)
    assert not [mount for mount in kept.mounts if mount.source]


def test_it_is_not_opened_by_a_change(root: Actor, docker_cli: DockerCli, busybox: str) -> None:
    """It was given to this container alone to read, and has no name by which it could be judged."""
    name, volume = f"opened-{secrets.token_hex(4)}", secrets.token_hex(32)
    docker_cli("build", "-t", name, "-", input=f"FROM {busybox}\nVOLUME /x\n")
    mount = f"type=volume,src={volume},dst=/x,readonly"
    id = docker_cli("create", "--network", "none", "--mount", mount, name, "x").stdout.strip()
    try:
        target = target_of(id)
        spec = original(target).spec
        assert [(each.source, each.read_only) for each in spec.mounts] == [("", True)]
        for words in ("-v /x", "--mount type=volume,dst=/x"):
            opened = replace(spec, mounts=spec_of(words).mounts)
            with pytest.raises(Fenced, match="mounts: /x"):
                actions.edit(root, target, opened)
    finally:
        docker_cli("rm", id)
        docker_cli("volume", "rm", volume)
        docker_cli("rmi", name)
