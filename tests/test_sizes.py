"""How long things may be, so that each is read in one look."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.test_layers import PACKAGES, ROOT

FUNCTION, FILE, CONSUMER = 25, 300, 80
# A line for each field or sentence, and nothing else in them.
TABLES = {
    "containers/details.py details",
    "containers/shell_ends.py sentences",
    "engine/rows.py container_from_inspect",
}
Function = ast.FunctionDef | ast.AsyncFunctionDef


def sources(*folders: str) -> Iterator[tuple[str, str]]:
    """Name and text of each of our Python files, those without an ending, too."""
    for path in sorted(found for folder in folders for found in (ROOT / folder).rglob("*")):
        if path.suffix == ".py" or is_script(path):
            name = path.relative_to(ROOT)
            if "migrations" not in name.parts:
                yield name.as_posix(), path.read_text()


def is_script(path: Path) -> bool:
    if path.suffix or not path.is_file():
        return False
    return path.read_bytes().startswith(b"#!/usr/bin/env python")


def is_consumer(name: str) -> bool:
    """A socket of a feature; in ``web`` is what they share."""
    return name.endswith(("socket.py", "sockets.py")) and not name.startswith(("web/", "tests/"))


def lines_of(function: Function) -> int:
    """Of what it does: without its parameters and its words."""
    first = function.body[0]
    said = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    done = function.body[said:]
    return (done[-1].end_lineno or 0) - done[0].lineno + 1 if done else 0


def too_long(name: str, text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, Function) and lines_of(node) > FUNCTION:
            yield f"{name} {node.name}"


def test_a_function_has_25_lines_at_most() -> None:
    found = {each for name, text in sources(*PACKAGES, "script") for each in too_long(name, text)}
    assert found == TABLES  # and what is short again is taken from the list


def test_a_file_has_less_than_300_lines_and_a_consumer_less_than_80() -> None:
    every = list(sources(*PACKAGES, "script", "tests"))
    assert [name for name, text in every if text.count("\n") >= FILE] == []
    consumers = [(name, text) for name, text in every if is_consumer(name)]
    assert len(consumers) > 5
    assert [name for name, text in consumers if text.count("\n") >= CONSUMER] == []


def test_a_long_function_is_found() -> None:
    """Between what is said of it and the next one."""
    text = 'def f(\n    a: int,\n) -> None:\n    """Words."""\n' + "    a += 1\n" * FUNCTION
    assert list(too_long("a.py", text)) == []
    assert list(too_long("a.py", text + "    a += 1\n")) == ["a.py f"]
