"""How full the disk is that an engine keeps its data on: known where that disk is our own."""

import os
import socket
from dataclasses import dataclass

from engine.types import EngineFacts


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes of a file system; ``free`` are those that an ordinary program may still write."""

    total: int
    free: int

    @property
    def percent(self) -> int:
        return round(100 * (self.total - self.free) / self.total) if self.total else 0


def room_of(address: str, facts: EngineFacts | None) -> Room | None:
    """None where the engine is on another machine, or its folder is not ours to look at: the API
    does not tell it. A socket may lead elsewhere, so that the machine's name must be ours."""
    raw = facts.raw if facts else {}
    root = raw.get("DockerRootDir")
    if not root or not address.startswith("unix:") or raw.get("Name") != socket.gethostname():
        return None
    try:
        found = os.statvfs(root)
    except OSError:
        return None
    used = (found.f_blocks - found.f_bfree) * found.f_frsize
    free = found.f_bavail * found.f_frsize
    return Room(used + free, free)
