"""Short ways of messages: out whole and in order, in only where one stands alone and whole."""

from collections.abc import Sequence

import pytest

from dashboard.server.frames import FIN_BINARY, FIN_TEXT, head, small_message, write_at_once


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


def masked(first: int, payload: bytes, mask: bytes = b"\x01\xff\x7e\x80") -> bytes:
    secret = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
    return bytes((first, 0x80 | len(payload))) + mask + secret


@pytest.mark.parametrize("length", [0, 1, 3, 4, 5, 125])
def test_a_small_message_is_read_as_it_was_sent(length: int) -> None:
    payload = bytes(range(200, 256))[:length] * 3
    assert small_message(masked(FIN_BINARY, payload[:125])) == payload[:125]


def test_everything_else_goes_the_long_way() -> None:
    whole = masked(FIN_BINARY, b"key")
    others = [
        whole[:-1],  # more of it is to come
        whole + b"\x82",  # the next has begun
        b"\x02" + whole[1:],  # a fragment
        b"\xc2" + whole[1:],  # reserved bits
        masked(0x89, b"ping"),
        masked(0x88, b""),
        bytes((FIN_BINARY, 3)) + b"key",  # not masked
        masked(FIN_TEXT, b"\xff\xfe"),
        bytes((FIN_BINARY, 0x80 | 126)) + bytes(124),
        b"",
    ]
    assert [small_message(other) for other in others] == [None] * len(others)
    assert small_message(masked(FIN_TEXT, "é".encode())) == "é".encode()
