"""Which of an engine's events a person may see: those of what they may see. Not on the loop."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cached_property

from access.actors import Actor
from access.book import book
from access.gate import SEEING
from access.sight import holds, seen, sees_all
from engine.past_events import PastEvent
from engine.types import ContainerRow, EngineEvent
from hosts.live import engine_of


class Eyes:
    """One person's, on one host, as things stand now."""

    def __init__(self, actor: Actor, host: str) -> None:
        self.actor, self.host = actor, host
        self.whole = engine_of(host).mirror.snapshot
        self.part = seen(actor, host, self.whole)
        self.all = sees_all(actor, host)
        self._held = book()
        self._rules = self._held.rules_for(actor.user_id, host)

    def among(self, past: Iterable[PastEvent]) -> list[PastEvent]:
        return [each for each in past if self.shows(each.event, each.row)]

    def shows(self, event: EngineEvent, row: ContainerRow | None = None) -> bool:
        """``row`` is what was known of its container when it happened."""
        if not self.actor.within(SEEING.get(event.kind, "host.see"), self.host):
            return False
        if event.kind == "container":
            return self._container(event, row)
        if event.kind == "image":
            return self._image(event)
        if event.kind in ("volume", "network"):
            return self.all or self._named(event)
        return self.all

    def _container(self, event: EngineEvent, row: ContainerRow | None) -> bool:
        if self.all or event.id in self.part.containers:
            return True
        if event.id in self.whole.containers:
            return False
        owner = self._held.owner(self.host, event.id)
        then = row or row_of(event)
        return any(rule.matches(then, owner) for rule in self._rules)

    def _image(self, event: EngineEvent) -> bool:
        """An event names it by its id, or by the reference that was pulled."""
        if self.all or event.id in self.part.images:
            return True
        name = event.attributes.get("name", "") or event.id
        return bool(name) and self.part.find_image(name) is not None

    def _named(self, event: EngineEvent) -> bool:
        """Who came and went is told of containers in sight alone, also of what is shared."""
        if container := event.attributes.get("container"):
            return container in self.part.containers
        name = event.id if event.kind == "volume" else event.attributes.get("name", "")
        used = self._volumes if event.kind == "volume" else self._networks
        return name in used or holds(self.actor, self.host, event.kind, name)

    @cached_property
    def _volumes(self) -> frozenset[str]:
        rows = self.part.containers.values()
        return frozenset(mount.name for row in rows for mount in row.mounts if mount.name)

    @cached_property
    def _networks(self) -> frozenset[str]:
        return frozenset(name for row in self.part.containers.values() for name in row.networks)


def row_of(event: EngineEvent) -> ContainerRow:
    """What an event itself says of its container: its labels stand among the attributes."""
    return ContainerRow(
        id=event.id,
        name=event.attributes.get("name", ""),
        image=event.attributes.get("image", ""),
        image_id="",
        command="",
        created=datetime.fromtimestamp(event.time_ns / 1e9, UTC),
        state="",
        status="",
        labels=event.attributes,
    )
