"""Engine JSON → volumes. Pure; a missing or null field never breaks a row."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from engine.answers import Json, created_time

_MADE_UP = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class VolumeRow:
    """A volume as a list shows it; it has no id, its name is all that it is known by."""

    name: str
    driver: str
    created: datetime
    mountpoint: str = ""
    scope: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def anonymous(self) -> bool:
        """Whether the engine made its name up."""
        return bool(_MADE_UP.fullmatch(self.name))

    @property
    def plain(self) -> bool:
        """Only ``local`` without options is a folder of the engine's own: with options it may be
        any path of the host, or a share that the host can reach."""
        return self.driver == "local" and not self.options


def volume_from(item: Json) -> VolumeRow:
    """One element of ``/volumes``, or ``/volumes/{name}``."""
    return VolumeRow(
        name=str(item.get("Name") or ""),
        driver=str(item.get("Driver") or ""),
        created=created_time(item.get("CreatedAt")),
        mountpoint=str(item.get("Mountpoint") or ""),
        scope=str(item.get("Scope") or ""),
        labels={str(name): str(text) for name, text in (item.get("Labels") or {}).items()},
        options={str(name): str(text) for name, text in (item.get("Options") or {}).items()},
    )
