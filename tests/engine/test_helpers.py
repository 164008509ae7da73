"""Helper containers: what an image and a volume hold, read without anything that runs."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from engine.archive import list_directory
from engine.engine import SWEEP_SECONDS, Engine
from engine.errors import Conflict, NotFound
from engine.helpers import LABEL, LINGER, MOST, MOST_EACH, PREFIX, Helpers, is_helper, volume_at
from engine.types import ContainerRow
from tests.conftest import DockerCli
from tests.running_engine import running, until


@pytest.fixture
async def engine(engine_url: str) -> AsyncIterator[Engine]:
    async with running(engine_url) as made:
        yield made


@pytest.fixture
def image(docker_cli: DockerCli, busybox: str) -> Iterator[str]:
    """One of its own, so that helpers of others do not count; it declares a volume with a file."""
    name = f"helped-{secrets.token_hex(4)}:1"
    text = f"FROM {busybox}\nRUN mkdir /kept && echo hi > /kept/file\nVOLUME /kept\n"
    yield docker_cli("build", "-q", "-t", name, "-", input=text).stdout.strip()
    docker_cli("rmi", "-f", name)


async def names_in(engine: Engine, id: str, path: str) -> set[str]:
    async with engine.streams.get_archive(id, f"{path}/.") as (_stat, pieces):
        return {entry.name for entry in (await list_directory(pieces)).entries}


def volumes(docker_cli: DockerCli) -> set[str]:
    return set(docker_cli("volume", "ls", "-q").stdout.split())


async def test_an_image_is_read_and_nobody_sees_by_what(
    engine: Engine, image: str, docker_cli: DockerCli
) -> None:
    async with engine.mirror.events() as events:
        with engine.helpers.borrowed(image) as id:
            mounted = docker_cli("inspect", "-f", "{{json .Mounts}}", id).stdout
            assert '"volume"' not in mounted, "no anonymous volume for what the image declares"
            assert await names_in(engine, id, "/kept") == {"file"}
            await until(lambda: id in engine.mirror.hidden, 20)
            assert id not in engine.mirror.snapshot.containers
            assert docker_cli("inspect", "-f", "{{.State.Status}}", id).stdout.strip() == "created"
            with engine.helpers.borrowed(image) as same:
                assert same == id
        await asyncio.to_thread(engine.helpers.release, image=image)
        await until(lambda: id not in engine.mirror.hidden, 20)
        assert docker_cli("inspect", id, check=False).returncode
        docker_cli("tag", image, f"{PREFIX}told:{id[:12]}")
        docker_cli("rmi", f"{PREFIX}told:{id[:12]}")
        async with asyncio.timeout(20):
            async for event in events:
                assert event.id != id
                if event.action == "untag" and event.id == image.removeprefix("sha256:"):
                    break


async def test_a_volume_is_read_and_stays_as_it_is(
    engine: Engine, image: str, docker_cli: DockerCli
) -> None:
    name = f"helped-{secrets.token_hex(4)}"
    docker_cli("volume", "create", name)
    try:
        with engine.helpers.borrowed(image, (volume_at(name, "/kept"),)) as id:
            assert await names_in(engine, id, "/kept") == set(), "nothing of the image is copied"
        await asyncio.to_thread(engine.helpers.release, volume=name)
        assert name in volumes(docker_cli)
    finally:
        docker_cli("volume", "rm", name)


async def test_what_is_in_use_stays_and_what_is_not_goes_in_time(
    engine: Engine, image: str, docker_cli: DockerCli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.helpers.LINGER", 0.0)
    with engine.helpers.borrowed(image) as id:
        engine.helpers.release(image=image)
        engine.helpers.sweep({})
        assert not docker_cli("inspect", id, check=False).returncode
    engine.helpers.sweep({})
    assert docker_cli("inspect", id, check=False).returncode


async def test_what_a_dead_server_left_goes_and_what_another_uses_does_not(
    engine: Engine, image: str, docker_cli: DockerCli
) -> None:
    dead, alive = Helpers(engine.commands), Helpers(engine.commands)
    old, young = dead.enter(image).id, alive.enter(image).id
    await until(lambda: {old, young} <= engine.mirror.hidden.keys(), 20)
    rows = {id: engine.mirror.hidden[id] for id in (old, young)}
    rows[old] = with_age(rows[old], timedelta(minutes=11))
    engine.helpers.sweep(rows)
    assert docker_cli("inspect", old, check=False).returncode
    assert not docker_cli("inspect", young, check=False).returncode
    alive.close()


def with_age(row: ContainerRow, age: timedelta) -> ContainerRow:
    return replace(row, created=datetime.now(UTC) - age)


async def test_one_that_is_gone_is_made_again(
    engine: Engine, image: str, docker_cli: DockerCli
) -> None:
    def read_gone() -> None:
        with engine.helpers.borrowed(image) as id:
            docker_cli("rm", id)
            engine.commands.stat(id, "/")

    with pytest.raises(NotFound):
        read_gone()
    with engine.helpers.borrowed(image) as id:
        assert engine.commands.stat(id, "/").is_dir


class FakeCommands:
    """An engine that makes and removes what it is asked to."""

    def __init__(self) -> None:
        self.there: list[str] = []

    def inspect_image(self, image: str) -> dict[str, object]:
        return {}

    def create(self, spec: object) -> str:
        self.there.append(secrets.token_hex(32))
        return self.there[-1]

    def remove(self, id: str, force: bool, volumes: bool) -> None:
        self.there.remove(id)


def test_too_many_are_refused_in_words() -> None:
    helpers = Helpers(FakeCommands())  # type: ignore[arg-type]
    for number in range(MOST):
        helpers.enter(f"image {number}")
    with pytest.raises(Conflict, match="try again soon"):
        helpers.enter("one more")
    helpers.enter("image 3")


def test_one_person_has_a_share_and_leaves_the_others_theirs() -> None:
    helpers = Helpers(FakeCommands())  # type: ignore[arg-type]
    loans = [helpers.enter(f"image {number}", who=7) for number in range(MOST_EACH)]
    again = helpers.enter("image 0", who=7)
    with pytest.raises(Conflict, match="end"):
        helpers.enter("one more", who=7)
    with pytest.raises(Conflict, match="end"):
        helpers.enter("theirs", who=7)
    other = helpers.enter("image 0", who=8)
    helpers.leave(again)
    with pytest.raises(Conflict):
        helpers.enter("one more", who=7)
    helpers.leave(loans[0])
    assert helpers.enter("one more", who=7).id != other.id


def test_what_nobody_uses_makes_room() -> None:
    """Of those that linger, the one goes that was left first; they are no hindrance."""
    commands = FakeCommands()
    helpers = Helpers(commands)  # type: ignore[arg-type]
    loans = [helpers.enter(f"image {number}", who=number) for number in range(1, MOST + 1)]
    helpers.leave(loans[5])
    helpers.leave(loans[2])
    helpers.enter("one more", who=99)
    assert loans[5].id not in commands.there
    assert loans[2].id in commands.there
    assert len(commands.there) == MOST


def test_they_linger_no_longer_than_from_one_folder_to_the_next() -> None:
    """A hand on the host that removes an image or a volume has to wait for both."""
    assert LINGER + SWEEP_SECONDS <= 15


@pytest.mark.parametrize(
    ("label", "state", "hidden"),
    [("itself", "created", True), ("itself", "running", False), ("", "created", False)],
)
def test_only_what_never_started_and_names_itself_is_hidden(
    label: str, state: str, hidden: bool
) -> None:
    name = f"{PREFIX}0"
    labels = {LABEL: name} if label else {LABEL: "another"}
    row = ContainerRow("f" * 64, name, "x", "x", "", datetime.now(UTC), state, "", labels=labels)
    assert is_helper(row) is hidden
    labels = {LABEL: "web"}  # as an image may be labelled that is run under this name
    assert not is_helper(replace(row, name="web", labels=labels))
