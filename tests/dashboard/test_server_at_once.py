"""Messages that go out at once: whole and in order, however little the system takes."""

from collections.abc import Sequence

import pytest

from dashboard.server.frames import FIN_BINARY, head, write_at_once


class Wire:
    """A Twisted transport and its socket that takes ``room`` bytes."""

    connected, disconnecting, offset = True, False, 0

    def __init__(self, room: int) -> None:
        self.room, self.sent = room, b""
        self._tempDataBuffer: list[bytes] = []
        self.dataBuffer = b""
        self.socket = self

    def sendmsg(self, parts: Sequence[bytes]) -> int:
        if not self.room:
            raise BlockingIOError
        taken = b"".join(parts)[: self.room]
        self.room -= len(taken)
        self.sent += taken
        return len(taken)

    def write(self, data: bytes) -> None:
        self._tempDataBuffer.append(data)

    @property
    def all(self) -> bytes:
        return self.sent + b"".join(self._tempDataBuffer)


@pytest.mark.parametrize("room", range(0, 40, 3))
def test_what_the_system_does_not_take_waits_in_order(room: int) -> None:
    wire = Wire(room)
    messages = [b"a" * 10, b"", b"b" * 20]
    for message in messages:
        write_at_once(wire, head(FIN_BINARY, len(message)), message)
    assert wire.all == b"".join(head(FIN_BINARY, len(one)) + one for one in messages)


def test_nothing_overtakes_what_waits() -> None:
    wire = Wire(100)
    wire.dataBuffer = b"before"
    write_at_once(wire, b"h", b"after")
    assert wire.sent == b""
    assert wire.all == b"hafter"


@pytest.mark.parametrize(
    ("length", "start"),
    [
        (0, "8200"),
        (125, "827d"),
        (126, "827e007e"),
        (65535, "827effff"),
        (65536, "827f0000000000010000"),
    ],
)
def test_the_head_says_the_length_as_the_rfc_has_it(length: int, start: str) -> None:
    assert head(FIN_BINARY, length).hex() == start
