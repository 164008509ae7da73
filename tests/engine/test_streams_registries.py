"""Push and pull with real registries."""

from collections.abc import AsyncIterator

import pytest

from engine.commands import Commands
from engine.errors import EngineError, Refused
from engine.streams import Streams, split_reference
from engine.types import RegistryAuth
from tests.registry import Registry


@pytest.fixture
def streams(engine_url: str) -> Streams:
    return Streams(engine_url)


@pytest.fixture
def commands(engine_url: str) -> Commands:
    return Commands(engine_url)


@pytest.mark.parametrize(
    ("reference", "parts"),
    [
        ("busybox", ("busybox", "latest")),
        ("busybox:1.36", ("busybox", "1.36")),
        ("host:5000/a/b", ("host:5000/a/b", "latest")),
        ("host:5000/a/b:c", ("host:5000/a/b", "c")),
        ("a@sha256:00", ("a", "sha256:00")),
    ],
)
def test_references(reference: str, parts: tuple[str, str]) -> None:
    assert split_reference(reference) == parts


async def drained(progress: AsyncIterator[dict[str, object]]) -> list[dict[str, object]]:
    return [item async for item in progress]


async def test_push_and_pull(
    streams: Streams, commands: Commands, registry: Registry, busybox: str
) -> None:
    name = f"{registry.address}/core/box"
    commands.tag(busybox, name, "one")
    try:
        async with streams.push(f"{name}:one") as progress:
            assert any("digest" in str(item.get("status")) for item in await drained(progress))
        commands.remove_image(f"{name}:one", force=False)
        async with streams.pull(f"{name}:one") as progress:
            assert any("up to date" in str(item) or "Downloaded" in str(item)
                       for item in await drained(progress))  # fmt: skip
        assert commands.image(f"{name}:one").id == commands.image(busybox).id
        with pytest.raises(EngineError, match=r"(?i)manifest"):
            async with streams.pull(f"{name}:none") as progress:
                await drained(progress)
    finally:
        commands.remove_image(f"{name}:one", force=False)


async def test_credentials_reach_their_registry(
    streams: Streams, commands: Commands, auth_registry: Registry, busybox: str
) -> None:
    name = f"{auth_registry.address}/core/box"
    good = RegistryAuth(auth_registry.address, auth_registry.user, auth_registry.password)
    commands.tag(busybox, name, "one")
    try:
        with pytest.raises(Refused, match=r"(?i)authentication|credentials|denied|unauthorized"):
            async with streams.push(f"{name}:one") as progress:
                await drained(progress)
        async with streams.push(f"{name}:one", good) as progress:
            await drained(progress)
        async with streams.pull(f"{name}:one", good) as progress:
            await drained(progress)
        with pytest.raises(EngineError):
            async with streams.pull(f"{name}:one") as progress:
                await drained(progress)
    finally:
        commands.remove_image(f"{name}:one", force=False)
