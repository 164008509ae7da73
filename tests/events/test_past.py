"""The ring of past events and what a person's filter makes of it: pure."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.past_events import HOUR_NS, MOST, MOST_FLOODS, PastEvents
from engine.types import EngineEvent
from events.asked import behind_of, is_lost
from events.query import GRAMMAR
from events.rows import Happened


def event(n: int, action: str = "start", kind: str = "container") -> EngineEvent:
    return EngineEvent(kind, action, f"{n:064x}", n, {})


def test_floods_push_nothing_else_out_and_the_oldest_go() -> None:
    past = PastEvents()
    past.push(event(1))
    for n in range(2, 2 * MOST):
        past.push(event(n, "exec_start: sh -c true"))
    kept = past.picture()
    assert (len(kept), kept[0].event.time_ns, kept[0].is_flood) == (MOST_FLOODS + 1, 1, False)
    for n in range(2 * MOST, 3 * MOST):
        past.push(event(n))
    assert past.picture()[0].event.time_ns > 1
    assert past.heard == 3 * MOST - 1


def test_what_was_not_heard_is_asked_for_once_and_not_doubled() -> None:
    past, spans = PastEvents(), []
    past.opened(2 * HOUR_NS)
    past.push(event(2 * HOUR_NS))

    def ask(since: int, until: int) -> list[EngineEvent]:
        spans.append((since, until))
        return [event(since + 5), event(2 * HOUR_NS)]

    past.fill(ask)
    past.fill(ask)
    assert spans == [(HOUR_NS, 2 * HOUR_NS)]
    assert [each.event.time_ns for each in past.picture()] == [HOUR_NS + 5, 2 * HOUR_NS]
    past.opened(3 * HOUR_NS)

    def broken(since: int, until: int) -> list[EngineEvent]:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        past.fill(broken)
    past.fill(ask)
    assert spans[-1] == (2 * HOUR_NS, 3 * HOUR_NS)


def test_a_look_goes_on_behind_its_last_event_by_arrival() -> None:
    past = PastEvents()
    for n in (10, 30, 20):
        past.push(event(n))
    kept = past.picture()
    key = next(each.key for each in kept if each.event.time_ns == 30)
    assert [each.event.time_ns for each in behind_of(kept, key)] == [20]
    assert [each.event.time_ns for each in behind_of(kept, "15-gone")] == [20, 30]
    assert len(behind_of(kept, "")) == len(behind_of(kept, "x")) == 3
    assert not is_lost(kept, "5-gone")
    for n in range(100, 100 + MOST):
        past.push(event(n))
    assert is_lost(past.picture(), key)
    assert not is_lost(past.picture(), f"{99 + MOST}-x")


NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
ROW = Happened(
    "1-a", NOW - timedelta(minutes=5), "container", "die", "ab" * 32, "shop-web",
    {"Team": "Shop"}, (("image", "postgres:17"), ("exitCode", "137")),
)  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "",
        "web",
        "abab",
        "type:container",
        "action:die,oom",
        "action:d*",
        "object:shop",
        "container:web",
        "image:postgres",
        "id:abab",
        "label:team",
        "label:team=shop",
        "since:10m",
        "-action:start web",
    ],
)
def test_the_filter_finds(text: str) -> None:
    assert GRAMMAR.parse(text).select([ROW], NOW) == [ROW]


@pytest.mark.parametrize("text", ["type:image", "action:di", "since:4m", "-web", "label:team=x"])
def test_the_filter_leaves_out(text: str) -> None:
    assert GRAMMAR.parse(text).select([ROW], NOW) == []


@pytest.mark.parametrize("text", ["typ:image", "type:box", "since:soon"])
def test_what_is_not_understood_is_told(text: str) -> None:
    assert GRAMMAR.parse(text).problems
