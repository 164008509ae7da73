"""Streams of an engine that goes away, stalls or lies."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from engine.errors import EngineDown, EngineError, EngineSilent, NotFound, Refused
from engine.streams import Streams
from engine.types import LogLine
from engine.upstream import Upstream
from tests.faults import FaultyEngine

NewContainer = Callable[..., str]


@pytest.fixture
def streams(engine_url: str) -> Streams:
    return Streams(engine_url)


@pytest.fixture
def faulty(faulty_engine: FaultyEngine) -> Streams:
    return Streams(faulty_engine.url)


async def all_lines(streams: Streams, id: str, **options: object) -> list[LogLine]:
    async with streams.logs(id, **({"tty": False, "follow": False} | options)) as batches:
        return [line async for batch in batches for line in batch]


@asynccontextmanager
async def at_most(seconds: float) -> AsyncIterator[None]:
    async with asyncio.timeout(seconds):
        yield


async def drained(progress: AsyncIterator[dict[str, object]]) -> list[dict[str, object]]:
    return [item async for item in progress]


async def test_what_is_not_there_is_said_on_entering(streams: Streams) -> None:
    with pytest.raises(NotFound, match="No such container: core-none"):
        await all_lines(streams, "core-none")
    with pytest.raises(NotFound):
        await all_lines(streams, "../images")


async def test_a_cut_is_told_from_an_end(
    faulty: Streams, faulty_engine: FaultyEngine, container: NewContainer
) -> None:
    id = container("sh", "-c", "yes | head -n 100000")
    await faulty.wait(id)
    faulty_engine.inject("/logs", times=1, cut_after=500_000)
    with pytest.raises(EngineDown, match="in the middle"):
        await all_lines(faulty, id)
    assert len(await all_lines(faulty, id)) == 100_000


async def test_an_engine_that_goes_away_ends_every_stream_with_a_reason(
    faulty: Streams, faulty_engine: FaultyEngine, container: NewContainer
) -> None:
    id = container()

    async def follow() -> None:
        async with faulty.events() as events:
            async for _ in events:
                pass

    tasks = [asyncio.ensure_future(all_lines(faulty, id, follow=True)),
             asyncio.ensure_future(follow())]  # fmt: skip
    await asyncio.sleep(0.3)
    await asyncio.to_thread(faulty_engine.refuse)
    async with at_most(3):
        ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(end) for end in ends] == [EngineDown, EngineDown]
    with pytest.raises(EngineDown, match="no such socket"):
        await all_lines(faulty, id)
    await asyncio.to_thread(faulty_engine.listen)
    asked = faulty_engine.count("GET /version")
    await all_lines(faulty, id)
    assert faulty_engine.count("GET /version") == asked + 1


async def test_a_first_byte_is_awaited_without_limit_only_where_there_may_be_none(
    faulty: Streams, faulty_engine: FaultyEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The decorator keeps the function itself, where the default of ten seconds lives.
    defaults = Upstream.open.__wrapped__.__kwdefaults__  # type: ignore[attr-defined]
    monkeypatch.setitem(defaults, "first_byte", 0.3)
    faulty_engine.inject("/archive", stall=True)
    faulty_engine.inject("/events", stall=True)
    with pytest.raises(EngineSilent, match="did not answer"):
        async with faulty.get_archive("core-any", "/"):
            pass
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(1), faulty.events():
            pass


@pytest.mark.parametrize(
    "answer", [(200, b'{"status": "a"}\n{not json\n'), (200, b'["list"]\n'), (500, b"")]
)
async def test_wrong_answers_are_engine_errors(
    faulty: Streams, faulty_engine: FaultyEngine, answer: tuple[int, bytes]
) -> None:
    faulty_engine.inject("/images/create", answer=answer)
    with pytest.raises(EngineError):
        async with faulty.pull("busybox") as progress:
            await drained(progress)


async def test_an_error_in_the_middle_of_a_pull_is_raised(
    faulty: Streams, faulty_engine: FaultyEngine
) -> None:
    lines = b'{"status":"Pulling"}\r\n{"errorDetail":{"message":"disk full"},"error":"x"}\r\n'
    faulty_engine.inject("/images/create", answer=(200, lines))
    with pytest.raises(Refused, match="disk full"):
        async with faulty.pull("busybox") as progress:
            await drained(progress)
    assert faulty_engine.count("fromImage=busybox&tag=latest") == 1


async def test_what_is_no_engine_is_an_error(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = str(tmp_path_factory.mktemp("none") / "engine.sock")

    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
        writer.close()

    async with await asyncio.start_unix_server(greet, path):
        with pytest.raises(EngineError, match="no engine"):
            await Streams(f"unix://{path}").wait("any")
