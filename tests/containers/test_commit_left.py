"""What broken-off commits leave is found again, also by the next server; not without end."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest

from access.actors import Actor
from access.errors import Denied
from access.targets import ContainerTarget
from containers import commit_left
from containers.models import OpenCommit
from engine.engine import Engine
from engine.threads import Door
from hosts.live import engine_of
from images import naming
from tests.conftest import DockerCli
from tests.containers.commit_cast import box as box
from tests.containers.commit_cast import mark as mark
from tests.runtime import Loop, until
from tests.runtime import runtime as runtime


async def test_of_too_many_the_oldest_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    door, waits = Door(), list[str]()
    door.open(asyncio.get_running_loop())

    async def never(engine: Engine, row: OpenCommit) -> None:
        waits.append(row.mark)
        try:
            await asyncio.Event().wait()
        finally:
            waits.remove(row.mark)

    monkeypatch.setattr(commit_left, "door", door)
    monkeypatch.setattr(commit_left, "clear", never)
    for number in range(commit_left.MOST + 5):
        commit_left.clear_later(cast(Engine, None), OpenCommit(str(number)))
        await asyncio.sleep(0)
    for _turn in range(5):
        await asyncio.sleep(0)
    assert waits == [str(number) for number in range(5, commit_left.MOST + 5)]
    await door.close()
    assert (waits, commit_left._waits) == ([], [])


def test_what_a_killed_server_left_is_known_by_its_mark_alone(
    box: Callable[..., ContainerTarget], runtime: Loop, docker_cli: DockerCli, mark: str
) -> None:
    """Made before the next server started, told of or not, and made after it. Others of the same
    container, made meanwhile with the same message, stay; and what got a name."""
    target, engine = box(), engine_of("dock")

    def asked(row: OpenCommit, config: dict[str, Any]) -> str:
        return runtime.run(engine.streams.commit(target.id, {"comment": mark}, config))

    pairs = [commit_left.begin(engine, target.id) for _ in range(4)]
    first, told, named = (asked(*pair) for pair in pairs[:3])
    commit_left.answered(pairs[1][0], told)
    docker_cli("tag", named, f"{mark}/named:1")
    other = docker_cli("commit", "-m", mark, target.id).stdout.strip()
    made = {first, told, other.removeprefix("sha256:")}
    runtime.run(commit_left.go_on())
    assert {*images(docker_cli, mark)} == made, "this server sees to them itself"
    commit_left._own.clear()
    runtime.run(commit_left.go_on())
    late = asked(*pairs[3])
    gone = {first, told, late}
    until(lambda: not gone & {*images(docker_cli, mark)}, 30)
    assert {*images(docker_cli, mark)} == {other.removeprefix("sha256:")}
    assert docker_cli("inspect", "-f", "{{.Id}}", f"{mark}/named:1").stdout.strip().endswith(named)
    until(lambda: [row.mark for row in OpenCommit.objects.all()] == [pairs[2][0].mark])
    docker_cli("rmi", other)


def images(docker_cli: DockerCli, text: str) -> list[str]:
    """Ids of those without a name that have this message."""
    form = "{{.Id}} {{.Comment}}"
    ids = docker_cli("images", "-q", "--filter", "dangling=true", "--no-trunc").stdout.split()
    told = docker_cli("inspect", "-f", form, *ids, check=False).stdout.splitlines() if ids else []
    found = [line.split(" ")[0] for line in told if line.endswith(f" {text}")]
    return [id.removeprefix("sha256:") for id in found]


def test_a_name_that_reads_as_an_id_is_refused_by_the_field_that_has_it() -> None:
    with pytest.raises(Denied, match=r"^reference: "):
        naming.check_free(cast(Actor, None), "dock", "deadbeefdead", "reference")
