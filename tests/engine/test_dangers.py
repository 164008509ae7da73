"""What an inspect says of a container's reach, on a real engine and by itself."""

import secrets
from collections.abc import Callable, Iterator

import pytest
from django.conf import LazySettings

from access.dangers import dangers
from engine.commands import Commands
from engine.commands.reach import host_path
from engine.dangers import dangers_of
from engine.keeper import with_known
from tests.conftest import DockerCli


@pytest.mark.parametrize(
    ("host", "words"),
    [
        ({}, ()),
        ({"Privileged": True, "MaskedPaths": []}, ("privileged",)),
        ({"CapAdd": ["SYS_ADMIN"]}, ("CapAdd SYS_ADMIN",)),
        ({"NetworkMode": "host"}, ("NetworkMode host",)),
        ({"NetworkMode": "bridge", "PidMode": "", "IpcMode": "private"}, ()),
        ({"PidMode": "container:abc"}, ("PidMode container:abc",)),
        ({"Devices": [{"PathOnHost": "/dev/sda"}]}, ("Devices /dev/sda",)),
        ({"SecurityOpt": ["seccomp=unconfined"]}, ("SecurityOpt seccomp=unconfined",)),
        ({"SecurityOpt": ["no-new-privileges"]}, ()),
        ({"MaskedPaths": []}, ("no masked paths",)),
        ({"VolumesFrom": ["db:ro"]}, ("VolumesFrom db:ro",)),
    ],
)
def test_each_is_named(host: dict[str, object], words: tuple[str, ...]) -> None:
    assert dangers_of({"HostConfig": host}) == words


def test_the_engine_says_so(engine_url: str, container: Callable[..., str]) -> None:
    commands = Commands(engine_url)
    plain = container("true", start=False)
    risky = container("true", options=("--privileged", "--pid", "host"), start=False)
    assert commands.container(plain).dangers == ()
    assert {"privileged", "PidMode host"} <= set(commands.container(risky).dangers or ())
    commands.close()


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({}, ""),
        ({"o": "size=1g"}, ""),
        ({"type": "tmpfs", "device": "tmpfs", "o": "size=1g"}, ""),
        ({"type": "nfs", "device": ":/share", "o": "addr=192.0.2.1,rw"}, ""),
        ({"type": "none", "device": "/etc", "o": "bind"}, "/etc"),
        ({"type": "nfs", "device": "/etc", "o": "ro,bind"}, "/etc"),
        ({"device": "/srv", "o": "rbind"}, "/srv"),
        ({"type": "ext4", "device": "/dev/sda1"}, "/dev/sda1"),
        ({"type": "overlay", "device": "overlay", "o": "lowerdir=/"}, "overlay lowerdir=/"),
    ],
)
def test_what_a_volume_is_by_its_options(options: dict[str, str], path: str) -> None:
    assert host_path(options) == path


@pytest.fixture
def bound(docker_cli: DockerCli) -> Iterator[str]:
    """A volume that is a path of the host."""
    name = f"wharfinger-test-{secrets.token_hex(6)}"
    options = ("--opt", "type=none", "--opt", "o=bind", "--opt", "device=/tmp")
    docker_cli("volume", "create", *options, name)
    yield name
    docker_cli("volume", "rm", "--force", name)


def test_a_volume_that_is_a_path_of_the_host_is_a_danger(
    engine_url: str, bound: str, container: Callable[..., str], settings: LazySettings
) -> None:
    commands = Commands(engine_url)
    row = commands.container(container("true", options=("-v", f"{bound}:/data"), start=False))
    assert dangers(row) == ("/tmp → /data",)
    listed = next(each for each in commands.containers() if each.id == row.id)
    assert dangers(with_known(listed, row)) == dangers(row)
    settings.BIND_ALLOW = {"/tmp": True}
    assert dangers(row) == ()
    plain = commands.container(container("true", options=("-v", "/data"), start=False))
    assert dangers(plain) == ()
    commands.close()
