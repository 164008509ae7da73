"""Bytes, rate and time left."""

import pytest

from jobs.progress import MOST_LINES, MOST_PARTS, Part, Picture, Progress


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_rate_and_time_left_come_from_the_last_seconds(clock: Clock) -> None:
    progress = Progress(clock=clock)
    for second in range(1, 21):
        clock.now = second
        moved = second * 10 if second <= 10 else 100 + (second - 10) * 50
        progress.put(Part("a", "Downloading", moved=moved, size=1000))
    picture = progress.picture()
    assert picture.rate == pytest.approx(50, rel=0.05)
    assert picture.left == pytest.approx((1000 - 600) / 50, rel=0.05)


def test_the_rate_sinks_while_nothing_comes(clock: Clock) -> None:
    progress = Progress(clock=clock)
    clock.now = 1
    progress.put(Part("a", "Downloading", moved=100, size=1000))
    before = progress.picture().rate
    clock.now = 10
    assert progress.picture().rate < before / 5


def test_time_left_is_unknown_while_a_size_is(clock: Clock) -> None:
    progress = Progress(clock=clock)
    clock.now = 1
    progress.put(Part("a", "Downloading", moved=100, size=1000))
    assert progress.picture().left is not None
    progress.put(Part("b", "Waiting"))
    assert progress.picture().left is None


def test_it_is_bounded() -> None:
    progress = Progress()
    for number in range(MOST_PARTS + 50):
        progress.put(Part(str(number), "x"))
        progress.line(str(number))
    assert len(progress.picture().parts) == MOST_PARTS
    assert len(progress.picture().lines) == MOST_LINES


def test_a_picture_survives_the_database() -> None:
    progress = Progress()
    progress.put(Part("a", "Pull complete", 1, 2, 3, 4, True))
    progress.line("hello")
    picture = progress.picture()
    kept = Picture.of_json(picture.as_json())
    assert (kept.parts, kept.lines, kept.current) == (picture.parts, picture.lines, 3)
