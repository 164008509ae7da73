"""What is on the screen is what ``docker exec -it`` shows, byte for byte and cell for cell."""

import re
import shlex
from collections.abc import Callable
from typing import Any

import pyte
import pytest

from tests.conftest import DockerCli
from tests.containers.local_pty import LocalPty, local_pty
from tests.containers.terminal_cast import Make
from tests.containers.terminal_cast import ada as ada
from tests.containers.terminal_cast import box as box
from tests.containers.terminal_cast import terminal as terminal
from tests.containers.terminal_client import Terminal
from tests.runtime import runtime as runtime
from tests.runtime import until

SIZE = (80, 24)
WIDE = "".join(
    f"line {number}\t漢字かな {'🐳' * (number % 5)} é e\u0301 Ω {'x' * number}\n"
    for number in range(1, 121)
)


class Pair:
    """The same command at our socket and in a local pty, typed into and resized alike."""

    def __init__(self, ours: Terminal, theirs: LocalPty) -> None:
        self.ours, self.theirs = ours, theirs
        self.screens = [Screen(ours), Screen(theirs)]

    def type(self, text: str) -> None:
        self.ours.type(text)
        self.theirs.type(text)

    def resize(self, cols: int, rows: int) -> None:
        for screen in self.screens:
            screen.resize(cols, rows)

    def shows_alike(self, words: str, row: int | None = None) -> None:
        """Wait until both screens have the words (in this row) and are equal in every cell."""

        def alike() -> bool:
            seen, other = (screen.update() for screen in self.screens)
            there = seen.text if row is None else seen.text[row : row + 1]
            return words in "\n".join(there) and seen.cells == other.cells

        try:
            until(alike, 20)
        except AssertionError:
            raise AssertionError("\n-- and\n".join(str(one) for one in self.screens)) from None


class Screen:
    """What a terminal emulator makes of what one end has sent."""

    def __init__(self, end: Any) -> None:
        self._end, self._fed = end, 0
        self._screen = pyte.Screen(*SIZE)
        self._stream = pyte.ByteStream(self._screen)

    def __str__(self) -> str:
        return "\n".join([*self.text, f"cursor at {self._cursor}"])

    def update(self) -> "Screen":
        data = bytes(self._end.output[self._fed :])
        self._fed += len(data)
        self._stream.feed(data)
        return self

    def resize(self, cols: int, rows: int) -> None:
        self.update()
        self._screen.resize(rows, cols)
        self._end.resize(cols, rows)

    @property
    def text(self) -> list[str]:
        return [line.rstrip() for line in self._screen.display]

    @property
    def cells(self) -> Any:
        """Every character with its colours, and where the cursor stands."""
        rows, cols = range(self._screen.lines), range(self._screen.columns)
        return [[self._screen.buffer[y][x] for x in cols] for y in rows], self._cursor

    @property
    def _cursor(self) -> tuple[int, int]:
        return self._screen.cursor.x, self._screen.cursor.y


@pytest.fixture
def pair(terminal: Make, box: str, engine_url: str) -> Any:
    """``pair(*command)``: started at both ends."""
    opened: list[Any] = []

    def start(*command: str, container: str = box) -> Pair:
        cols, rows = SIZE
        ours = terminal(container, command=shlex.join(command), cols=cols, rows=rows)
        context = local_pty(engine_url, container, list(command), SIZE)
        opened.append(context)
        return Pair(ours, context.__enter__())

    yield start
    for context in opened:
        context.__exit__(None, None, None)


Start = Callable[..., Pair]


@pytest.fixture
def wide(box: str, docker_cli: DockerCli) -> str:
    docker_cli("exec", "-i", box, "sh", "-c", "cat > /tmp/wide.txt", input=WIDE)
    return "/tmp/wide.txt"


def test_an_editor_with_wide_characters_resized(pair: Start, wide: str) -> None:
    vi = pair("vi", wide)
    vi.shows_alike("1/120", row=23)
    vi.type("G")
    vi.shows_alike("120/120", row=23)
    vi.resize(100, 30)
    vi.shows_alike("120/120", row=29)
    vi.type("50Gonew text 漢字\x1b")
    vi.shows_alike("[Modified]", row=29)
    vi.resize(61, 17)
    vi.shows_alike("51/121", row=16)  # it drops a key that comes while it draws anew
    vi.type("1G")
    vi.shows_alike("1/121", row=16)


def test_a_pager_resized(pair: Start, wide: str) -> None:
    less = pair("less", wide)
    less.shows_alike("line 20")
    less.resize(40, 30)
    less.shows_alike("/tmp/wide.txt", row=29)
    less.type("G")
    less.shows_alike("(END)", row=29)
    less.type("g/line 77\r")
    less.shows_alike("line 77", row=0)


def test_top_resized(pair: Start) -> None:
    """Its numbers change while one looks: compared are the words and what runs."""
    top = pair("top", "-d", "1")
    for rows in (24, 30, 12):
        top.resize(100, rows)

        def alike() -> bool:
            ours, theirs = (picture(one.update()) for one in top.screens)
            return ours == theirs and HEAD in ours[0][-1] and ours[1] == COMMANDS

        until(alike, 20)


HEAD = "PID PPID USER STAT VSZ"
COMMANDS = ["sleep N", "top -d N", "top -d N"]


def picture(top: Screen) -> tuple[list[str], list[str]]:
    """The lines above the processes without their numbers, and the commands."""
    lines = [re.sub(r"[\d.]+", "N", " ".join(line.split())) for line in top.text]
    return lines[:4], sorted(line.rpartition("% ")[2] for line in lines[4:] if line)


def test_all_bytes_come_as_they_are(pair: Start, box: str, docker_cli: DockerCli) -> None:
    docker_cli("exec", "-i", box, "sh", "-c", "cat > /tmp/bytes", input=bytes(range(256)) * 64)
    cat = pair("sh", "-c", "stty raw; cat /tmp/bytes; sleep 0.3")
    cat.ours.told("exited")
    assert cat.theirs.wait() == 0
    assert bytes(cat.ours.output) == bytes(range(256)) * 64 == bytes(cat.theirs.output)
