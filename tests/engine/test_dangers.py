"""What an inspect says of a container's reach, on a real engine and by itself."""

from collections.abc import Callable

import pytest

from engine.commands import Commands
from engine.dangers import dangers_of


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
