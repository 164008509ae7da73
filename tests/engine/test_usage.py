"""When the disk is measured again, and how full it is: nothing of it asks a real engine."""

import socket
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine import usage
from engine.commands import Commands
from engine.errors import EngineSilent
from engine.room import Room, room_of
from engine.types import EngineFacts
from engine.usage import DiskUsage, Measured


class Counted(Commands):
    def __init__(self) -> None:
        self.asked = 0
        self.fails = False

    def disk_usage(self) -> Any:
        self.asked += 1
        if self.fails:
            raise EngineSilent("too slow")
        return {"Volumes": [{"Name": str(self.asked), "UsageData": {"Size": self.asked}}]}


def test_it_is_measured_once_a_quarter_of_an_hour_and_after_a_prune() -> None:
    asked = Counted()
    disk = DiskUsage(asked)
    assert disk.due
    assert disk.recent() is disk.recent()
    assert asked.asked == 1
    disk.outdated()
    assert disk.due
    assert disk.recent().volume_sizes == {"2": 2}
    assert not disk.due
    disk.last = Measured(datetime.now(UTC) - usage.KEPT - timedelta(seconds=1), {})
    assert disk.recent().volume_sizes == {"3": 3}


def test_who_could_not_measure_is_left_alone_for_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Counted()
    disk = DiskUsage(asked)
    asked.fails = True
    with pytest.raises(EngineSilent):
        disk.recent()
    assert not disk.due
    monkeypatch.setattr(usage, "RETRY_SECONDS", 0.0)
    asked.fails = False
    assert disk.due
    assert disk.recent().volume_sizes == {"2": 2}


def facts(**raw: Any) -> EngineFacts:
    return EngineFacts("28.0", "1.48", "Linux", "x86_64", 2, 1, "overlay2", "v2", "x", raw)


def test_how_full_a_disk_is_is_told_of_our_own_alone() -> None:
    here = facts(DockerRootDir="/", Name=socket.gethostname())
    room = room_of("unix:///run/docker.sock", here)
    assert room is not None
    assert 0 < room.free < room.total
    assert room_of("tcp://127.0.0.1:2375", here) is None
    assert room_of("unix:///run/docker.sock", None) is None
    assert room_of("unix:///run/docker.sock", facts(DockerRootDir="/", Name="elsewhere")) is None
    missing = facts(DockerRootDir="/no/such/folder", Name=socket.gethostname())
    assert room_of("unix:///run/docker.sock", missing) is None
    assert Room(total=200, free=20).percent == 90
