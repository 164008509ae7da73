"""Log lines: cursors to the nanosecond, long lines joined, both streams apart."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.log_lines import LONGEST_LINE, PART, LogLines
from engine.types import LogLine

START = 1_767_323_045_000_000_000  # 2026-01-02T03:04:05Z


def stamp(ns: int) -> bytes:
    seconds, rest = divmod(ns, 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:09d}Z ".encode()


def frame(ns: int, text: bytes, stream: int = 1) -> bytes:
    data = stamp(ns) + text
    return bytes([stream, 0, 0, 0]) + len(data).to_bytes(4, "big") + data


def parse(data: bytes, tty: bool = False, size: int | None = None) -> list[LogLine]:
    parser = LogLines(tty)
    step = size or len(data) or 1
    lines = [line for at in range(0, len(data), step) for line in parser.feed(data[at : at + step])]
    return lines + parser.end()


def test_nanoseconds_are_exact() -> None:
    ns = START + 123_456_789
    assert parse(frame(ns, b"hello\n")) == [(ns, 0, 1, b"hello")]


def test_ordinals_count_equal_times_in_the_order_they_come_over_both_streams() -> None:
    data = frame(START, b"a\n") + frame(START, b"b\n", 2) + frame(START + 1, b"c\n")
    data += frame(START, b"d\n")  # the streams may mix the order
    assert [(line.ns - START, line.ordinal, line.data) for line in parse(data)] == [
        (0, 0, b"a"),
        (0, 1, b"b"),
        (1, 0, b"c"),
        (0, 2, b"d"),
    ]


def test_each_stream_has_a_long_line_of_its_own() -> None:
    data = frame(START, b"x" * PART) + frame(START + 1, b"err\n", 2) + frame(START + 2, b"end\n")
    assert parse(data) == [(START + 1, 0, 2, b"err"), (START, 0, 1, b"x" * PART + b"end")]


def test_a_joined_line_keeps_its_first_cursor_and_its_parts_count() -> None:
    data = frame(START, b"x" * PART) + frame(START + 5, b"y\n") + frame(START + 5, b"z\n")
    joined, after = parse(data)
    assert (joined.ns, joined.ordinal) == (START, 0)
    assert (after.ns, after.ordinal) == (START + 5, 1)
    # A resume from START + 5 begins inside the joined line and numbers the next alike.
    rest, again = parse(frame(START + 5, b"y\n") + frame(START + 5, b"z\n"))
    assert again == after
    assert rest[:2] < after[:2]


@pytest.mark.parametrize("tty", [False, True])
def test_ten_megabytes_without_newline_are_truncated_and_the_next_line_is_whole(tty: bool) -> None:
    parts = [b"x" * PART] * 640
    ends = [*parts, b"\r\n" if tty else b"\n", b"next\r\n" if tty else b"next\n"]
    made = [
        (stamp(START + i) + part) if tty else frame(START + i, part) for i, part in enumerate(ends)
    ]
    long, after = parse(b"".join(made), tty, 65536)
    assert long.data[:LONGEST_LINE] == b"x" * LONGEST_LINE
    assert long.data[LONGEST_LINE:].decode() == f"… truncated, {640 * PART} bytes"
    assert after.data == b"next"


def test_the_end_gives_what_has_no_newline() -> None:
    assert parse(frame(START, b"no newline")) == [(START, 0, 1, b"no newline")]
    assert parse(stamp(START) + b"no newline", tty=True) == [(START, 0, 1, b"no newline")]


def test_tty_lines_lose_their_carriage_return_and_keep_the_others() -> None:
    data = stamp(START) + b"50%\r100%\r\n" + stamp(START + 1) + b"\r\n"
    assert parse(data, tty=True) == [(START, 0, 1, b"50%\r100%"), (START + 1, 0, 1, b"")]


def test_tty_parts_are_joined_where_bytes_became_replacement_characters() -> None:
    part = "�".encode() * (PART // 2) + b"x" * (PART // 2)
    data = stamp(START) + part + stamp(START + 1) + b"end\r\n"
    for size in (1, 7, 16384, len(data)):
        assert parse(data, True, size) == [(START, 0, 1, part + b"end")], size


def test_a_time_zone_and_fewer_decimals_are_understood() -> None:
    text = b"2026-01-02T05:04:05.5+02:00 hello\n"
    data = b"\x01\0\0\0" + len(text).to_bytes(4, "big") + text
    assert parse(data) == [(START + 500_000_000, 0, 1, b"hello")]


def test_a_line_without_a_timestamp_is_kept_at_the_last_time() -> None:
    bare = b"\x02\0\0\0\0\0\0\x05bare\n"
    assert parse(frame(START, b"a\n") + bare)[1] == (START, 1, 2, b"bare")


def test_without_timestamps_nothing_is_taken_from_the_text() -> None:
    parser = LogLines(False, timestamps=False)
    text = stamp(START) + b"the program's own time\n"
    data = b"\x01\0\0\0" + len(text).to_bytes(4, "big") + text
    assert parser.feed(data) == [(0, 0, 1, text[:-1])]


@pytest.mark.parametrize("tty", [False, True])
def test_split_at_every_byte(tty: bool) -> None:
    texts = [b"one", b"", bytes(range(32)).replace(b"\n", b""), b"two"]
    if tty:
        data = b"".join(stamp(START + i) + t + b"\r\n" for i, t in enumerate(texts))
    else:
        data = b"".join(frame(START + i, t + b"\n", 1 + i % 2) for i, t in enumerate(texts))
    whole = parse(data, tty)
    assert [line.data for line in whole] == texts
    for place in range(len(data) + 1):
        parser = LogLines(tty)
        lines = parser.feed(data[:place]) + parser.feed(data[place:]) + parser.end()
        assert lines == whole, place


LINES = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from([1, 2]),
        st.binary(max_size=50).map(lambda data: data.replace(b"\n", b" ")),
        st.booleans(),
    ),
    max_size=10,
)


@settings(deadline=None)
@given(LINES, st.integers(1, 90), st.booleans())
def test_any_input_cut_anywhere(
    lines: list[tuple[int, int, bytes, bool]], size: int, tty: bool
) -> None:
    if tty:
        data = b"".join(stamp(START + ns) + text + b"\r\n" for ns, _, text, _ in lines)
    else:
        data = b"".join(
            frame(START + ns, text + b"\n" * ended, stream) for ns, stream, text, ended in lines
        )
    assert parse(data, tty, size) == parse(data, tty)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(0, 3 * PART), max_size=4), st.integers(1, 40_000))
def test_long_tty_lines_cut_anywhere(lengths: list[int], size: int) -> None:
    data, expected = b"", []
    for index, length in enumerate(lengths):
        text = bytes(65 + i % 26 for i in range(length))
        expected.append(text)
        for at in range(0, max(1, length), PART):
            data += stamp(START + index) + text[at : at + PART]
        data += b"\r\n"
    assert [line.data for line in parse(data, True, size)] == expected
