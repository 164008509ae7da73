"""What we make of keys for a program without a terminal."""

import pytest

from containers.typed_lines import MOST_LINE, TypedLines


@pytest.mark.parametrize(
    ("keys", "send", "show"),
    [
        (b"one\rtwo\n", b"one\ntwo\n", b"one\r\ntwo\r\n"),
        ("zä\x7f日\x7f\r".encode(), b"z\n", "zä\b \b日\b \b\b \b\r\n".encode()),
        (b"\x7f\x08\r", b"\n", b"\r\n"),
        (b"gone\x15x\r", b"x\n", b"gone" + b"\b \b" * 4 + b"x\r\n"),
        (b"gone\x03x\r", b"x\n", b"gone^C\r\nx\r\n"),
        (b"a\x1b[1;5Ab\x1bOBc\r", b"abc\n", b"abc\r\n"),
        (b"half\x04", b"half", b"half"),
        (b"a\tb\x00\r", b"a\tb\n", b"a b\r\n"),
    ],
)
def test_keys_become_lines(keys: bytes, send: bytes, show: bytes) -> None:
    for size in (1, len(keys)):
        lines = TypedLines()
        told = [lines.feed(keys[at : at + size]) for at in range(0, len(keys), size)]
        assert b"".join(bytes(each.send) for each in told) == send
        assert b"".join(bytes(each.show) for each in told) == show
        assert not any(each.ended for each in told)


def test_the_end_on_an_empty_line_ends_the_input() -> None:
    told = TypedLines().feed(b"a\r\x04b\r")
    assert (bytes(told.send), told.ended) == (b"a\n", True)


def test_a_line_has_a_most() -> None:
    told = TypedLines().feed(b"x" * (MOST_LINE + 2) + b"\r")
    assert len(told.send) == MOST_LINE + 1
    assert told.show.count(b"\x07") == 2
