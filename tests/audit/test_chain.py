"""The record holds together: appended only, hashed in a chain, and a change in it is found."""

import threading
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection

from access import door
from access.actors import SYSTEM, Actor
from access.errors import Hidden, NotRecorded
from access.targets import Target
from audit import chain
from audit.models import Entry, Result
from audit.walk import Broken, Fault, Walk

pytestmark = pytest.mark.django_db
TARGET = Target("container", "ab" * 32, "web", "dock")
ADMIN = Actor(user_id=1, username="ada", superuser=True, address="192.0.2.7", browser="Firefox")


def test_a_change_leaves_an_intent_and_a_result_that_names_it() -> None:
    with door.change(ADMIN, "container.stop", TARGET, "docker stop web", timeout=10) as outcome:
        outcome.fields["bytes"] = 3
    intent, result = Entry.objects.order_by("seq")
    assert (intent.result, result.result) == (Result.INTENT, Result.OK)
    assert result.intent_seq == intent.seq
    assert (result.user, result.object_id, result.address) == ("ada", TARGET.id, "192.0.2.7")
    assert (result.parameters, result.bytes, result.command_line) == (
        {"timeout": 10},
        3,
        "docker stop web",
    )
    assert result.duration_us is not None


def test_how_long_it_took_is_in_the_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """In millionths of a second; of what fails as well."""
    times = iter((100.0, 102.5, 200.0, 200.25))
    monkeypatch.setattr(door, "time", SimpleNamespace(monotonic=lambda: next(times)))
    with door.change(ADMIN, "container.stop", TARGET):
        pass
    with pytest.raises(ValueError, match="x"), door.change(ADMIN, "container.kill", TARGET):
        raise ValueError("x")
    took = Entry.objects.order_by("seq").values_list("result", "duration_us")
    assert [*took] == [
        (Result.INTENT, None),
        (Result.OK, 2_500_000),
        (Result.INTENT, None),
        (Result.FAILED, 250_000),
    ]


def test_a_change_that_fails_is_recorded_with_its_reason() -> None:
    with (
        pytest.raises(ValueError, match="no such signal"),
        door.change(ADMIN, "container.kill", TARGET),
    ):
        raise ValueError("no such signal")
    assert Entry.objects.get(result=Result.FAILED).reason == "no such signal"


def test_a_change_that_is_denied_is_recorded_and_never_begins() -> None:
    begun = False
    with pytest.raises(Hidden), door.change(SYSTEM, "container.stop", TARGET):
        begun = True
    assert not begun
    assert Entry.objects.get().result == Result.DENIED


def test_a_change_is_refused_where_its_intent_cannot_be_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun = False
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TRIGGER full_disk BEFORE INSERT ON audit_entry"
            " BEGIN SELECT RAISE(FAIL, 'disk is full'); END"
        )
    with (
        pytest.raises(NotRecorded, match="disk is full"),
        door.change(ADMIN, "container.stop", TARGET),
    ):
        begun = True
    assert not begun


REST = ", ".join(f'"{name}"' for name in chain.COLUMNS if name != "seq")
COPY = f'INSERT INTO audit_entry ("seq", {REST})'
SWAP = """UPDATE audit_entry SET seq = -1 WHERE seq = 1;
UPDATE audit_entry SET seq = 1 WHERE seq = 2;
UPDATE audit_entry SET seq = 2 WHERE seq = -1"""


def whole() -> int:
    """The rows of a chain that holds together."""
    walk = Walk().to_end()
    assert walk.broken is None
    return walk.rows


def three_rows() -> None:
    for name in ("one", "two", "three"):
        chain.append(
            "container.stop", Result.OK, object_name=name, parameters={"Ä": [1, None, True]}
        )


def test_the_chain_verifies() -> None:
    three_rows()
    assert whole() == 3


@pytest.mark.parametrize(
    ("tampering", "broken", "fault"),
    [
        ("UPDATE audit_entry SET object_name = 'else' WHERE seq = 2", 2, Fault.ALTERED),
        ("UPDATE audit_entry SET time = '2020-01-01 00:00:00' WHERE seq = 1", 1, Fault.ALTERED),
        ("UPDATE audit_entry SET parameters = '{}' WHERE seq = 3", 3, Fault.ALTERED),
        ("UPDATE audit_entry SET hash = previous_hash WHERE seq = 3", 3, Fault.ALTERED),
        ("DELETE FROM audit_entry WHERE seq = 2", 2, Fault.MISSING),
        ("DELETE FROM audit_entry WHERE seq = 1", 1, Fault.MISSING),
        (f"{COPY} SELECT 0, {REST} FROM audit_entry WHERE seq = 1", 0, Fault.UNLINKED),
        (f"{COPY} SELECT 4, {REST} FROM audit_entry WHERE seq = 3", 4, Fault.UNLINKED),
        (SWAP, 1, Fault.UNLINKED),
    ],
)
def test_tampering_is_found_at_the_first_broken_row(
    tampering: str, broken: int, fault: Fault
) -> None:
    three_rows()
    with connection.cursor() as cursor:
        for statement in tampering.split(";"):
            cursor.execute(statement)
    assert str(Walk().to_end().broken).startswith(f"Row {broken} is broken: {fault}")


def test_a_cut_end_is_seen_only_by_who_kept_a_head() -> None:
    """What is left of a chain is a chain: without a head from elsewhere nothing shows."""
    three_rows()
    head = Walk().to_end().head
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM audit_entry WHERE seq = 3")
    assert whole() == 2
    assert Walk({3: head}).to_end().broken == Broken(3, Fault.CUT)


def test_a_chain_written_anew_is_seen_only_by_who_kept_a_head() -> None:
    three_rows()
    head = Walk().to_end().head
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM audit_entry")
    three_rows()
    assert whole() == 3
    assert Walk({3: head}).to_end().broken == Broken(3, Fault.NOT_NOTED)


def test_rows_are_never_changed_or_deleted_by_our_own_code() -> None:
    entry = chain.append("container.stop", Result.OK)
    for attempt in (
        entry.save,
        entry.delete,
        Entry.objects.all().delete,
        Entry.objects.all().update,
    ):
        with pytest.raises(TypeError, match="append-only"):
            attempt()


def test_open_intents_become_unknown_once() -> None:
    chain.append("container.stop", Result.INTENT, object_name="web", user="ada")
    assert chain.close_open_intents() == 1
    assert chain.close_open_intents() == 0
    closed = Entry.objects.get(result=Result.UNKNOWN)
    assert (closed.intent_seq, closed.object_name, closed.user) == (1, "web", "ada")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"browser": "x" * 5000}, {"browser": "x" * 300}),
        ({"reason": "caf\udce9\0"}, {"reason": "caf\\udce9\\x00"}),
        ({"parameters": {10: ("a",), 9: "\ud800"}}, {"parameters": {"10": ["a"], "9": "\\ud800"}}),
        ({"command_line": "y" * 10**6}, {"command_line": "y" * chain.MOST_TEXT + "…"}),
    ],
)
def test_nothing_strange_or_huge_stops_the_record(
    given: dict[str, Any], kept: dict[str, Any]
) -> None:
    chain.append("session.login", Result.OK, **given)
    entry = Entry.objects.get()
    assert {name: getattr(entry, name) for name in kept} == kept
    assert whole() == 1


def test_parameters_that_are_too_much_are_cut() -> None:
    entry = chain.append("x", Result.OK, parameters={"env": ["A" * 99] * 10_000})
    assert len(chain.packed(entry.parameters)) < chain.MOST_PARAMETERS
    assert entry.parameters["too_long"].startswith('{"env":["AAA')
    assert whole() == 1


@pytest.mark.django_db(transaction=True)
def test_many_writers_make_one_chain() -> None:
    def write() -> None:
        try:
            for _ in range(5):
                chain.append("container.stop", Result.OK)
        finally:
            connection.close()

    writers = [threading.Thread(target=write) for _ in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert whole() == 40
