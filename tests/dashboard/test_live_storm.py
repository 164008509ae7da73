"""The live list in a storm of events: few messages, only of what changed, and then the truth."""

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.bench.http import Person
from tests.bench.websocket import Socket
from tests.conftest import DockerCli
from tests.faults import FaultyEngine
from tests.running_engine import until as comes_true
from tests.runtime import until
from tests.site import running_site
from tests.storms import Storm

LIST = "/hosts/local/containers/"
PER_SECOND = 1000
Heard = list[tuple[float, dict[str, Any]]]


async def hear(socket: Socket, heard: Heard) -> None:
    while True:
        message = json.loads(await socket.receive())
        heard.append((time.monotonic(), message))


async def viewers_of(person: Person, count: int) -> tuple[list[Socket], list[Heard], Any]:
    sockets = [await Socket.open(person, "/ws/live/") for _ in range(count)]
    heard: list[Heard] = [[] for _ in sockets]
    for socket in sockets:
        socket.say(sub=["containers:local"])
    pairs = zip(sockets, heard, strict=True)
    listening = [asyncio.ensure_future(hear(socket, into)) for socket, into in pairs]
    return sockets, heard, listening


async def through_the_storm(
    person: Person,
    storm: Storm,
    ids: list[str],
    seconds: float,
    act: Callable[[], list[str]],
) -> list[Heard]:
    """What each of ten viewers heard until all knew of what ``act`` changed in its middle."""
    sockets, heard, listening = await viewers_of(person, 10)
    await asyncio.sleep(0.5)
    blowing = asyncio.to_thread(storm.blow, "update", ids, PER_SECOND, seconds)
    _, changed = await asyncio.gather(blowing, asyncio.to_thread(act))
    await comes_true(lambda: all(told(messages) >= set(changed) for messages in heard), 30)
    for task in listening:
        task.cancel()
    await asyncio.gather(*listening, return_exceptions=True)
    for socket in sockets:
        await socket.close()
    return heard


def names(person: Person, ids: list[str]) -> list[str]:
    page = person.get(LIST, Accept_Encoding="identity").decode()
    return [id for id in ids if f"storm-{id[:12]}" in page]


@pytest.mark.parametrize("seconds", [3, pytest.param(30, marks=pytest.mark.long)])
def test_a_thousand_events_a_second(
    faulty_engine: FaultyEngine,
    container: Callable[..., str],
    docker_cli: DockerCli,
    tmp_path: Path,
    seconds: int,
) -> None:
    """Of eight containers, two of which really change (their names)."""
    storm = Storm()
    faulty_engine.inject("GET /events", pour=storm.pour)
    ids = [container(start=False) for _ in range(8)]
    changed = ids[:2]

    def rename() -> list[str]:
        time.sleep(seconds / 2)
        for id in changed:
            docker_cli("rename", id, f"storm-{id[:12]}")
        storm.say("rename", changed)
        return changed

    with running_site(faulty_engine.url, tmp_path) as site:
        person = Person(site)
        until(lambda: ids[-1][:12] in person.get(LIST, Accept_Encoding="identity").decode(), 20)
        until(lambda: settled(faulty_engine, ids), 30)
        before = faulty_engine.count(r"GET /containers/json"), asked_for(faulty_engine, ids)
        began = time.monotonic()
        heard = asyncio.run(through_the_storm(person, storm, ids, seconds, rename))
        until(lambda: names(person, ids) == changed, 20)
        lasted = time.monotonic() - began
        lists = faulty_engine.count(r"GET /containers/json") - before[0]
        reads = asked_for(faulty_engine, ids) - before[1]
        person.close()
    print(f"{lists} lists, {reads} reads, messages of each viewer: {[len(h) for h in heard]}")
    assert lists <= lasted / 2 + 2
    assert reads <= lasted * 20 + 20 + len(ids)
    assert faulty_engine.count("GET /events") == 1
    for messages in heard:
        assert_few_and_true(messages, ids, changed)


def told(messages: Heard) -> set[str]:
    return {id for _, message in messages for id in message["ids"]}


def assert_few_and_true(messages: Heard, ids: list[str], changed: list[str]) -> None:
    assert told(messages) & set(ids) == set(changed)
    lasted = messages[-1][0] - messages[0][0]
    assert len(messages) <= 4 * (lasted + 1), messages


def settled(engine: FaultyEngine, ids: list[str]) -> bool:
    """Whether each was inspected once, and nothing is asked for any more."""
    before = asked_for(engine, ids)
    time.sleep(0.5)
    return len(ids) <= before == asked_for(engine, ids)


def asked_for(engine: FaultyEngine, ids: list[str]) -> int:
    return sum(engine.count(f"GET /containers/{id}/json") for id in ids)
