"""What the mirror knows at one moment, as an immutable value, and what changed since the last."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from types import MappingProxyType
from typing import Any, TypeVar

from engine.references import familiar
from engine.types import ContainerRow, EngineFacts, EngineState, ImageRow

Row = TypeVar("Row", ContainerRow, ImageRow)
SHORTEST_ID = 4


@dataclass(frozen=True, slots=True)
class Change:
    """Ids of rows that came, changed or went up to snapshot ``version``.

    ``everything``: too many to name, read all rows again. An image also changes when a
    container of it comes, goes or is renamed, for its row says who uses it.
    """

    version: int
    containers: frozenset[str] = frozenset()
    images: frozenset[str] = frozenset()
    state_changed: bool = False
    everything: bool = False


@dataclass(frozen=True)
class Snapshot:
    """Rows by id. ``version`` grows with each visible change (a status text's age is none).

    ``seen_at`` is when the engine last answered; while it is down the last known rows stay and
    ``error`` says why. ``versions`` tells for each row at which version it last changed.
    """

    version: int = 0
    state: EngineState = EngineState.CONNECTING
    seen_at: datetime | None = None
    error: str = ""
    containers: Mapping[str, ContainerRow] = field(default_factory=lambda: MappingProxyType({}))
    images: Mapping[str, ImageRow] = field(default_factory=lambda: MappingProxyType({}))
    facts: EngineFacts | None = None
    versions: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))

    def next(self, **fields: Any) -> tuple["Snapshot", Change]:
        """The snapshot with these fields replaced, and what a viewer sees of it."""
        after = replace(self, **fields)
        containers = changed_ids(self.containers, after.containers)
        images = changed_ids(self.images, after.images)
        containers |= self._retagged(after, images)
        images |= self._users_changed(after, containers)
        state_changed = (self.state, self.error, self.facts) != (
            after.state,
            after.error,
            after.facts,
        )
        if not (containers or images or state_changed):
            return after, Change(self.version)
        version = self.version + 1
        versions = dict(self.versions)
        for key in containers | images:
            if key in after.containers or key in after.images:
                versions[key] = version
            else:
                del versions[key]
        after = replace(after, version=version, versions=MappingProxyType(versions))
        return after, Change(version, containers, images, state_changed)

    def _users_changed(self, after: "Snapshot", containers: Iterable[str]) -> set[str]:
        """Images whose row names other containers than before."""
        found: set[str] = set()
        for key in containers:
            old, new = self.containers.get(key), after.containers.get(key)
            if old is None or new is None or (old.name, old.image_id) != (new.name, new.image_id):
                found |= {row.image_id for row in (old, new) if row is not None}
        return found & after.images.keys()

    def _retagged(self, after: "Snapshot", images: Iterable[str]) -> frozenset[str]:
        """Containers whose image's name these images gave up or took."""
        moved: set[str] = set()
        for key in images:
            moved |= names_of(self.images.get(key)) ^ names_of(after.images.get(key))
        both = after.containers.keys() & self.containers.keys() if moved else ()
        return frozenset(id for id in both if familiar(after.containers[id].image) in moved)

    def newer_image(self, row: ContainerRow) -> ImageRow | None:
        """The image that a container's reference names by now, where that is another one."""
        found = self._by_reference.get(familiar(row.image))
        return found if found is not None and found.id != row.image_id else None

    def containers_of_image(self, image_id: str) -> tuple[ContainerRow, ...]:
        return self._by_image.get(image_id, ())

    def containers_of_volume(self, name: str) -> tuple[ContainerRow, ...]:
        """Those that have it mounted, by name; of ``access.sight.seen`` those that one sees."""
        return self.by_volume.get(name, ())

    def images_sharing(self, layer_digest: str) -> tuple[ImageRow, ...]:
        """Inspected images that contain this layer."""
        return self._by_layer.get(layer_digest, ())

    def find_container(self, ref: str) -> ContainerRow | None:
        """By full id, by name, or by the start of an id that no other shares."""
        found = self.containers.get(ref) or self._by_name.get(ref.removeprefix("/"))
        return found or _by_short_id(self.containers, ref)

    def find_image(self, ref: str) -> ImageRow | None:
        """By id, by reference (tag or digest), or by the start of an id that no other shares."""
        bare = ref.removeprefix("sha256:")
        found = self.images.get(bare) or self._by_reference.get(familiar(ref))
        return found or _by_short_id(self.images, bare)

    @cached_property
    def derived(self) -> dict[Any, Any]:
        """What readers work out of this snapshot alone, once for all of them; it goes with it."""
        return {}

    @cached_property
    def _by_image(self) -> dict[str, tuple[ContainerRow, ...]]:
        found: defaultdict[str, list[ContainerRow]] = defaultdict(list)
        for row in self.containers.values():
            found[row.image_id].append(row)
        return {key: tuple(sorted(rows, key=lambda row: row.name)) for key, rows in found.items()}

    @cached_property
    def by_volume(self) -> Mapping[str, tuple[ContainerRow, ...]]:
        """Name of a volume → the containers that have it, stopped ones too, by name."""
        found: defaultdict[str, list[ContainerRow]] = defaultdict(list)
        for row in sorted(self.containers.values(), key=lambda each: each.name):
            for name in dict.fromkeys(mount.name for mount in row.mounts if mount.name):
                found[name].append(row)
        return {name: tuple(rows) for name, rows in found.items()}

    @cached_property
    def _by_layer(self) -> dict[str, tuple[ImageRow, ...]]:
        found: defaultdict[str, list[ImageRow]] = defaultdict(list)
        for row in self.images.values():
            for digest in dict.fromkeys(row.layer_digests):
                found[digest].append(row)
        return {key: tuple(rows) for key, rows in found.items()}

    @cached_property
    def _by_name(self) -> dict[str, ContainerRow]:
        return {row.name: row for row in self.containers.values()}

    @cached_property
    def _by_reference(self) -> dict[str, ImageRow]:
        return {
            familiar(name): row for row in self.images.values() for name in row.tags + row.digests
        }


def _by_short_id(rows: Mapping[str, Row], start: str) -> Row | None:
    if len(start) < SHORTEST_ID:
        return None
    found = [row for key, row in rows.items() if key.startswith(start)]
    return found[0] if len(found) == 1 else None


def names_of(row: ImageRow | None) -> set[str]:
    return {familiar(name) for name in row.tags + row.digests} if row else set()


def changed_ids(old: Mapping[str, Row], new: Mapping[str, Row]) -> frozenset[str]:
    """Ids whose row came, went or looks different."""
    if old is new:
        return frozenset()
    differing = {key for key, row in new.items() if not _looks_same(old.get(key), row)}
    return frozenset(differing | (old.keys() - new.keys()))


def _looks_same(old: Row | None, new: Row) -> bool:
    if old is new:
        return True
    if isinstance(old, ContainerRow) and isinstance(new, ContainerRow):
        # "Up 3 seconds" grows old by itself; what matters of it stands in other fields.
        return old == replace(new, status=old.status)
    return old == new
