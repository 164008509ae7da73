"""What goes with a container that is removed, and what stays. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from engine.types import ContainerRow, Mount

_MADE_UP = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Belongings:
    """``anonymous`` volumes go where one asks for it; all else stays."""

    anonymous: tuple[Mount, ...]
    shared: tuple[Mount, ...]  # anonymous, but another container uses them: they stay
    named: tuple[Mount, ...]
    binds: tuple[Mount, ...]


def belongings(row: ContainerRow, others: Iterable[ContainerRow]) -> Belongings:
    elsewhere = {
        mount.name for other in others if other.id != row.id for mount in other.mounts if mount.name
    }
    volumes = [mount for mount in row.mounts if mount.kind == "volume"]
    made_up = [mount for mount in volumes if _MADE_UP.fullmatch(mount.name)]
    return Belongings(
        anonymous=tuple(mount for mount in made_up if mount.name not in elsewhere),
        shared=tuple(mount for mount in made_up if mount.name in elsewhere),
        named=tuple(mount for mount in volumes if mount not in made_up),
        binds=tuple(mount for mount in row.mounts if mount.kind == "bind"),
    )
