"""What is found in a log: matches, their neighbours, gaps, bounds. Pure."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import log_search
from engine.log_search import AFTER_GAP, HIT, SLOW, Finder, Found, Wanted
from engine.sentences import BadValue
from engine.types import LogLine


def log(*texts: bytes) -> list[tuple[int, LogLine]]:
    return [(0, LogLine(at, 0, 1, text)) for at, text in enumerate(texts)]


def found(wanted: Wanted, *texts: bytes) -> list[Found]:
    return Finder(wanted).feed(log(*texts))


@given(st.lists(st.booleans(), max_size=60), st.integers(0, 4), st.integers(1, 5))
def test_each_match_has_its_neighbours_once_and_every_gap_is_marked(
    matching: list[bool], context: int, piece: int
) -> None:
    texts = [b"yes" if yes else b"no" for yes in matching]
    finder = Finder(Wanted("yes", context=context))
    lines, result = log(*texts), []
    for at in range(0, len(lines), piece):
        result += finder.feed(lines[at : at + piece])
    hits = [at for at, yes in enumerate(matching) if yes]
    near = [at for at in range(len(texts)) if any(abs(at - hit) <= context for hit in hits)]
    assert [one.line.ns for one in result] == near
    assert [bool(one.marks & HIT) for one in result] == [matching[at] for at in near]
    gaps = [at for at in near if at > 0 and at - 1 not in near]
    assert [one.line.ns for one in result if one.marks & AFTER_GAP] == gaps


@pytest.mark.parametrize(
    ("wanted", "text", "matches"),
    [
        (Wanted("Straße"), "STRASSE STRAßE", True),
        (Wanted("a.c"), "abc", False),
        (Wanted("a.c", is_regex=True), "abc", True),
        (Wanted("ABC"), "abc", True),
        (Wanted("ABC", case=True), "abc", False),
        (Wanted("^b", is_regex=True, case=True), "B", False),
        (Wanted("error: x"), "\x1b[31merror\x1b[0m: x", True),
        (Wanted("\ud800", case=True), "x", False),
    ],
)
def test_text_and_expressions_with_and_without_case(
    wanted: Wanted, text: str, matches: bool
) -> None:
    assert bool(found(wanted, text.encode())) == matches


def test_bytes_that_are_no_text_do_not_end_a_search() -> None:
    every = bytes(range(256))
    assert len(found(Wanted("abc"), every, b"\xff\xfe", b"abc")) == 3
    assert [one.marks for one in found(Wanted("~"), every)] == [HIT]


def test_a_search_stops_at_its_bound_but_gives_the_neighbours() -> None:
    finder = Finder(Wanted("a", most=2, context=1))
    assert [one.line.data for one in finder.feed(log(b"a", b"a", b"a", b"a"))] == [b"a"] * 3
    assert (finder.full, finder.over, finder.hits, finder.lines) == (True, True, 2, 3)


@pytest.mark.parametrize("text", ["(", "*a", "a{9999999999999}", "(?:" * 2000 + ")" * 2000])
def test_a_bad_expression_is_told_in_words(text: str) -> None:
    with pytest.raises(BadValue, match=r"no regular expression|too deep"):
        Finder(Wanted(text, is_regex=True))


@pytest.mark.parametrize("text", ["(?R)", "(a(?1)?b)", r"\\(?&x)", "(?P<x>a(?P>x))"])
def test_an_expression_that_calls_itself_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match="calls itself"):
        Finder(Wanted(text, is_regex=True))


def test_a_line_that_takes_too_long_is_marked_and_the_search_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(log_search, "LINE_SECONDS", 0.02)
    monkeypatch.setattr(log_search, "MOST_SLOW", 3)
    bad = b"x" * 60
    finder = Finder(Wanted("(x|xx|xy?)+z|fine|z", is_regex=True, context=0))
    result = finder.feed(log(bad, b"fine", bad))
    assert [one.marks for one in result] == [SLOW, HIT, SLOW]
    assert not finder.over
    finder.feed(log(bad, b"fine"))
    assert (finder.slow, finder.too_slow, finder.over, finder.lines) == (3, True, True, 4)


def test_stop_ends_a_feed_at_the_next_line() -> None:
    finder = Finder(Wanted("x"))

    def lines() -> object:
        yield from log(b"x", b"x")
        finder.stop()
        yield from log(b"x")

    assert len(finder.feed(lines())) == 2  # type: ignore[arg-type]
    started = time.monotonic()
    assert finder.feed(log(*[b"x"] * 100_000)) == []
    assert time.monotonic() - started < 5
