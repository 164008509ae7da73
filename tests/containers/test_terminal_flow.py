"""Floods both ways, and clients that do not keep to the protocol."""

import json
import struct
import time
import tracemalloc
from typing import Any

import pytest

from containers.terminal_wire import parse
from containers.terminals import terminals
from containers.typed import MOST_WAITING, Typed
from tests.conftest import DockerCli
from tests.containers.terminal_cast import Make, of_ada, processes
from tests.containers.terminal_cast import ada as ada
from tests.containers.terminal_cast import box as box
from tests.containers.terminal_cast import terminal as terminal
from tests.containers.terminal_client import Terminal
from tests.runtime import runtime as runtime
from tests.runtime import until
from web.rates import Rate

ECHO = "sh -c 'stty raw echo; printf ready; exec cat >/dev/null'"
FLOOD = f"yes {'flood' * 100}"


def test_interrupt_works_under_a_flood(terminal: Make) -> None:
    shell = terminal()
    shell.shows("# ")
    shell.type(f"{FLOOD}\n")
    until(lambda: len(shell.output) > 1_000_000)
    shell.type("\x03echo stopped-$((40+2))\n")
    began = time.monotonic()
    shell.shows("stopped-42\r\n")
    print(f"^C to the next prompt under a flood: {1000 * (time.monotonic() - began):.0f} ms")


def test_an_echo_waits_for_no_flood_of_others(terminal: Make) -> None:
    """The goals are 30 ms and 150 ms; what is asserted holds on a busy machine, too."""
    shell = terminal(command=ECHO)
    shell.shows("ready")
    idle = p95(shell.loop.run(shell.echoes(60)))
    flooded = terminal(command=FLOOD)
    until(lambda: len(flooded.output) > 1_000_000)
    beside = p95(shell.loop.run(shell.echoes(60)))
    print(f"echo p95: {idle:.1f} ms, {beside:.1f} ms beside a flood")
    assert idle < 1000
    assert beside < 2000
    assert flooded.code is None


def p95(samples: list[float]) -> float:
    return sorted(samples)[int(len(samples) * 0.95)]


def test_a_browser_that_does_not_read_stops_the_shell_not_the_server(terminal: Make) -> None:
    shell = terminal(acks=False, command=FLOOD)
    until(lambda: len(shell.output) >= 512 * 1024)
    time.sleep(0.5)
    assert len(shell.output) == 512 * 1024
    session = terminals.find(of_ada(), shell.session, shell.container_id)
    assert session is not None
    assert session.replay.produced < 1024 * 1024
    shell.send(b"\x03")
    until(lambda: shell.pongs == 1)
    shell.ack()
    until(lambda: len(shell.output) >= 1024 * 1024)


def test_an_end_waits_for_no_browser_that_does_not_read(
    terminal: Make, docker_cli: DockerCli
) -> None:
    shell = terminal(acks=False, command=FLOOD)
    until(lambda: len(shell.output) >= 512 * 1024)
    session = terminals.find(of_ada(), shell.session, shell.container_id)
    assert session is not None
    until(lambda: session.replay.produced > (512 + 64) * 1024)
    terminals.end(session)
    until(lambda: not processes(docker_cli, shell.container_id, "flood"), 20)
    assert shell.ending(20)["kind"] == "closed"
    until(lambda: shell.code == 1000)


def sized(**fields: Any) -> bytes:
    return b"\x01" + json.dumps(fields).encode()


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\x00" + b"x" * (64 * 1024 + 1),
        b"\x01",
        b"\x01{",
        b"\x01\xff\xfe",
        b"\x01" + b"[" * 90,
        b"\x01" + b" " * 101,
        sized(cols=0, rows=5),
        sized(cols=80, rows=-24),
        sized(cols=80, rows=1001),
        sized(cols=80, rows=10**60),
        sized(cols="80", rows=24),
        sized(cols=80.0, rows=24),
        sized(cols=True, rows=24),
        sized(cols=None, rows=24),
        sized(cols=[80], rows=24),
        sized(cols=float("nan"), rows=24),
        sized(cols=float("inf"), rows=24),
        sized(rows=24),
        b"\x01[80, 24]",
        b"\x02short",
        b"\x02" + bytes(9),
        b"\x09",
        b"\xff",
    ],
)
def test_what_is_no_message_is_refused(message: bytes) -> None:
    assert not is_message(message)


def is_message(message: bytes) -> bool:
    try:
        parse(message)
    except ValueError:
        return False
    return True


def test_a_broken_protocol_closes_the_socket_only(terminal: Make) -> None:
    shell = terminal()
    shell.shows("# ")
    session = shell.session
    beyond, huge, backwards = (struct.pack(">Q", total) for total in (10**9, 2**64 - 1, 0))
    for message in (b"", sized(cols=0, rows=0), *(b"\x02" + total for total in (beyond, huge))):
        is_refused(terminal(session=session), message)
    shell.send(b"\x02" + backwards)
    until(lambda: shell.code == 1008)
    is_refused(terminal(session=session), '{"cols": 80, "rows": 24}')
    again = terminal(session=session)
    again.type("echo whole-$((40+2))\n")
    again.shows("whole-42")


def is_refused(shell: Terminal, message: bytes | str) -> None:
    shell.shows("# ")
    shell.send_text(message) if isinstance(message, str) else shell.send(message)
    until(lambda: shell.code == 1008)


def test_ten_megabytes_for_a_program_that_does_not_read(terminal: Make) -> None:
    shell = terminal(command="sleep 100")
    shell.told("started")
    for _ in range(160):
        shell.send(b"\x00" + b"x" * 65536)
    until(lambda: shell.code == 1008)
    session = terminals.find(of_ada(), shell.session, shell.container_id)
    assert session is not None
    assert session.end is None


def test_tiny_keys_cost_what_they_weigh() -> None:
    """A million messages of one byte or none are a megabyte, not a million objects."""
    typed = Typed()
    tracemalloc.start()
    try:
        for _ in range(40_000):
            typed.add(b"x")
            typed.add(b"")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 150_000
    assert not typed.add(bytes(MOST_WAITING))
    assert typed.add(bytes(MOST_WAITING - 40_000))


def test_a_flood_of_tiny_messages_closes_the_socket_only(terminal: Make) -> None:
    shell = terminal()
    shell.shows("# ")
    session = shell.session
    for _ in range(60_000):
        shell.send(b"\x03")
    until(lambda: shell.code == 4429, 30)
    back = terminal(session=session)
    back.type("echo whole-$((40+2))\n")
    back.shows("whole-42")


def test_a_rate_gives_a_burst_and_then_so_many_a_second() -> None:
    clock = [0.0]
    rate = Rate(10, 3, lambda: clock[0])
    assert [rate.take() for _ in range(4)] == [True, True, True, False]
    clock[0] = 0.1
    assert [rate.take(), rate.take()] == [True, False]
    clock[0] = 60
    assert [rate.take() for _ in range(4)] == [True, True, True, False]
