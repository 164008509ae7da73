"""The mirror follows a real engine."""

import asyncio
import secrets
import statistics
import time
from collections.abc import AsyncIterator, Callable

import pytest

from engine.engine import Engine
from engine.errors import NotFound
from engine.types import ContainerRow, EngineState
from tests.conftest import DockerCli
from tests.faults import FaultyEngine
from tests.running_engine import running, until

Make = Callable[..., str]


@pytest.fixture
async def engine(engine_url: str) -> AsyncIterator[Engine]:
    async with running(engine_url) as made:
        yield made


async def cli(docker_cli: DockerCli, *args: str) -> str:
    return (await asyncio.to_thread(docker_cli, *args)).stdout.strip()


def row(engine: Engine, id: str) -> ContainerRow | None:
    return engine.mirror.snapshot.containers.get(id)


async def test_it_knows_what_is_there_and_inspects_it(engine_url: str, container: Make) -> None:
    id = container("sh", "-c", "exit 3", options=("--tty", "--memory", "64m", "--cpus", "0.5"))
    async with running(engine_url) as engine:
        await until(lambda: (found := row(engine, id)) is not None and found.inspected, 20)
        found = row(engine, id)
        assert found is not None
        assert (found.state, found.exit_code, found.tty) == ("exited", 3, True)
        assert (found.memory_limit, found.cpu_limit) == (64 * 1024 * 1024, 0.5)
        assert found.started_at is not None
        assert found.finished_at is not None
        image = engine.mirror.snapshot.images[found.image_id]
        assert found in engine.mirror.snapshot.containers_of_image(image.id)
        await until(lambda: engine.mirror.snapshot.images[image.id].layer_digests, 20)
        facts = engine.mirror.snapshot.facts
        assert facts is not None
        assert facts.version


async def test_a_row_follows_every_event_of_its_container(
    engine: Engine, container: Make, docker_cli: DockerCli
) -> None:
    id = await asyncio.to_thread(container)
    seen = lambda state: lambda: (found := row(engine, id)) and found.state == state  # noqa: E731
    await until(seen("running"))
    for verb, state in (("pause", "paused"), ("unpause", "running"), ("stop", "exited")):
        await cli(docker_cli, verb, *(("-t", "0") if verb == "stop" else ()), id)
        await until(seen(state), 1)
    name = f"mirror-{secrets.token_hex(4)}"
    await cli(docker_cli, "rename", id, name)
    await until(lambda: engine.mirror.find_container(name), 1)
    await cli(docker_cli, "rm", id)
    await until(lambda: row(engine, id) is None, 1)


async def test_health_and_limits_follow(
    engine: Engine, container: Make, docker_cli: DockerCli
) -> None:
    options = ("--health-cmd", "true", "--health-interval", "500ms")
    id = await asyncio.to_thread(container, "sleep", "60", options=options)
    await until(lambda: (found := row(engine, id)) and found.health == "healthy", 10)
    await cli(docker_cli, "update", "--memory", "32m", "--memory-swap", "32m", id)
    await until(lambda: (found := row(engine, id)) and found.memory_limit == 32 << 20, 1)


async def test_what_changes_no_row_costs_no_call(
    faulty_engine: FaultyEngine, container: Make, docker_cli: DockerCli
) -> None:
    """A health check makes three events each time, a shell some more."""
    options = ("--health-cmd", "true", "--health-interval", "100ms")
    id = await asyncio.to_thread(container, "sleep", "60", options=options)
    async with running(faulty_engine.url) as engine, engine.mirror.events() as events:
        await until(lambda: (found := row(engine, id)) and found.health == "healthy", 10)
        await until(
            lambda: all(row.inspected for row in engine.mirror.snapshot.containers.values()), 20
        )
        await asyncio.sleep(0.3)
        before = faulty_engine.count(f"GET /containers/{id}/json")
        checks = 0
        while checks < 5:
            event = await anext(events)
            checks += event.id == id and event.action == "exec_die"
        await cli(docker_cli, "exec", id, "true")
        assert faulty_engine.count(f"GET /containers/{id}/json") == before


async def test_images_follow_tags_and_removal(
    engine: Engine, busybox: str, docker_cli: DockerCli
) -> None:
    name = f"mirror-{secrets.token_hex(4)}"
    image = engine.mirror.find_image(busybox)
    assert image is not None
    await cli(docker_cli, "tag", busybox, f"{name}:1")
    await until(lambda: engine.mirror.find_image(f"{name}:1"), 1)
    made = await cli(docker_cli, "commit", await cli(docker_cli, "create", busybox), f"{name}:1")
    await until(lambda: engine.mirror.find_image(f"{name}:1").id == made[7:], 1)
    assert f"{name}:1" not in engine.mirror.snapshot.images[image.id].tags
    await cli(docker_cli, "rmi", f"{name}:1")
    await until(lambda: made[7:] not in engine.mirror.snapshot.images, 1)
    for id in (await cli(docker_cli, "ps", "-aqf", f"ancestor={busybox}")).split():
        if "create" in await cli(docker_cli, "inspect", "-f", "{{.State.Status}}", id):
            await cli(docker_cli, "rm", id)


async def test_pages_cost_no_engine_call(faulty_engine: FaultyEngine) -> None:
    async with running(faulty_engine.url) as engine:
        await until(
            lambda: all(found.inspected for found in engine.mirror.snapshot.containers.values()), 20
        )
        before = len(faulty_engine.requests)
        for _ in range(1000):
            engine.mirror.find_container("nobody")
            list(engine.mirror.snapshot.containers.values())
        assert len(faulty_engine.requests) == before
        assert faulty_engine.count(r"GET /containers/json") == 1
        assert faulty_engine.count(r"GET /info") == 1


async def test_from_event_to_change_in_milliseconds(
    engine: Engine, container: Make, docker_cli: DockerCli
) -> None:
    """Loose here, for machines are noisy: ``script/bench`` measures it."""
    id = await asyncio.to_thread(container)
    took: list[float] = []
    async with engine.mirror.events() as events:
        for number in range(10):
            name = f"{id[:12]}-{number}"
            asking = asyncio.ensure_future(cli(docker_cli, "rename", id, name))
            while (event := await anext(events)).action != "rename" or event.id != id:
                pass
            await until(lambda name=name: engine.mirror.find_container(name))
            took.append(time.time() - event.time_ns / 1e9)
            await asking
    print("event to row:", sorted(took))
    assert statistics.median(took) < 0.2, took


async def test_viewers_get_at_most_four_changes_a_second_and_the_last_state(
    engine: Engine, container: Make, docker_cli: DockerCli
) -> None:
    id = await asyncio.to_thread(container)
    got: list[float] = []
    async with engine.mirror.subscribe() as changes:

        async def watch() -> None:
            async for change in changes:
                if id in change.containers:
                    got.append(time.monotonic())

        watching = asyncio.ensure_future(watch())
        start = time.monotonic()
        for number in range(20):
            await cli(docker_cli, "rename", id, f"{id[:12]}-{number}")
        lasted = time.monotonic() - start
        await until(lambda: (found := row(engine, id)) and found.name == f"{id[:12]}-19", 2.5)
        await asyncio.sleep(0.3)
        watching.cancel()
    assert 1 <= len(got) <= (lasted + 3) * 4 + 1
    assert all(later - earlier > 0.49 for earlier, later in zip(got, got[2:], strict=False))


async def test_wait_seen_returns_when_the_mirror_saw_the_action(
    engine: Engine, container: Make
) -> None:
    id = await asyncio.to_thread(container)
    await until(lambda: row(engine, id))

    def act() -> float:
        before = engine.mirror.snapshot.version
        engine.commands.pause(id)
        start = time.monotonic()
        engine.mirror.wait_seen("container", id, before)
        return time.monotonic() - start

    took = await asyncio.to_thread(act)
    found = row(engine, id)
    assert found is not None
    assert found.state == "paused"
    assert took < 0.4


async def test_wait_seen_asks_when_no_event_comes(
    faulty_engine: FaultyEngine, container: Make, docker_cli: DockerCli
) -> None:
    """The stream of events hangs: the row is right all the same."""
    id = await asyncio.to_thread(container)
    faulty_engine.inject(r"GET /events", hold_after=150)
    async with running(faulty_engine.url) as engine:
        await until(lambda: row(engine, id))
        before = engine.mirror.snapshot.version
        await cli(docker_cli, "pause", id)
        await asyncio.to_thread(engine.mirror.wait_seen, "container", id, before, 0.2)
        found = row(engine, id)
        assert found is not None
        assert found.state == "paused"
        await cli(docker_cli, "rm", "-f", id)
        await asyncio.to_thread(engine.mirror.wait_seen, "container", id, before + 99, 0.2)
        assert row(engine, id) is None


async def test_wait_seen_brings_back_nothing_that_never_was(engine: Engine) -> None:
    await asyncio.to_thread(engine.mirror.wait_seen, "container", "f" * 64, 0, 0.1)
    assert row(engine, "f" * 64) is None
    with pytest.raises(NotFound):
        engine.commands.container("f" * 64)


async def test_events_reach_listeners(
    engine: Engine, container: Make, docker_cli: DockerCli
) -> None:
    async with engine.mirror.events() as events:
        id = await asyncio.to_thread(container)
        async with asyncio.timeout(5):
            while (event := await anext(events)).id != id or event.action != "start":
                pass
        assert event.kind == "container"


async def test_a_storm_costs_few_lists_and_ends_in_the_truth(
    faulty_engine: FaultyEngine, container: Make, docker_cli: DockerCli
) -> None:
    async with running(faulty_engine.url) as engine:
        lists = faulty_engine.count(r"GET /containers/json")
        start = time.monotonic()
        ids = [await asyncio.to_thread(container, start=False) for _ in range(15)]
        try:
            await cli(docker_cli, "start", *ids)
            for number in range(4):
                verb = ("unpause",) if number % 2 else ("pause",)
                await cli(docker_cli, *verb, *ids)
        finally:
            await cli(docker_cli, "rm", "-f", *ids)
        lasted = time.monotonic() - start
        await until(lambda: not any(id in engine.mirror.snapshot.containers for id in ids), 2.5)
        assert faulty_engine.count(r"GET /containers/json") - lists <= lasted / 2 + 2


async def test_a_container_that_answers_nothing_holds_up_nobody(
    faulty_engine: FaultyEngine, container: Make, docker_cli: DockerCli
) -> None:
    """A stalled copy wedges inspect of its container; the list still tells its state."""
    wedged, other = await asyncio.to_thread(container), await asyncio.to_thread(container)
    faulty_engine.inject(rf"GET /containers/{wedged}/json", stall=True)
    async with running(faulty_engine.url) as engine:
        await until(lambda: (found := row(engine, other)) and found.inspected, 20)
        await cli(docker_cli, "pause", wedged)
        await until(lambda: (found := row(engine, wedged)) and found.state == "paused", 6)
        await cli(docker_cli, "pause", other)
        await until(lambda: (found := row(engine, other)) and found.state == "paused", 1)
        assert engine.mirror.snapshot.state is EngineState.UP
