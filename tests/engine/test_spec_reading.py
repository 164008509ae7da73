"""What an inspect does not say plainly and is read back all the same: each was lost once."""

import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from containers.originals import Original, carried, read, tell_network
from engine.commands import Commands
from engine.errors import NotFound
from engine.spec_values import MountFlag, MountKind
from engine.specs import ContainerSpec, MountSpec, NetworkSpec
from tests.free_fields import Cast
from tests.free_specs import free_cast as free_cast
from tests.spec_lines import made_up_volumes


@pytest.fixture
def engine(engine_url: str) -> Iterator[Commands]:
    """Containers named ``reading-…`` are gone afterwards."""
    commands = Commands(engine_url)
    yield commands
    for row in commands.containers():
        if row.name.startswith("reading-"):
            with suppress(NotFound):
                commands.remove(row.id, True, True)
    commands.close()


def read_back(engine: Commands, spec: ContainerSpec, start: bool = False) -> Original:
    id = engine.create(replace(spec, name=f"reading-{secrets.token_hex(4)}"))
    for network in spec.networks[1:]:
        engine.connect(id, network)
    if start:
        engine.start(id)
    container = engine.inspect_container(id)
    tell_network(container, engine)
    return read(container, engine.inspect_image(container["Image"]), engine.facts().raw)


def test_an_entrypoint_that_is_the_images_own_and_switched_its_command_off(
    engine: Commands, free_cast: Cast
) -> None:
    spec = ContainerSpec(free_cast.images[1], entrypoint=("/bin/sh", "-c"))
    assert read_back(engine, spec).spec.entrypoint == ("/bin/sh", "-c")


def test_a_check_that_is_off_has_no_times_of_the_images(engine: Commands, free_cast: Cast) -> None:
    spec = ContainerSpec(free_cast.images[1], health_test=("NONE",))
    found = read_back(engine, spec).spec
    assert (found.health_test, found.health_interval) == (("NONE",), 0)
    assert found.problems() == []


@pytest.mark.parametrize("modes", [{}, {"uts_mode": "host"}])
def test_the_hosts_name_is_not_the_containers_own(
    engine: Commands, free_cast: Cast, modes: dict[str, Any]
) -> None:
    spec = ContainerSpec(free_cast.images[0], networks=(NetworkSpec("host"),), **modes)
    assert read_back(engine, spec).spec.hostname == ""


def test_nor_is_the_name_of_whose_network_it_is_in(engine: Commands, free_cast: Cast) -> None:
    inside = NetworkSpec(f"container:{free_cast.other}")
    spec = ContainerSpec(free_cast.images[0], ("sleep", "60"), networks=(inside,))
    assert read_back(engine, spec, start=True).spec.hostname == ""


@pytest.mark.parametrize("start", [False, True])
def test_a_network_by_its_id_is_one_network(engine: Commands, free_cast: Cast, start: bool) -> None:
    """Also where it comes after another one in the alphabet, and the container never ran."""
    networks = (
        NetworkSpec(free_cast.net_ids[1], ("shop",)),
        NetworkSpec(free_cast.nets[0], ("other",)),
    )
    spec = ContainerSpec(free_cast.images[0], ("sleep", "60"), networks=networks)
    assert read_back(engine, spec, start).spec.networks == networks


def test_links_in_a_network_of_ones_own(engine: Commands, free_cast: Cast) -> None:
    links = (f"{free_cast.other}:peer",)
    networks = (NetworkSpec(free_cast.nets[0]),)
    spec = ContainerSpec(free_cast.images[0], networks=networks, links=links)
    found = read_back(engine, spec)
    assert (found.spec.links, found.unread) == (links, ())


def test_what_the_engine_adds_to_a_privileged_one_is_not_its_own(
    engine: Commands, free_cast: Cast
) -> None:
    for field in ({"privileged": True}, {"pid_mode": "host"}, {"ipc_mode": "host"}):
        spec = ContainerSpec(free_cast.images[0], security_options=("seccomp=unconfined",), **field)
        assert read_back(engine, spec).spec.security_options == ("seccomp=unconfined",)


def test_volumes_of_no_name_are_carried_over_however_their_paths_are_written(
    engine: Commands, free_cast: Cast
) -> None:
    long = MountSpec(MountKind.VOLUME, "/b/", flag=MountFlag.MOUNT)
    spec = ContainerSpec(free_cast.images[1], mounts=(MountSpec(MountKind.VOLUME, "/a/"), long))
    first = read_back(engine, spec)
    again = read_back(engine, carried(first.spec, first))
    assert set(first.spec.mounts) == set(again.spec.mounts) == set(spec.mounts)
    names = made_up_volumes(first.inspect)
    assert made_up_volumes(again.inspect) == names
    assert set(names) == {"/a", "/b", "/data", "/of-image", "/of-image-too"}
