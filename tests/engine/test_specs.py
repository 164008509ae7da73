"""What our body makes is what ``docker create`` makes of the same line; and read back, it is it."""

import dataclasses
import json
import secrets
import shlex
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from engine.command_line import from_line, to_line
from engine.commands import Commands
from engine.specs import (
    ContainerSpec,
    unread_fields,
)
from tests.conftest import DockerCli
from tests.spec_lines import LINES, comparable, line_of
from tests.spec_lines import names as names

# The command line refuses this on an engine before API 1.44, which does take it.
OURS_ONLY = "--mac-address 02:42:ac:11:00:99"

# Ours is always detached: the page that watches it may go, and the container stays.
ATTACHED = ("AttachStdin", "AttachStdout", "AttachStderr", "StdinOnce")


@pytest.fixture(scope="module")
def engine(engine_url: str) -> Iterator[Commands]:
    commands = Commands(engine_url)
    yield commands
    commands.close()


@pytest.fixture
def gone_again(docker_cli: DockerCli) -> Iterator[Callable[[str], dict[str, Any]]]:
    """Inspect a container, and remove it at the end."""
    made: list[str] = []

    def seen(id: str) -> dict[str, Any]:
        made.append(id)
        answer: dict[str, Any] = json.loads(docker_cli("inspect", id).stdout)[0]
        return answer

    yield seen
    for id in made:
        docker_cli("rm", "-fv", id, check=False)


@pytest.mark.parametrize("options", LINES)
def test_our_container_is_the_command_lines_container(
    options: str,
    names: dict[str, str],
    docker_cli: DockerCli,
    engine: Commands,
    gone_again: Callable[[str], dict[str, Any]],
) -> None:
    line = line_of(options, names)
    parsed = from_line(line)
    assert parsed.unknown == ()
    theirs = gone_again(docker_cli("create", *shlex.split(line)[2:]).stdout.strip())
    docker_cli("rename", theirs["Id"], f"spec-theirs-{secrets.token_hex(4)}")
    ours = gone_again(engine.create(parsed.spec))
    assert comparable(ours, *ATTACHED) == comparable(theirs, *ATTACHED)
    assert parsed.spec.problems() == []


def test_detached_it_is_equal_to_the_last_field(
    names: dict[str, str],
    docker_cli: DockerCli,
    engine: Commands,
    gone_again: Callable[[str], dict[str, Any]],
) -> None:
    line = line_of("-dit -p 0:80", names, "sleep 99")
    theirs = gone_again(docker_cli(*shlex.split(line)[1:]).stdout.strip())
    ours = gone_again(engine.create(from_line(line).spec))
    engine.start(ours["Id"])
    assert comparable(ours) == comparable(theirs)


@pytest.mark.parametrize("options", [*LINES, OURS_ONLY])
def test_read_back_it_makes_the_same_again(
    options: str,
    names: dict[str, str],
    engine: Commands,
    gone_again: Callable[[str], dict[str, Any]],
) -> None:
    first = gone_again(engine.create(from_line(line_of(options, names)).spec))
    image = engine.inspect_image(names["image"])
    info = engine.facts().raw
    spec = dataclasses.replace(ContainerSpec.from_inspect(first, image, info), name="")
    assert unread_fields(first) == ()
    again = gone_again(engine.create(spec))
    assert comparable(again) == comparable(first)
    by_line = gone_again(engine.create(from_line(to_line(spec)).spec))
    assert comparable(by_line) == comparable(first)


def test_a_plain_container_reads_back_as_a_plain_line(
    names: dict[str, str], engine: Commands, gone_again: Callable[[str], dict[str, Any]]
) -> None:
    inspect = gone_again(engine.create(ContainerSpec(names["image"], labels=(("a", "b"),))))
    image = engine.inspect_image(names["image"])
    spec = ContainerSpec.from_inspect(inspect, image, engine.facts().raw)
    line = to_line(dataclasses.replace(spec, name=""))
    assert line == f"docker run -d --label a=b {names['image']}"
