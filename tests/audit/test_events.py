"""Every event that the code writes is a declared right, or stands in ``audit.events``."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from access.rights import RIGHTS
from audit.events import EVENTS
from dashboard.reference import reference

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (
    "access",
    "audit",
    "containers",
    "dashboard",
    "hosts",
    "images",
    "jobs",
    "networks",
    "transfers",
    "volumes",
    "web",
)
WRITERS = {"change", "begin", "note", "judged", "denied", "by_command", "append", "Kind"}


def written() -> Iterator[tuple[str, str]]:
    """(file, event) of each text that looks like an event in a call that writes the record."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and name_of(node.func) in WRITERS:
                    given = [*node.args[:3], *(word.value for word in node.keywords)]
                    yield from ((str(path), text) for text in map(event_of, given) if text)


def name_of(func: ast.expr) -> str:
    return func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")


def event_of(node: ast.expr) -> str:
    text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
    room, dot, verb = text.partition(".")
    return (
        text
        if dot and verb != "py" and room.isidentifier() and verb.replace("_", "").isalpha()
        else ""
    )


def test_every_event_is_declared() -> None:
    found = list(written())
    assert len(found) > 20
    unknown = [(file, event) for file, event in found if event not in {*RIGHTS, *EVENTS}]
    assert unknown == [], "declare it in access/rights.py, or list it in audit/events.py"


@pytest.mark.parametrize("event", EVENTS)
def test_the_reference_names_it(event: str) -> None:
    assert event not in RIGHTS
    assert f"| `{event}` |" in reference()
