"""Which volumes a person sees on a host."""

from collections.abc import Iterable

from access.actors import Actor
from access.gate import may
from access.sight import held_names, sees_all
from access.targets import Target
from engine.snapshot import Snapshot
from engine.volume_rows import VolumeRow


def visible(actor: Actor, host: str, rows: Iterable[VolumeRow], sight: Snapshot) -> list[VolumeRow]:
    """``sight`` is what they see of the host. The gate says the same of each by itself."""
    if not may(actor, "volume.see", Target("volume", "", "", host)):
        return []
    if sees_all(actor, host):
        return list(rows)
    names = held_names(actor, host, "volume") | set(sight.by_volume)
    return [row for row in rows if row.name in names]
