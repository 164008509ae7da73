"""What becomes of a container while somebody looks at it: renamed, gone, and who has its name."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

from engine.log_items import Divider
from engine.mirror import Mirror
from engine.snapshot import Snapshot
from engine.types import ContainerRow, EngineState


@dataclass(frozen=True, slots=True)
class Renamed:
    """It has another name now."""

    name: str

    def words(self) -> dict[str, Any]:
        return {"event": "renamed", "name": self.name}


@dataclass(frozen=True, slots=True)
class Successor:
    """It is removed, and this younger container bears a name that it had."""

    row: ContainerRow

    def words(self) -> dict[str, Any]:
        return {"event": "successor", "id": self.row.id, "name": self.row.name}


Happening = Renamed | Successor | Divider


class Watch:
    """Compares one snapshot after the other. Pure."""

    def __init__(self, id: str, snapshot: Snapshot) -> None:
        self._id = id
        self._row = snapshot.containers.get(id)
        # Some tools rename the old container before they make the new one of its name.
        self._names = {self._row.name} if self._row else set()
        self._told: set[str] = set()
        self._silent = False

    def look(self, snapshot: Snapshot) -> list[Happening]:
        """What happened since the last look. A silent engine is a ``Divider``, as a lost one."""
        found: list[Happening] = []
        if snapshot.state is EngineState.SILENT and not self._silent:
            self._silent = True
            found.append(Divider("reconnecting", snapshot.error))
        elif snapshot.state is EngineState.UP and self._silent:
            self._silent = False
            found.append(Divider("reconnected"))
        row = snapshot.containers.get(self._id)
        if row is None:
            return found + self._successors(snapshot)
        if self._row and row.name != self._row.name:
            found.append(Renamed(row.name))
        self._row = row
        self._names.add(row.name)
        return found

    def _successors(self, snapshot: Snapshot) -> list[Happening]:
        """The youngest that bears one of the names, once."""
        old = self._row
        rows = [
            row
            for row in snapshot.containers.values()
            if old and row.name in self._names and second_of(row) >= second_of(old)
        ]
        young = max(rows, key=second_of, default=None)
        if young is None or young.id in self._told:
            return []
        self._told.add(young.id)
        return [Successor(young)]


def second_of(row: ContainerRow) -> int:
    """A list gives whole seconds, and an inspect more."""
    return int(row.created.timestamp())


async def happenings(mirror: Mirror, watch: Watch) -> AsyncGenerator[Happening]:
    """Until it is closed; within half a second of what the mirror sees."""
    async with mirror.subscribe() as changes:
        for found in watch.look(mirror.snapshot):
            yield found
        async for _ in changes:
            for found in watch.look(mirror.snapshot):
                yield found
