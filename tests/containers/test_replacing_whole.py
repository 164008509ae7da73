"""What a container is made anew from is all of it: for every option of ``docker run``."""

import json
import secrets
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from access.targets import ContainerTarget
from containers.originals import original
from containers.swap import Swap, begin
from engine.command_line import from_line
from hosts.live import engine_of
from tests.conftest import DockerCli
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime
from tests.spec_lines import LINES, comparable, line_of
from tests.spec_lines import names as names

BOTH = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=6, deadline=None
)
# Each alone; and pairs of those that do not exclude each other.
APART = [line for line in LINES if "{net}" not in line]
PLAIN = [line for line in APART if not set(line.split()) & {"--network", "--name", "-m", "--rm"}]


def anew(docker_cli: DockerCli, options: str, names: dict[str, str]) -> tuple[Any, Any]:
    """Its inspect before and after, by the steps themselves: the fence is another matter."""
    commands = engine_of("dock").commands
    name = f"whole-{secrets.token_hex(4)}"
    spec = replace(from_line(line_of(options, names)).spec, name=name)
    id = commands.create(spec)
    row = until(lambda: engine_of("dock").mirror.snapshot.containers.get(id), 20)
    before = commands.inspect_container(id)
    old = original(ContainerTarget.of("dock", row))
    swap = Swap(
        commands,
        begin("dock", id, old, old.spec, commands, right="container.edit"),
        old,
        old.spec,
        lambda judged, whole: commands.create(whole),
    )
    try:
        for _told, act in swap.steps():
            act()
        assert swap.finish()
        return before, json.loads(docker_cli("inspect", name).stdout)[0]
    finally:
        docker_cli("rm", "-fv", name, check=False)
        swap.row.delete()


def equal(before: dict[str, Any], after: dict[str, Any]) -> None:
    """But for the made-up names of volumes, by which they were carried over: those are the same."""
    made_up = {
        m["Name"]: m["Destination"] for m in before["Mounts"] if len(m.get("Name", "")) == 64
    }
    held = {m["Destination"]: m.get("Name") for m in after["Mounts"]}
    own = (before["Config"].get("Volumes") or {}).keys()
    assert all(held[path] == name for name, path in made_up.items() if path in own)
    binds = after["HostConfig"]["Binds"] or []
    after["HostConfig"]["Binds"] = [b for b in binds if b.partition(":")[0] not in made_up]
    for each in before, after:
        each["Mounts"] = [m for m in each["Mounts"] if len(m.get("Name", "")) != 64]
    assert after["Name"] == before["Name"]
    assert comparable(after) == comparable(before)


def some(lines: tuple[str, ...]) -> list[Any]:
    long = pytest.mark.long
    return [
        line if at % 6 == 0 else pytest.param(line, marks=long) for at, line in enumerate(lines)
    ]


@pytest.mark.parametrize("options", some(LINES))
def test_made_anew_it_is_what_it_was(
    options: str, names: dict[str, str], runtime: Loop, docker_cli: DockerCli
) -> None:
    equal(*anew(docker_cli, options, names))


@BOTH
@given(st.sampled_from(PLAIN), st.sampled_from(PLAIN))
@pytest.mark.long
def test_so_it_is_with_two_of_them_at_once(
    names: dict[str, str], runtime: Loop, docker_cli: DockerCli, one: str, other: str
) -> None:
    flags = {word for word in one.split() if word.startswith("-")}
    if one == other or flags & set(other.split()):
        return
    try:
        found = anew(docker_cli, f"{one} {other}", names)
    except Exception as error:
        if "Refused" in type(error).__name__ or "Conflict" in type(error).__name__:
            return  # together they mean nothing to the engine
        raise
    equal(*found)
