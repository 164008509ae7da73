"""What the overview says first, and how much disk it says is used to whom. Pure."""

from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from dashboard.attention import concerns, host_concerns
from dashboard.disk import disk_use, seen_use
from engine.past_events import PastEvents
from engine.room import Room
from engine.snapshot import Snapshot
from engine.types import ContainerRow, EngineEvent, EngineState, ImageRow, Mount

NOW = datetime(2026, 1, 1, tzinfo=UTC)
OURS, THEIRS = "a" * 64, "b" * 64
USAGE: dict[str, Any] = {
    "LayersSize": 900,
    "Images": [
        {"Id": f"sha256:{OURS}", "Size": 300, "SharedSize": 100, "Containers": 2},
        {"Id": f"sha256:{THEIRS}", "Size": 700, "SharedSize": 100, "Containers": 1},
    ],
    "Containers": [
        {"Id": OURS, "State": "running", "SizeRw": 5},
        {"Id": THEIRS, "State": "exited", "SizeRw": 50},
    ],
    "Volumes": [
        {"Name": "ours", "UsageData": {"Size": 10, "RefCount": 2}},
        {"Name": "unmeasured", "UsageData": {"Size": -1, "RefCount": 1}},
        {"Name": "theirs", "UsageData": {"Size": 1000, "RefCount": 1}},
    ],
    "BuildCache": [{"Size": 70, "InUse": False}],
}


def sight(state: EngineState = EngineState.UP, error: str = "") -> Snapshot:
    """Of somebody who sees one container, its image and its volume."""
    row = ContainerRow(OURS, "web", "web", OURS, "sh", NOW, "running", "Up")
    row = replace(row, mounts=(Mount("volume", "/data", name="ours"),))
    return replace(
        Snapshot(),
        state=state,
        error=error,
        containers=MappingProxyType({OURS: row}),
        images=MappingProxyType({OURS: ImageRow(OURS, ("web:1",), (), NOW, 300)}),
    )


def test_who_sees_a_part_is_told_of_that_part() -> None:
    told = {use.kind: use for use in seen_use(USAGE, sight(), {"ours", "unmeasured"})}
    assert set(told) == {"images", "containers", "volumes"}
    images, boxes, volumes = told["images"], told["containers"], told["volumes"]
    assert (images.count, images.in_use, images.size) == (1, 1, 300)
    assert (boxes.count, boxes.in_use, boxes.size) == (1, 1, 5)
    assert (volumes.count, volumes.in_use, volumes.size) == (2, 1, 10)
    assert {use.reclaimable for use in told.values()} == {0}
    whole = {use.kind: use for use in disk_use(USAGE)}
    assert whole["images"].size == 900
    assert whole["volumes"].count == 3
    assert whole["images"].reclaimable == 0  # both are in use: their shared layer stays


def test_a_host_that_does_not_answer_or_is_full_comes_first() -> None:
    def words(state: EngineState, free: int | None) -> list[str]:
        room = None if free is None else Room(total=100, free=free)
        return [str(each.words) for each in host_concerns("dock", sight(state, "no"), room)]

    assert words(EngineState.UP, None) == words(EngineState.CONNECTING, 15) == []
    assert "silent" in words(EngineState.SILENT, None)[0]
    assert "reached" in words(EngineState.DOWN, 15)[0]
    assert "86 %" in words(EngineState.UP, 14)[0]


def test_a_concern_leads_to_where_its_log_tells_of_it() -> None:
    now = datetime.now(UTC).replace(microsecond=5)
    ended, past = int(now.timestamp()) * 10**9 + 5000 + 10**9, PastEvents()
    row = ContainerRow(OURS, "web", "web", OURS, "sh", NOW, "exited", "", exit_code=3)
    sick = ContainerRow(THEIRS, "x", "web", OURS, "sh", NOW, "running", "", "unhealthy")

    def places(*rows: ContainerRow) -> list[str]:
        shown = replace(sight(), containers=MappingProxyType({each.id: each for each in rows}))
        return [each.at for each in concerns("dock", shown, past)]

    row = replace(row, finished_at=now)
    assert places(row) == places(replace(row, state="restarting")) == [f"#{ended}"]
    assert places(replace(row, finished_at=None)) == places(sick) == [""]
    past.push(EngineEvent("container", "health_status: unhealthy", THEIRS, 7 * 10**9, {}))
    past.push(EngineEvent("container", "health_status: unhealthy", OURS, 9 * 10**9, {}))
    assert places(sick) == [f"#{7 * 10**9}"]
