"""What a container has written: the engine's answer in pieces, folders of it, and who asks when."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import written
from engine.errors import EngineError, EngineSilent
from engine.layer_diff import ADDED, CHANGED, DELETED, Change, Counts, DiffParser, Written
from engine.streams import Streams
from engine.threads import Door
from engine.written import WrittenLayers
from tests.faults import FaultyEngine
from tests.running_engine import running, until

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PATHS = {
    "/etc": CHANGED,
    "/etc/motd": CHANGED,
    "/etc-old": ADDED,
    "/etc-old/x{y": ADDED,
    "/mnt": DELETED,
    "/srv/ü/a": ADDED,
    "/srv/ü/a.b": ADDED,
    "/srv/ü/a/b": DELETED,
}


def answer(found: dict[str, int], **how: Any) -> bytes:
    return json.dumps([{"Path": p, "Kind": k} for p, k in found.items()], **how).encode()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 10_000])
@pytest.mark.parametrize("how", [{}, {"ensure_ascii": False}, {"indent": 1}])
def test_the_answer_is_read_however_it_is_cut(size: int, how: dict[str, Any]) -> None:
    parser, data = DiffParser(), answer(PATHS, **how)
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    assert dict(item for piece in pieces for item in parser.feed(piece)) == PATHS
    assert DiffParser().feed(b"null\n") == []


@pytest.mark.parametrize(
    "wrong", [b'[{"Path": "/x"}]', b'[{"Path": "/x", "Kind": 3}]', b'[{"' + b"x" * 2_000_000]
)
def test_what_is_no_such_answer_is_an_error(wrong: bytes) -> None:
    with pytest.raises(EngineError):
        DiffParser().feed(wrong)


def test_a_folder_holds_what_is_below_it_and_no_neighbour() -> None:
    found = Written.of(NOW, PATHS)
    top = {each.name: (each.kind, each.below) for each in found.folder("/")}
    assert top == {
        "etc": (CHANGED, Counts(changed=1)),
        "etc-old": (ADDED, Counts(added=1)),
        "mnt": (DELETED, Counts()),
        "srv": (None, Counts(added=2, deleted=1)),
    }
    inner = [(each.name, each.kind, each.below.all) for each in found.folder("/srv/ü")]
    assert inner == [("a", ADDED, 1), ("a.b", ADDED, 0)]
    assert [each.kind for each in found.folder("/", ["mnt", "srv"])] == [DELETED, None]
    assert list(found.folder("/mnt")) == list(found.folder("/none")) == []
    assert (found.kind_of("/etc/motd"), found.kind_of("/srv")) == (CHANGED, None)


def test_a_filter_keeps_what_holds_the_text_whatever_its_case() -> None:
    found = Written.of(NOW, PATHS)
    assert found.narrowed("ETC").paths == ("/etc", "/etc-old", "/etc-old/x{y", "/etc/motd")
    assert found.narrowed("etc", ADDED).counts == Counts(added=2)
    assert found.narrowed(kind=DELETED).paths == ("/mnt", "/srv/ü/a/b")


names = st.sampled_from(["a", "a-", "a0", "b", "é", "a b"])


@given(st.dictionaries(st.lists(names, min_size=1, max_size=4).map("/".join), st.integers(0, 2)))
def test_folders_tell_each_path_once(found: dict[str, int]) -> None:
    paths = {f"/{path}": kind for path, kind in found.items()}
    whole = Written.of(NOW, paths)
    told: dict[str, int] = {}
    waiting = ["/"]
    while waiting:
        for each in whole.folder(waiting.pop()):
            if each.kind is not None:
                assert each.path not in told
                told[each.path] = each.kind
            assert each.below.all == sum(path.startswith(f"{each.path}/") for path in paths)
            waiting += [each.path] if each.below.all else []
    assert told == paths


class Asked:
    """An engine that counts how often it is asked."""

    def __init__(self, found: dict[str, int]) -> None:
        self.found, self.times, self.told = found, 0, 0

    @asynccontextmanager
    async def diff(self, id: str) -> AsyncIterator[AsyncIterator[list[Change]]]:
        self.times += 1
        yield self.batches()

    async def batches(self) -> AsyncIterator[list[Change]]:
        for item in self.found.items():
            self.told += 1
            yield [item]


@pytest.fixture
def door() -> Door:
    return Door(2)


def layers(asked: Asked, door: Door) -> WrittenLayers:
    door.open(asyncio.get_running_loop())
    return WrittenLayers(cast(Streams, asked), door)


async def test_who_goes_on_looks_into_the_same_answer(door: Door) -> None:
    asked = Asked(PATHS)
    ours = layers(asked, door)
    first = await ours.of("x", max_age=timedelta())
    assert await ours.of("x") is first
    assert (await ours.of("x", "motd")).paths == ("/etc/motd",)
    assert await ours.soon("x", 5) is first
    assert asked.times == 1
    await ours.of("x", max_age=timedelta())
    assert asked.times == 2
    await door.close()


async def test_more_than_the_bound_is_cut_and_a_filter_finds_it_all_the_same(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(written, "MOST_PATHS", 4)
    ours = layers(asked := Asked(PATHS), door)
    found = await ours.of("x")
    assert (len(found.paths), found.partial) == (4, True)
    assert asked.told == 5  # and then we hung up
    narrow = await ours.of("x", "/srv")
    assert (narrow.counts.all, narrow.partial) == (3, False)
    await ours.of("y")  # no more are kept than that, of all together
    asked.times = 0
    await ours.of("y")
    await ours.of("x")
    assert asked.times == 1
    ours.sweep()
    await door.close()


async def test_long_paths_take_no_more_room_than_short_ones(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container may write a hundred thousand of four thousand characters each."""
    monkeypatch.setattr(written, "MOST_TEXT", 1000)
    ours = layers(asked := Asked({f"/{name * 300}": ADDED for name in "abcdefgh"}), door)
    found = await ours.of("x")
    assert (len(found.paths), found.partial, found.size) == (3, True, 903)
    assert asked.told == 4
    assert (await ours.of("x", "e" * 9)).partial is False
    assert await ours.of("x") is found
    await ours.of("y")
    assert list(ours._kept) == ["y"]
    await door.close()


@pytest.mark.parametrize(("people", "asked"), [((1, 2, 3), 3), ((1, 1, 1), 2)])
async def test_containers_that_take_long_hold_up_nobody_else(
    faulty_engine: FaultyEngine,
    container: Callable[..., str],
    people: tuple[int, ...],
    asked: int,
) -> None:
    """Looked at by one person each, or by one alone: of these the engine compares but two."""
    slow, quick = [container(start=False) for _who in people], container(start=False)
    faulty_engine.inject(f"({'|'.join(slow)})/changes", stall=True)
    async with running(faulty_engine.url) as engine:
        layers = engine.written
        looks = zip(slow, people, strict=True)
        waiting = [asyncio.create_task(layers.of(id, who=who)) for id, who in looks]
        await until(lambda: faulty_engine.count("/changes") == asked, 20)
        found = await asyncio.wait_for(layers.of(quick, who=9), 10)
        assert (found.counts.all, faulty_engine.count("/changes")) == (0, asked + 1)
        late = await layers.soon(quick, 10, who=people[0])
        assert (late is None) == (asked == written.MOST_EACH)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def test_who_waited_for_others_only_is_told_so(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = asyncio.Semaphore(0)

    class Never(Asked):
        async def batches(self) -> AsyncIterator[list[Change]]:
            begun.release()
            await asyncio.Event().wait()
            yield []

    ours = layers(Never({}), door)
    slow = [asyncio.create_task(ours.of(str(number), who=1)) for number in range(written.MOST_EACH)]
    for _each in slow:
        await begun.acquire()
    monkeypatch.setattr(written, "SECONDS", 0.05)
    with pytest.raises(EngineSilent, match="other containers"):
        await ours.of("another", who=1)
    with pytest.raises(EngineSilent, match="more than"):
        await ours.of("another", who=2)
    for task in slow:
        task.cancel()
    await asyncio.gather(*slow, return_exceptions=True)
    await door.close()


async def test_only_so_many_answers_are_read_at_a_time(door: Door) -> None:
    inside, most, full, go = 0, 0, asyncio.Event(), asyncio.Event()

    class Slow(Asked):
        async def batches(self) -> AsyncIterator[list[Change]]:
            nonlocal inside, most
            inside += 1
            most = max(most, inside)
            if inside == written.AT_ONCE:
                full.set()
            await go.wait()
            yield list(PATHS.items())
            inside -= 1

    ours = layers(Slow(PATHS), door)
    asking = [asyncio.create_task(ours.of(str(number))) for number in range(9)]
    await full.wait()
    for _turn in range(20):  # the others would be in by then
        await asyncio.sleep(0)
    go.set()
    assert {each.counts.all for each in await asyncio.gather(*asking)} == {len(PATHS)}
    assert most == written.AT_ONCE
    await door.close()
