"""Stats while somebody looks: one stream of the engine for each container, none for nobody."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from typing import Any

import pytest

from engine.hub import Hub
from engine.stats_feed import News, StatsFeed, StatsFeeds
from engine.streams import Streams
from engine.threads import Door
from tests.conftest import DockerCli

LINGER = 0.2


class Counting(Streams):
    """Knows how many streams of stats are open now, and how many ever were."""

    open = opened = 0

    @asynccontextmanager
    async def stats(self, id: str) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        async with super().stats(id) as answers:
            self.open, self.opened = self.open + 1, self.opened + 1
            try:
                yield answers
            finally:
                self.open -= 1


@pytest.fixture
def streams(engine_url: str) -> Counting:
    return Counting(engine_url)


@pytest.fixture
async def feeds(streams: Counting) -> AsyncIterator[StatsFeeds]:
    door = Door()
    door.open(asyncio.get_running_loop())
    made = StatsFeeds(streams, door)
    made.hub = Hub(door, lambda id: StatsFeed(streams, id), "stats", linger=LINGER)
    yield made
    await made.hub.close()
    await door.close()


async def until_told(news: AsyncIterator[News], wanted: Callable[[News], bool]) -> News:
    async with asyncio.timeout(30):
        async for each in news:
            if wanted(each):
                return each
    raise AssertionError("it ended before")


async def until_open(streams: Counting, count: int) -> None:
    async with asyncio.timeout(180):
        while streams.open != count:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


def with_cpu(news: News) -> bool:
    return bool(news.samples) and news.samples[-1].cpu is not None


async def test_three_viewers_have_one_stream_and_nobody_none(
    feeds: StatsFeeds, streams: Counting, container: Callable[..., str]
) -> None:
    id = container(options=("--memory", "64m"))
    async with AsyncExitStack() as stack:
        seen = [await stack.enter_async_context(aclosing(feeds.watch(id))) for _ in range(3)]
        told = [await until_told(each, with_cpu) for each in seen]
        assert {each.samples[-1].memory_limit for each in told} == {64 * 2**20}
        assert (streams.open, streams.opened) == (1, 1)
        late = await stack.enter_async_context(aclosing(feeds.watch(id)))
        first = await anext(late)  # what is kept comes first
        assert len(first.samples) >= 2
        assert list(first.samples) == sorted(first.samples, key=lambda sample: sample.at)
    await until_open(streams, 0)
    assert (len(feeds.hub), streams.opened) == (0, 1)
    async with aclosing(feeds.watch(id)) as again:
        assert (await anext(again)).samples == ()  # nothing is kept while nobody looks


async def test_who_is_slow_gets_the_latest_and_fewer(
    feeds: StatsFeeds, container: Callable[..., str]
) -> None:
    id = container()
    async with aclosing(feeds.watch(id)) as quick, aclosing(feeds.watch(id)) as slow:
        await until_told(slow, with_cpu)
        times = [(await until_told(quick, with_cpu)).samples[-1].at for _ in range(3)]
        told = await anext(slow)
        assert len(told.samples) == 1
        assert told.samples[0].at >= times[-1]


async def test_it_goes_on_when_the_container_does_and_ends_with_it(
    feeds: StatsFeeds, container: Callable[..., str], docker_cli: DockerCli
) -> None:
    id = container()
    async with aclosing(feeds.watch(id)) as news:
        await until_told(news, lambda each: each.state == "running")
        for command, state in (("kill", "stopped"), ("start", "running"), ("kill", "stopped")):
            await asyncio.to_thread(docker_cli, command, id)
            await until_told(news, lambda each, state=state: each.state == state)  # type: ignore[misc]
        await asyncio.to_thread(docker_cli, "rm", id)
        await until_told(news, lambda each: each.state == "gone")
        async with asyncio.timeout(5):
            assert [each async for each in news] == []


@pytest.mark.long
async def test_a_hundred_watched_containers_cost_one_stream_each(
    feeds: StatsFeeds, streams: Counting, container: Callable[..., str]
) -> None:
    ids = [await asyncio.to_thread(container) for _ in range(100)]
    async with AsyncExitStack() as stack:
        seen = [
            await stack.enter_async_context(aclosing(feeds.watch(id))) for id in ids for _ in (1, 2)
        ]
        async with asyncio.timeout(180):
            await asyncio.gather(*(anext(each) for each in seen))
            await until_open(streams, len(ids))
            for each in seen:
                await until_told(each, lambda told: bool(told.samples))
        assert (streams.open, streams.opened) == (100, 100)
    await until_open(streams, 0)
    assert len(feeds.hub) == 0
