"""Names of networks and volumes: one question for all who type, and none while nobody does."""

import threading

import pytest

from engine import listed
from engine.errors import EngineDown
from engine.listed import Listed
from engine.threads import Door
from tests.runtime import Loop, until


class Asked:
    def __init__(self) -> None:
        self.times = 0
        self.gate = threading.Event()
        self.gate.set()
        self.down = False

    def __call__(self) -> list[str]:
        self.times += 1
        self.gate.wait(20)
        if self.down:
            raise EngineDown("gone")
        return [f"net-{self.times}"]


async def opened(loop: Loop, door: Door) -> None:
    door.open(loop.loop)


def test_names_are_asked_for_when_something_came_or_a_minute_went(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listed, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(listed, "WAIT_SECONDS", 15.0)
    loop, door, asked = Loop(), Door(), Asked()
    try:
        loop.run(opened(loop, door))
        names = Listed(asked, door)
        assert [names.rows() for _ in range(5)] == [("net-1",)] * 5
        names.outdate()
        assert names.rows() == names.rows() == ("net-2",)
        monkeypatch.setattr(listed, "KEPT_SECONDS", 0.0)
        assert names.rows() == ("net-3",)
        monkeypatch.setattr(listed, "KEPT_SECONDS", 60.0)
        asked.down = True
        names.outdate()
        assert names.rows() == ("net-3",)  # what was known stays
        asked.down = False
        assert names.rows() == ("net-5",)
        monkeypatch.setattr(listed, "WAIT_SECONDS", 0.01)
        asked.gate.clear()
        names.outdate()
        assert names.rows() == ("net-5",)  # a slow engine holds nobody up, and is asked once
        assert names.rows() == ("net-5",)
        assert asked.times == 6
        asked.gate.set()
        until(lambda: names.rows() == ("net-6",))
    finally:
        asked.gate.set()
        loop.run(door.close())
        loop.close()
