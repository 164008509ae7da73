"""What the volumes of a container really are: with driver options one may be a path of the host."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.commands.calls import Calls
from engine.errors import EngineDown, EngineError, EngineSilent, NotFound
from engine.types import ContainerRow, Mount

ELSEWHERE = ("nfs", "nfs4", "cifs", "tmpfs")  # not of the host's own disks
UNKNOWN = "?"  # the engine does not say: then it is not known to be harmless
MOST_KEPT = 10_000


class Reach:
    """Asked once for each container: as long as it is there, its volumes stay what they are."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._kept: dict[str, tuple[Mount, ...]] = {}

    def of(self, row: ContainerRow, deadline: float) -> tuple[Mount, ...]:
        """Its mounts of volumes that are paths of the host, as mounts of these."""
        if row.id in self._kept:
            return self._kept[row.id]
        local = (each for each in row.mounts if each.kind == "volume" and each.driver == "local")
        found = [
            replace(mount, kind="bind", source=path)
            for mount in local
            if (path := self._path(mount.name, deadline))
        ]
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[row.id] = tuple(found)
        return self._kept[row.id]

    def _path(self, name: str, deadline: float) -> str:
        try:
            volume = self._calls.make(lambda client: client.inspect_volume(name), deadline)
        except NotFound:
            return ""
        except (EngineDown, EngineSilent):
            raise
        except EngineError:
            return UNKNOWN
        return host_path(volume.get("Options") or {})


def host_path(options: Mapping[str, Any]) -> str:
    """The path or device of the host that such a volume mounts; "" for one of the engine's own."""
    kind, flags = str(options.get("type") or ""), str(options.get("o") or "").split(",")
    binds = not {"bind", "rbind"}.isdisjoint(flags)
    if not (options.get("device") or kind or binds) or (kind in ELSEWHERE and not binds):
        return ""
    device = str(options.get("device") or UNKNOWN)
    return device if device.startswith("/") else " ".join([device, *filter(None, flags)])
