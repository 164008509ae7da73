"""One upstream per key, reference-counted, with a lingering stop."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from engine.hub import Hub
from engine.threads import Door


class Counted:
    def __init__(self, key: str) -> None:
        self.key = key
        self.state = "made"
        self.finish = asyncio.Event()

    async def run(self) -> None:
        self.state = "running"
        try:
            await self.finish.wait()
        finally:
            self.state = "stopped"


@pytest.fixture
async def hub() -> AsyncIterator[Hub[str, Counted]]:
    door = Door()
    door.open(asyncio.get_running_loop())
    yield Hub(door, Counted, "counted", linger=0.05)
    await door.close()


async def test_all_holders_of_a_key_share_one(hub: Hub[str, Counted]) -> None:
    async with hub.hold("a") as one, hub.hold("a") as same, hub.hold("b") as other:
        await asyncio.sleep(0)
        assert one is same
        assert one is not other
        assert (one.state, other.state, len(hub)) == ("running", "running", 2)


async def test_it_lingers_and_then_stops(hub: Hub[str, Counted]) -> None:
    async with hub.hold("a") as one:
        await asyncio.sleep(0.1)
    assert one.state == "running"
    await asyncio.sleep(0.1)
    assert (one.state, len(hub)) == ("stopped", 0)


async def test_a_holder_in_time_keeps_it(hub: Hub[str, Counted]) -> None:
    async with hub.hold("a") as one:
        await asyncio.sleep(0)
    async with hub.hold("a") as again:
        await asyncio.sleep(0.1)
        assert again is one
        assert one.state == "running"


async def test_one_leaver_of_two_does_not_stop_it(hub: Hub[str, Counted]) -> None:
    async with hub.hold("a") as one:
        async with hub.hold("a"):
            pass
        await asyncio.sleep(0.1)
        assert one.state == "running"


async def test_one_that_finished_is_made_anew(hub: Hub[str, Counted]) -> None:
    async with hub.hold("a") as one:
        one.finish.set()
        await asyncio.sleep(0.01)
        async with hub.hold("a") as fresh:
            await asyncio.sleep(0)
            assert fresh is not one
        await asyncio.sleep(0.1)
    await asyncio.sleep(0.1)
    assert (fresh.state, len(hub)) == ("stopped", 0)


async def test_one_that_finished_is_forgotten_with_its_last_holder(
    hub: Hub[str, Counted],
) -> None:
    async with hub.hold("a") as one:
        one.finish.set()
        await asyncio.sleep(0.01)
    assert len(hub) == 0


async def test_close_stops_all_and_leaves_no_timer(hub: Hub[str, Counted]) -> None:
    async with hub.hold("a") as one:
        await asyncio.sleep(0)
    async with hub.hold("b") as other:
        await asyncio.sleep(0)
        await hub.close()
    assert (one.state, other.state, len(hub)) == ("stopped", "stopped", 0)
