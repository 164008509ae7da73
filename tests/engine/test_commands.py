"""Commands on a real engine; the faults through a stand-in in front of it."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import fields

import pytest

from engine.commands import Commands
from engine.errors import (
    Conflict,
    EngineError,
    NotFound,
    Refused,
)
from engine.specs import ContainerSpec
from engine.types import ContainerRow, RegistryAuth
from tests.faults import FaultyEngine
from tests.registry import Registry

NewContainer = Callable[..., str]
INSPECTED = {"inspected", "started_at", "finished_at", "restart_policy", "memory_limit", "tty",
             "cpu_limit", "status", "dangers"}  # fmt: skip


@pytest.fixture
def commands(engine_url: str) -> Iterator[Commands]:
    made = Commands(engine_url)
    yield made
    made.close()


@pytest.fixture
def faulty(faulty_engine: FaultyEngine) -> Iterator[Commands]:
    made = Commands(faulty_engine.url)
    yield made
    made.close()


def listed(commands: Commands, id: str) -> ContainerRow:
    return next(row for row in commands.containers() if row.id == id)


def test_a_list_and_an_inspect_say_the_same(commands: Commands, container: NewContainer) -> None:
    options = ("--publish", "127.0.0.1::80", "--expose", "81/udp", "--label", "a=b",
               "--volume", "/data", "--memory", "64m", "--cpus", "0.5", "-t")  # fmt: skip
    for id in (
        container(options=options),
        container("sh", "-c", "exit 3", options=options),
        container("sleep", "a b", options=options, start=False),
    ):
        deadline = time.monotonic() + 5
        while listed(commands, id).state == "running" and time.monotonic() < deadline:
            if commands.container(id).command == "sleep 3600":
                break
        row, inspected = listed(commands, id), commands.container(id)
        differing = {
            field.name
            for field in fields(row)
            if getattr(row, field.name) != getattr(inspected, field.name)
        }
        # A volume's source is only listed while it is mounted.
        assert differing <= INSPECTED | {"mounts"}
        assert [mount.name for mount in row.mounts] == [mount.name for mount in inspected.mounts]
        assert inspected.inspected
        assert (inspected.memory_limit, inspected.cpu_limit) == (64 * 1024 * 1024, 0.5)


def test_a_list_is_one_request(faulty_engine: FaultyEngine, faulty: Commands) -> None:
    faulty.ping()
    before = len(faulty_engine.requests)
    faulty.containers()
    faulty.images()
    assert len(faulty_engine.requests) == before + 2


def test_the_life_of_a_container(commands: Commands, container: NewContainer) -> None:
    id = container()
    with pytest.raises(Conflict):
        commands.start(id)
    commands.pause(id)
    assert commands.container(id).state == "paused"
    commands.unpause(id)
    commands.restart(id, 0)
    commands.rename(id, f"core-{id[:12]}")
    assert commands.container(f"core-{id[:12]}").id == id
    commands.kill(id, "KILL")
    wait_for(lambda: commands.container(id).state == "exited")
    assert listed(commands, id).exit_code == commands.container(id).exit_code == 137
    with pytest.raises(Conflict, match="not running"):
        commands.kill(id, "KILL")
    with pytest.raises(Conflict):
        commands.stop(id, 0)
    commands.remove(id, force=False, volumes=True)
    with pytest.raises(NotFound, match="No such container"):
        commands.container(id)


def test_a_stop_waits_longer_than_the_usual_deadline(
    commands: Commands, container: NewContainer
) -> None:
    id = container("sh", "-c", "trap '' TERM; while :; do sleep 0.1; done")
    began = time.monotonic()
    commands.stop(id, 1)
    assert time.monotonic() - began >= 1
    assert commands.container(id).state == "exited"


def test_create_from_a_spec(commands: Commands, busybox: str) -> None:
    spec = ContainerSpec(image=busybox, name="core-spec-test", command=("sleep", "1"))
    id = commands.create(spec)
    try:
        assert len(id) == 64
        assert commands.container(id).command == "sleep 1"
        with pytest.raises(Conflict, match="already in use"):
            commands.create(spec)
    finally:
        commands.remove(id, force=True, volumes=True)


def test_what_is_refused_keeps_the_engines_words(commands: Commands, busybox: str) -> None:
    with pytest.raises(NotFound, match="No such image"):
        commands.create(ContainerSpec(image="core-test/none:1"))
    with pytest.raises(Refused, match="tag"):
        commands.tag(busybox, "core-test/tag", "not a tag!")


@pytest.mark.parametrize("name", ["", "..", "../images/json", "a/../../b", "a//b", "a\nb"])
def test_a_name_cannot_become_another_request(commands: Commands, name: str) -> None:
    with pytest.raises(NotFound):
        commands.inspect_container(name)
    with pytest.raises(NotFound):
        commands.image(name)


def is_there(commands: Commands, id: str, path: str) -> bool:
    try:
        return bool(commands.stat(id, path).size)
    except NotFound:
        return False


def test_files_of_a_container(commands: Commands, container: NewContainer) -> None:
    id = container("sh", "-c", "mkdir /d && ln -s /d /l && echo hi > /d/f && sleep 60")
    wait_for(lambda: is_there(commands, id, "/d/f"))
    assert commands.stat(id, "/d").is_dir
    assert commands.stat(id, "/l").link_target == "/d"
    assert commands.stat(id, "/d/f").size == 3
    with pytest.raises(NotFound, match="There is no /none"):
        commands.stat(id, "/none")
    with pytest.raises(NotFound, match="No such container"):
        commands.stat("0" * 64, "/none")
    assert "sleep 60" in str(commands.top(id)["Processes"])


def test_images(commands: Commands, busybox: str) -> None:
    image = commands.image(busybox)
    commands.tag(image.id, "core-test/tag", "one")
    row = next(row for row in commands.images() if row.id == image.id)
    assert "core-test/tag:one" in row.tags
    assert (row.size, row.created, row.labels) == (image.size, image.created, image.labels)
    assert commands.remove_image("core-test/tag:one", force=False) == [
        ("Untagged", "core-test/tag:one")
    ]
    history = commands.history(busybox)
    assert tuple(layer.digest for layer in history if layer.digest) == image.layer_digests
    with pytest.raises(NotFound):
        commands.history("core-test/none")


def test_the_host(commands: Commands) -> None:
    facts = commands.facts()
    assert facts.api_version == commands.api_version
    assert facts.version == commands.version()["Version"]
    assert facts.cpus > 0
    assert "Images" in commands.disk_usage()
    assert any(network["Name"] == "host" for network in commands.networks())
    assert isinstance(commands.volumes(), list)


def test_login_gives_the_registrys_answer(commands: Commands, auth_registry: Registry) -> None:
    good = RegistryAuth(auth_registry.address, auth_registry.user, auth_registry.password)
    assert commands.login(good) == "Login Succeeded"
    with pytest.raises(EngineError, match=r"401|unauthorized|authentication"):
        commands.login(RegistryAuth(auth_registry.address, "nobody", "wrong"))


def test_search_sends_the_term_and_the_credentials(
    faulty_engine: FaultyEngine, faulty: Commands
) -> None:
    hit = {"name": "busybox", "description": "d", "star_count": 7, "is_official": True}
    faulty_engine.inject("/images/search", answer=(200, json.dumps([hit]).encode()))
    found = faulty.search("busy", 5, RegistryAuth("docker.io", "me", "secret"))
    assert [(item.name, item.stars, item.official) for item in found] == [("busybox", 7, True)]
    assert faulty_engine.count("term=busy&limit=5") == 1


def wait_for(condition: Callable[[], bool], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
