"""Who has the name of a container that is gone. Pure."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from engine.log_items import Divider
from engine.namesakes import Happening, Renamed, Successor, Watch
from engine.snapshot import Snapshot
from engine.types import ContainerRow, EngineState

BEGAN = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)


def row(id: str, name: str, age: int = 0) -> ContainerRow:
    created = BEGAN + timedelta(seconds=age)
    return ContainerRow(id, name, "image", "i" * 64, "sh", created, "running", "Up")


def snapshot(*rows: ContainerRow, state: EngineState = EngineState.UP) -> Snapshot:
    containers = MappingProxyType({row.id: row for row in rows})
    return replace(Snapshot(), state=state, containers=containers)


def told(*snapshots: Snapshot) -> list[Happening]:
    watch = Watch("a", snapshots[0])
    return [found for one in snapshots for found in watch.look(one)]


def test_the_youngest_of_a_name_is_the_successor_and_told_once() -> None:
    young, younger = row("b", "web", 5), row("c", "web", 9)
    gone = snapshot(young)
    assert told(snapshot(row("a", "web")), gone, gone) == [Successor(young)]
    assert told(snapshot(row("a", "web")), gone, snapshot(younger)) == [
        Successor(young),
        Successor(younger),
    ]


def test_also_where_the_old_one_was_renamed_first() -> None:
    """As docker-compose does it, before it makes the new one."""
    renamed, young = row("a", "b0_web"), row("b", "web", 5)
    assert told(
        snapshot(row("a", "web")), snapshot(renamed), snapshot(renamed, young), snapshot(young)
    ) == [Renamed("b0_web"), Successor(young)]


def test_who_only_has_another_name_or_is_older_is_none() -> None:
    older = row("o", "web", -5)
    assert told(snapshot(row("a", "web")), snapshot(older, row("b", "db", 5))) == []
    assert told(snapshot(), snapshot(row("b", "web"))) == []


def test_a_silent_engine_is_told_and_its_return() -> None:
    up, silent = snapshot(row("a", "web")), snapshot(row("a", "web"), state=EngineState.SILENT)
    down = snapshot(row("a", "web"), state=EngineState.DOWN)
    assert told(up, silent, silent, down, up, up) == [
        Divider("reconnecting"),
        Divider("reconnected"),
    ]
