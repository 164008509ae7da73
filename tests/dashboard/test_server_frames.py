"""What RFC 6455 says of frames, in the cases that Autobahn's fuzzing client has most of.

The whole suite's result stands in docs/protocols.md.
"""

import struct

import pytest

from tests.dashboard.frames import (
    BINARY,
    CLOSE,
    CONTINUED,
    LAST,
    PING,
    PONG,
    TEXT,
    frame,
    read_frame,
)
from tests.dashboard.servers import Running

BROKEN, NOT_UTF8 = 1002, 1007
HELLO = "Hellö-µ@ßöä".encode()


def closing(code: int) -> bytes:
    return frame(LAST | CLOSE, struct.pack(">H", code))


def ending(server: Running, sent: bytes) -> int:
    """How the server closes after this: the code (1005: none in it; 0: it just hangs up)."""
    with server.upgraded("/echo") as client:
        client.sendall(sent)
        while True:
            first, data = read_frame(client)
            if first & 0x0F == CLOSE:
                return struct.unpack(">H", data[:2])[0] if data else 1005
            if not first:
                return 0


GOOD = {
    "a fragmented text": (
        frame(TEXT, HELLO[:4]) + frame(CONTINUED, HELLO[4:7]) + frame(LAST | CONTINUED, HELLO[7:]),
        [(LAST | TEXT, HELLO)],
    ),
    "a character over two frames": (
        frame(TEXT, HELLO[:5]) + frame(LAST | CONTINUED, HELLO[5:]),
        [(LAST | TEXT, HELLO)],
    ),
    "empty fragments": (
        frame(BINARY, b"") + frame(CONTINUED, b"") + frame(LAST | CONTINUED, b""),
        [(LAST | BINARY, b"")],
    ),
    "a ping between fragments": (
        frame(TEXT, b"a") + frame(LAST | PING, b"now") + frame(LAST | CONTINUED, b"b"),
        [(LAST | PONG, b"now"), (LAST | TEXT, b"ab")],
    ),
    "the longest ping": (frame(LAST | PING, bytes(125)), [(LAST | PONG, bytes(125))]),
    "a pong that nobody asked for": (frame(LAST | PONG, b"x"), []),
}
LENGTHS = (0, 125, 126, 127, 128, 65535, 65536)
WRONG = {
    "a reserved bit": (frame(LAST | 0x40 | TEXT, b"x"), BROKEN),
    "all reserved bits": (frame(LAST | 0x70 | BINARY, b"x"), BROKEN),
    "a reserved opcode": (frame(LAST | 0x3, b"x"), BROKEN),
    "a reserved control opcode": (frame(LAST | 0xB, b""), BROKEN),
    "a ping that is too long": (frame(LAST | PING, bytes(126)), BROKEN),
    "a fragmented ping": (frame(PING, b"x"), BROKEN),
    "a continuation of nothing": (frame(LAST | CONTINUED, b"x"), BROKEN),
    "a message within a message": (frame(TEXT, b"x") + frame(LAST | TEXT, b"y"), BROKEN),
    "a frame without a mask": (b"\x81\x01x", BROKEN),
    "a text that is not UTF-8": (frame(LAST | TEXT, b"\xed\xa0\x80"), NOT_UTF8),
    "half a character at the end": (frame(LAST | TEXT, b"a\xce"), NOT_UTF8),
    "not UTF-8 before the last frame": (
        frame(TEXT, b"\xff") + frame(LAST | CONTINUED, b"x"),
        NOT_UTF8,
    ),
}
WRONG_CLOSES = {
    "of one byte": frame(LAST | CLOSE, b"\x03"),
    "that is too long": frame(LAST | CLOSE, b"\x03\xe8" + bytes(124)),
    "whose reason is not UTF-8": frame(LAST | CLOSE, b"\x03\xe8\xff\xfe"),
}
BAD_CODES = (0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999, 5000, 65535)
GOOD_CODES = (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999)


@pytest.mark.parametrize("name", GOOD)
def test_good_frames_are_answered(server: Running, name: str) -> None:
    sent, wanted = GOOD[name]
    with server.upgraded("/echo") as client:
        client.sendall(sent + frame(LAST | BINARY, b"last"))
        got = [read_frame(client) for _ in range(len(wanted) + 1)]
    # The pong is the server's, the echo the application's: the one may overtake the other.
    assert sorted(got) == sorted([*wanted, (LAST | BINARY, b"last")])


@pytest.mark.parametrize("length", LENGTHS)
def test_messages_of_every_form_of_length(server: Running, length: int) -> None:
    with server.upgraded("/echo") as client:
        client.sendall(frame(LAST | BINARY, bytes(length)))
        assert read_frame(client) == (LAST | BINARY, bytes(length))


@pytest.mark.parametrize("name", WRONG)
def test_wrong_frames_end_the_socket(server: Running, name: str) -> None:
    sent, code = WRONG[name]
    assert ending(server, sent) == code


@pytest.mark.parametrize("name", WRONG_CLOSES)
def test_a_wrong_close_is_the_end(server: Running, name: str) -> None:
    """Ours hangs up without a close of its own."""
    assert ending(server, WRONG_CLOSES[name]) in (0, BROKEN, NOT_UTF8)
    assert ending(server, frame(LAST | CLOSE, b"")) in (1000, 1005)


def test_close_codes(server: Running) -> None:
    for code in GOOD_CODES:
        assert ending(server, closing(code)) in (code, 1000)
    for code in BAD_CODES:
        assert ending(server, closing(code)) in (0, BROKEN)


def test_what_is_sent_after_the_clients_close_is_no_error(ours: Running) -> None:
    """The echo of a message that came right before the close."""
    before = ours.get("/failures")
    for _ in range(20):
        sent = frame(LAST | BINARY, b"x") * 20 + closing(1000)
        assert ending(ours, sent) == 1000
    assert ours.get("/failures") == before
