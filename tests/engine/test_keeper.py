"""Answers that overtake each other, and what is kept of an inspect when a list comes."""

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from engine.errors import EngineSilent, NotFound
from engine.keeper import Keeper, take_tags, with_known
from engine.threads import Door
from engine.types import ContainerRow, ImageRow

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LISTED = ContainerRow("a", "a", "busybox", "i", "sh", NOW, "running", "Up")
INSPECTED = replace(
    LISTED, inspected=True, started_at=NOW, restart_count=2, tty=True, memory_limit=5, name="later"
)
IMAGE = ImageRow("i", ("a:1", "a:2"), (), NOW, 1)


class Engine:
    """Answers when the test lets it."""

    def __init__(self) -> None:
        self.listed: list[ContainerRow] = []
        self.one: ContainerRow | Exception = LISTED
        self.may_list = threading.Event()
        self.may_list.set()
        self.reads = 0

    def list_all(self) -> list[ContainerRow]:
        found = list(self.listed)
        assert self.may_list.wait(5)
        return found

    def read_one(self, key: str, deadline: float) -> ContainerRow:
        self.reads += 1
        if isinstance(self.one, Exception):
            raise self.one
        return self.one


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
async def keeper(engine: Engine) -> AsyncIterator[Keeper[ContainerRow]]:
    door = Door()
    door.open(asyncio.get_running_loop())
    versions = iter(range(1, 1000))
    yield Keeper[ContainerRow](door, engine.list_all, engine.read_one, lambda: next(versions))
    engine.may_list.set()
    await door.close()


async def during_a_list(keeper: Keeper[ContainerRow], engine: Engine) -> "asyncio.Task[None]":
    engine.may_list.clear()
    listing = asyncio.create_task(keeper.list_now())
    await asyncio.sleep(0.05)
    return listing


async def test_a_list_that_began_before_does_not_undo_a_single_answer(
    keeper: Keeper[ContainerRow], engine: Engine
) -> None:
    engine.listed = [LISTED]
    listing = await during_a_list(keeper, engine)
    keeper.put(INSPECTED, keeper.ticket())
    engine.may_list.set()
    await listing
    assert keeper.rows["a"] == INSPECTED


async def test_a_list_that_began_before_does_not_bring_back_what_went(
    keeper: Keeper[ContainerRow], engine: Engine
) -> None:
    engine.listed = [LISTED]
    await keeper.list_now()
    listing = await during_a_list(keeper, engine)
    keeper.gone("a")
    engine.may_list.set()
    await listing
    assert keeper.rows == {}


async def test_a_later_list_counts_more_than_an_earlier_answer(
    keeper: Keeper[ContainerRow], engine: Engine
) -> None:
    keeper.put(INSPECTED, keeper.ticket())
    await keeper.list_now()
    assert keeper.rows == {}


async def test_an_answer_older_than_the_list_does_not_bring_back_what_went(
    keeper: Keeper[ContainerRow],
) -> None:
    early = keeper.ticket()
    keeper.gone("a")
    await keeper.list_now()  # forgets the tickets of what it overtook
    keeper.put(INSPECTED, early)
    assert keeper.rows == {}


async def test_an_answer_older_than_the_list_is_asked_for_again(
    keeper: Keeper[ContainerRow], engine: Engine
) -> None:
    early = keeper.ticket()
    paused = replace(LISTED, state="paused")
    engine.listed = [paused]
    await keeper.list_now()
    keeper.put(INSPECTED, early)
    keeper.drop("a", early)
    assert keeper.rows["a"] == paused
    engine.one = replace(INSPECTED, state="paused")
    reading = asyncio.create_task(keeper.keep_details())
    await asyncio.sleep(0.1)
    assert keeper.rows["a"] == engine.one
    reading.cancel()


async def test_an_answer_to_an_earlier_question_is_dropped(keeper: Keeper[ContainerRow]) -> None:
    early, late = keeper.ticket(), keeper.ticket()
    keeper.put(INSPECTED, late)
    keeper.put(LISTED, early)
    assert keeper.rows["a"] == INSPECTED
    keeper.drop("a", keeper.ticket())
    keeper.put(INSPECTED, late)
    assert keeper.rows == {}


async def test_a_touched_object_is_read_and_settled(
    keeper: Keeper[ContainerRow], engine: Engine
) -> None:
    await keeper.list_now()
    engine.one = INSPECTED
    keeping = asyncio.create_task(keeper.keep())
    keeper.touch("a")
    assert not keeper.settled("a")
    await asyncio.sleep(0.1)
    assert keeper.settled("a")
    assert keeper.rows["a"] == INSPECTED
    assert keeper.heard["a"] > 0
    engine.one = NotFound("no such container")
    keeper.touch("a")
    await asyncio.sleep(0.1)
    assert keeper.rows == {}
    keeping.cancel()


async def test_a_wedged_object_waits_for_the_list(
    keeper: Keeper[ContainerRow], engine: Engine
) -> None:
    engine.one = EngineSilent("nothing")
    await keeper.list_now()
    keeping = asyncio.create_task(keeper.keep())
    keeper.touch("a")
    await asyncio.sleep(0.1)
    assert not keeper.settled("a")
    engine.listed = [LISTED]
    await asyncio.sleep(2.1)
    assert keeper.settled("a")
    assert keeper.rows["a"] == LISTED
    keeping.cancel()


async def test_details_are_read_slowly_and_a_wedged_one_is_passed_over(
    keeper: Keeper[ContainerRow], engine: Engine
) -> None:
    engine.listed = [replace(LISTED, id=str(number)) for number in range(100)]
    engine.one = EngineSilent("nothing")
    await keeper.list_now()
    detailing = asyncio.create_task(keeper.keep_details())
    await asyncio.sleep(0.5)
    assert 3 <= engine.reads <= 11
    detailing.cancel()


def test_a_list_keeps_what_an_inspect_said_of_the_same_run() -> None:
    kept = with_known(LISTED, INSPECTED)
    assert kept == replace(INSPECTED, name="a")


def test_a_list_with_another_state_keeps_what_the_container_was_made_with() -> None:
    exited = replace(LISTED, state="exited", exit_code=3)
    kept = with_known(exited, INSPECTED)
    assert kept == replace(exited, tty=True, memory_limit=5)
    assert not kept.inspected


def test_an_inspect_keeps_nothing_of_a_container_and_the_shared_size_of_an_image() -> None:
    assert with_known(INSPECTED, LISTED) == INSPECTED
    inspected = replace(IMAGE, inspected=True, layer_digests=("sha256:l",))
    assert with_known(inspected, replace(IMAGE, shared_size=9)).shared_size == 9
    assert with_known(IMAGE, inspected) == inspected


def test_a_tag_belongs_to_one_image() -> None:
    rows = {"i": IMAGE, "j": replace(IMAGE, id="j", tags=("a:2",))}
    take_tags(rows, rows["j"])
    assert rows["i"].tags == ("a:1",)
    assert rows["j"].tags == ("a:2",)
