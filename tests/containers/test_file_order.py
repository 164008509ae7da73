"""Files in the order that is asked for, lines with their numbers, and what an engine told last."""

from datetime import UTC, datetime, timedelta

import pytest

from containers.copy_out import Text
from containers.file_order import FileOrder
from containers.last_events import told
from containers.views.file_pages import VIEW_LINES, text_context
from engine.past_events import PastEvents
from engine.types import EngineEvent, FileEntry

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FOLDER, FILE = 0o040755, 0o100644
ID, OTHER = "a" * 64, "b" * 64


def entry(name: str, size: int, days: int, mode: int = FILE) -> FileEntry:
    return FileEntry(name, size, mode, NOW - timedelta(days=days))


ENTRIES = [entry(".env", 9, 3), entry("a", 5, 2), entry("b", 7, 1), entry("z", 0, 9, FOLDER)]


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({}, "z .env a b"),
        ({"sort": "-name"}, "z b a .env"),
        ({"sort": "-size"}, "z .env b a"),
        ({"sort": "-changed", "dots": "0"}, "z b a"),
        ({"sort": "owner"}, "z .env a b"),
    ],
)
def test_files_in_an_order(asked: dict[str, str], names: str) -> None:
    order = FileOrder.of(asked)
    context = order.context(ENTRIES)
    assert " ".join(each.name for each in context["entries"]) == names
    assert context["dotted"] == 1


def test_an_address_keeps_the_order_and_a_column_turns_it() -> None:
    order = FileOrder.of({"sort": "-size", "dots": "0"})
    assert order.kept == "&sort=-size&dots=0"
    assert order.turned == "&sort=-size"
    columns = {str(each.label): each for each in order.columns()}
    assert columns["Size"].query == "&sort=size&dots=0"
    assert columns["Size"].order == "descending"
    assert columns["Changed"].query == "&sort=-changed&dots=0"
    assert columns["Mode"].query == ""
    assert FileOrder().kept == ""


def test_lines_have_numbers_where_the_beginning_is_known() -> None:
    assert text_context(Text("a\nb", False, False), 3)["lines"] == [(1, "a"), (2, "b")]
    assert text_context(Text("b", True, False), 9)["lines"] == [(0, "b")]
    long = text_context(Text("x\n" * (VIEW_LINES + 2), False, False), 9)
    assert long["lines"][0] == (3, "x")
    assert long["cut"]


def event(kind: str, action: str, id: str, at: int, **attributes: str) -> EngineEvent:
    return EngineEvent(kind=kind, action=action, id=id, time_ns=at, attributes=attributes)


def test_what_was_told_of_one_container_and_of_no_other() -> None:
    past = PastEvents()
    for number, each in enumerate(
        [
            ("container", "start", ID, {}),
            ("container", "start", OTHER, {}),
            ("container", "exec_create: sh -c secret", ID, {}),
            ("container", "health_status: unhealthy", ID, {}),
            ("network", "connect", "c" * 64, {"container": ID, "name": "shop"}),
            ("network", "connect", "c" * 64, {"container": OTHER, "name": "shop"}),
            ("container", "die", ID, {"exitCode": "137"}),
        ]
    ):
        kind, action, id, attributes = each
        past.push(event(kind, action, id, number, **attributes))
    rows = [(row.action, row.about, row.tone) for row in told(reversed(past.picture()), ID)]
    assert rows == [
        ("die", "137", "bad"),
        ("connect", "shop", "ok"),
        ("health_status: unhealthy", "", "bad"),
        ("start", "", "ok"),
    ]
