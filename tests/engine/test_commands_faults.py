"""Commands to an engine that is down, silent, slow, busy, broken or changed."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.commands import Commands
from engine.errors import (
    EngineDown,
    EngineError,
    EngineSilent,
    Refused,
)
from tests.faults import FaultyEngine


@pytest.fixture
def faulty(faulty_engine: FaultyEngine) -> Iterator[Commands]:
    made = Commands(faulty_engine.url)
    yield made
    made.close()


def test_an_engine_that_is_down_and_comes_back(
    faulty_engine: FaultyEngine, faulty: Commands
) -> None:
    faulty.ping()
    faulty_engine.refuse()
    with pytest.raises(EngineDown, match="no such socket"):
        faulty.containers()
    faulty_engine.listen()
    asked = faulty_engine.count("GET /version")
    faulty.containers()
    assert faulty_engine.count("GET /version") == asked + 1


def test_no_request_is_made_before_the_first_call(faulty_engine: FaultyEngine) -> None:
    faulty_engine.refuse()
    commands = Commands(faulty_engine.url)
    faulty_engine.listen()
    commands.ping()
    commands.close()


def test_silence_has_a_deadline(faulty_engine: FaultyEngine, faulty: Commands) -> None:
    faulty.ping()
    faulty_engine.inject("/_ping", stall=True)
    began = time.monotonic()
    with pytest.raises(EngineSilent, match=r"did not answer within 0\.5 s"):
        faulty.ping(deadline=0.5)
    assert time.monotonic() - began < 1.5


def test_slow_drops_do_not_outlive_the_deadline(tmp_path: Path) -> None:
    path = str(tmp_path / "engine.sock")
    stop = threading.Event()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()

        def serve() -> None:
            client, _ = listener.accept()
            with client, contextlib.suppress(BrokenPipeError):  # whoever waited has left
                client.recv(65536)
                for byte in b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 100:
                    if stop.wait(0.1):
                        return
                    client.sendall(bytes([byte]))

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            began = time.monotonic()
            with pytest.raises(EngineSilent):
                Commands(f"unix://{path}").ping(deadline=1)
            assert time.monotonic() - began < 2
        finally:
            stop.set()
            thread.join()


def test_at_most_eight_calls_at_a_time_then_busy(
    faulty_engine: FaultyEngine, faulty: Commands
) -> None:
    faulty.ping()
    stalled = faulty_engine.inject("/containers/json", stall=True)
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(faulty._calls.make, lambda c: c.containers(), 2) for _ in range(8)]
        wait_for(lambda: faulty_engine.count("/containers/json") == 8)
        with pytest.raises(EngineSilent, match="busy"):
            faulty.ping(deadline=0.2)
        for future in waiting:
            assert isinstance(future.exception(), EngineSilent)
    stalled.times = 0
    faulty.ping()


def test_long_calls_leave_slots_for_short_ones(
    faulty_engine: FaultyEngine, faulty: Commands
) -> None:
    faulty.ping()
    faulty_engine.inject("/stop", delay=2, answer=(304, b""))
    faulty_engine.inject("/stop", stall=True)
    with ThreadPoolExecutor(8) as pool:
        stops = [
            pool.submit(faulty._calls.make, lambda c: c.stop("x", 1), 2, True) for _ in range(8)
        ]
        wait_for(lambda: faulty_engine.count("/stop") == 6)
        faulty.ping(deadline=1)
        assert all(isinstance(stop.exception(), EngineSilent) for stop in stops)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"cut_after": 40}, EngineError),
        ({"cut_after": 400}, EngineDown),
        ({"cut_after": 0}, EngineDown),
        ({"answer": (200, b"{not json")}, EngineError),
        ({"answer": (200, b'["a list of strings"]')}, EngineError),
        ({"answer": (200, b'{"an": "object"}')}, EngineError),
        ({"answer": (500, b'{"message": "the engine is ill"}')}, Refused),
        ({"answer": (500, b"[]")}, EngineError),
        ({"answer": (502, b"<html>")}, EngineError),
    ],
)
def test_half_and_wrong_answers_are_mapped(
    faulty_engine: FaultyEngine,
    faulty: Commands,
    container: Callable[..., str],
    fault: dict,
    error: type[EngineError],
) -> None:
    container(start=False)  # so that there is a body to cut
    faulty_engine.inject("/containers/json", times=1, **fault)
    with pytest.raises(error):
        faulty.containers()
    faulty.containers()


def test_an_answer_without_an_end_is_dropped(
    faulty_engine: FaultyEngine, faulty: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.commands.client.LARGEST_ANSWER", 1000)
    faulty_engine.inject("/containers/json", answer=(200, b"[" + b" " * 100_000 + b"]"))
    with pytest.raises(EngineError, match="more than an answer may hold"):
        faulty.containers()


def test_another_version_is_negotiated_when_the_engine_changes(
    faulty_engine: FaultyEngine, faulty: Commands
) -> None:
    def older(piece: bytes) -> bytes:
        return piece.replace(b"Api-Version: 1.41", b"Api-Version: 1.40").replace(
            b'"ApiVersion":"1.41"', b'"ApiVersion":"1.40"'
        )

    assert faulty.api_version == "1.41"
    faulty_engine.inject("", rewrite=older)
    faulty.ping()
    assert faulty.api_version == "1.40"


def test_a_refused_version_is_negotiated_again(
    faulty_engine: FaultyEngine, faulty: Commands
) -> None:
    faulty.ping()
    asked = faulty_engine.count("GET /version")
    sentence = (
        b'{"message":"client version 1.41 is too old. Minimum supported API version is 1.44"}'
    )
    faulty_engine.inject("/containers/json", times=1, answer=(400, sentence))
    faulty.containers()
    assert faulty_engine.count("GET /version") == asked + 1


def wait_for(condition: Callable[[], bool], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)
