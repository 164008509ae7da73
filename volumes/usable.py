"""Which volumes a person sees on a host, whose they are, and which containers have them."""

from collections.abc import Iterable, Mapping

from access.actors import Actor
from access.gate import may
from access.sight import held_names, sees_all
from access.targets import Target
from engine.snapshot import Snapshot
from engine.types import ContainerRow
from engine.volume_rows import VolumeRow


def visible(actor: Actor, host: str, rows: Iterable[VolumeRow], sight: Snapshot) -> list[VolumeRow]:
    """``sight`` is what they see of the host. The gate says the same of each by itself."""
    if not may(actor, "volume.see", Target("volume", "", "", host)):
        return []
    if sees_all(actor, host):
        return list(rows)
    names = held_names(actor, host, "volume") | set(by_volume(sight))
    return [row for row in rows if row.name in names]


def by_volume(sight: Snapshot) -> Mapping[str, tuple[ContainerRow, ...]]:
    """Name of a volume → the containers that have it, by name. Worked out once a snapshot."""
    if "volumes" not in sight.derived:
        found: dict[str, list[ContainerRow]] = {}
        for row in sorted(sight.containers.values(), key=lambda each: each.name):
            for name in dict.fromkeys(mount.name for mount in row.mounts if mount.name):
                found.setdefault(name, []).append(row)
        sight.derived["volumes"] = {name: tuple(rows) for name, rows in found.items()}
    known: Mapping[str, tuple[ContainerRow, ...]] = sight.derived["volumes"]
    return known


def users_of(name: str, sight: Snapshot) -> tuple[ContainerRow, ...]:
    """Those that one sees, stopped ones too."""
    return by_volume(sight).get(name, ())
