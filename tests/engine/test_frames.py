"""Pure parsers: however the input is cut, the output is the same."""

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import EngineError
from engine.frames import Chunks, Frames, JsonLines

PAYLOADS = st.lists(st.binary(max_size=40), max_size=12)
CUTS = st.lists(st.integers(min_value=0, max_value=600), max_size=20)


def cut(data: bytes, at: list[int]) -> list[bytes]:
    places = sorted({0, len(data), *(min(place, len(data)) for place in at)})
    return [data[a:b] for a, b in itertools.pairwise(places)]


def chunked(payloads: list[bytes]) -> bytes:
    coded = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in payloads if part)
    return coded + b"0\r\n\r\n"


def framed(frames: list[tuple[int, bytes]]) -> bytes:
    return b"".join(bytes([s, 0, 0, 0]) + len(p).to_bytes(4, "big") + p for s, p in frames)


@given(PAYLOADS, CUTS)
def test_chunks_give_their_payload_however_they_are_cut(
    payloads: list[bytes], at: list[int]
) -> None:
    parser = Chunks()
    got = b"".join(parser.feed(piece) for piece in cut(chunked(payloads), at))
    assert got == b"".join(payloads)
    assert parser.done


def test_chunks_split_at_every_byte() -> None:
    data = chunked([b"hello", b"\r\n\r\n", b"x" * 300])
    for place in range(len(data) + 1):
        parser = Chunks()
        got = parser.feed(data[:place]) + parser.feed(data[place:])
        assert got == b"hello\r\n\r\n" + b"x" * 300, place
        assert parser.done


def test_an_answer_cut_off_is_not_done() -> None:
    parser = Chunks()
    parser.feed(chunked([b"hello"])[:-5])
    assert not parser.done


def test_chunk_extensions_are_passed_over() -> None:
    assert Chunks().feed(b"5;name=value\r\nhello\r\n") == b"hello"


@pytest.mark.parametrize("broken", [b"zz\r\n", b"-5\r\nhello\r\n", b"\r\n\r\n", b"a" * 2000])
def test_broken_chunks_are_an_error(broken: bytes) -> None:
    with pytest.raises(EngineError):
        Chunks().feed(broken)


@given(st.lists(st.tuples(st.sampled_from([0, 1, 2]), st.binary(max_size=40)), max_size=12), CUTS)
def test_frames_survive_every_cut(frames: list[tuple[int, bytes]], at: list[int]) -> None:
    parser = Frames()
    got = [frame for piece in cut(framed(frames), at) for frame in parser.feed(piece)]
    assert got == frames


def test_frames_split_at_every_byte() -> None:
    frames = [(1, b"one\n"), (2, b""), (1, bytes(range(256)))]
    data = framed(frames)
    for place in range(len(data) + 1):
        parser = Frames()
        assert parser.feed(data[:place]) + parser.feed(data[place:]) == frames, place


@pytest.mark.parametrize("head", [b"\x07\0\0\0\0\0\0\1", b"\x01\0\0\0\xff\xff\xff\xff"])
def test_what_is_no_frame_is_an_error_and_never_a_huge_buffer(head: bytes) -> None:
    with pytest.raises(EngineError):
        Frames().feed(head)


@given(st.lists(st.dictionaries(st.text(max_size=5), st.integers()), max_size=6), CUTS)
def test_json_lines_survive_every_cut(objects: list[dict[str, int]], at: list[int]) -> None:
    data = "".join(json.dumps(item, ensure_ascii=False) + "\r\n" for item in objects).encode()
    parser = JsonLines()
    got = [item for piece in cut(data, at) for item in parser.feed(piece)] + parser.end()
    assert got == objects


def test_the_last_object_needs_no_newline() -> None:
    parser = JsonLines()
    assert parser.feed(b'{"StatusCode":3}') == []
    assert parser.end() == [{"StatusCode": 3}]


@pytest.mark.parametrize("line", [b"{\n", b"[1]\n", b"\xff\xfe\n"])
def test_wrong_json_is_an_error(line: bytes) -> None:
    with pytest.raises(EngineError):
        JsonLines().feed(line)
