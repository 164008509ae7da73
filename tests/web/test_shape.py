"""The equal command line, said after each change."""

import pytest

from access import shown_lines
from web.shape import LONGEST_SHOWN, equal_line, merged, shown_line


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ([], []),
        (["docker stop a"], ["docker stop a"]),
        (["docker stop --time=3 a", "docker stop --time=3 b"], ["docker stop --time=3 a b"]),
        (["docker stop a", "docker kill b"], ["docker stop a", "docker kill b"]),
        (["docker rename a b", "docker rename c d"], ["docker rename a b", "docker rename c d"]),
        (["docker volume rm a", "docker volume rm b"],) * 2,
        (["docker rm 'a b'", "docker rm c"], ["docker rm 'a b'", "docker rm c"]),
        (["docker run x\nrm", "docker run x\nrm"], ["docker run x\nrm"]),
    ],
)  # fmt: skip
def test_one_verb_on_several_objects_is_one_line(lines: list[str], told: list[str]) -> None:
    assert merged(lines) == told


def test_what_is_too_long_for_a_header_is_left_to_a_page() -> None:
    shown_lines.begin()
    shown_lines.add("docker stop a")
    shown_lines.add("")
    assert shown_line() == equal_line() == "docker stop a"
    shown_lines.add("docker run " + "x" * LONGEST_SHOWN)
    assert shown_line() == ""
    assert len(equal_line()) > LONGEST_SHOWN
    shown_lines.begin()
    assert equal_line() == ""


def test_a_line_is_measured_as_the_header_has_it() -> None:
    shown_lines.begin()
    shown_lines.add("容" * (LONGEST_SHOWN // 3))
    assert shown_line() == ""
