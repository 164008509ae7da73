"""What is acted on: values that the gate judges and the record names. Ids, never names, decide."""

from dataclasses import dataclass
from typing import Any

from engine.types import ContainerRow, ImageRow, NetworkRow
from engine.volume_rows import VolumeRow


@dataclass(frozen=True, slots=True)
class Target:
    """An object of the site or of a host; ``kind`` is host, container, image, registry, job, …"""

    kind: str
    id: str = ""
    name: str = ""
    host: str = ""

    def audit_fields(self) -> dict[str, Any]:
        return {
            "host": self.host,
            "object_kind": self.kind,
            "object_id": self.id,
            "object_name": self.name,
        }


@dataclass(frozen=True, slots=True)
class ContainerTarget(Target):
    """One container: ``row`` is what the mirror knew of it when it was fetched."""

    row: ContainerRow | None = None

    @classmethod
    def of(cls, host: str, row: ContainerRow) -> "ContainerTarget":
        return cls("container", row.id, row.name, host, row)

    def audit_fields(self) -> dict[str, Any]:
        fields = super(ContainerTarget, self).audit_fields()
        return fields | {"image_digest": self.row.image_id if self.row else ""}


@dataclass(frozen=True, slots=True)
class RemovedTarget(ContainerTarget):
    """One that was removed: ``row`` is what was known of it then, ``team`` (an id) had it."""

    team: int | None = None


@dataclass(frozen=True, slots=True)
class ImageTarget(Target):
    """One image: ``row`` is what the mirror knew of it when it was fetched."""

    row: ImageRow | None = None

    @classmethod
    def of(cls, host: str, row: ImageRow) -> "ImageTarget":
        return cls("image", row.id, row.tags[0] if row.tags else row.short_id, host, row)


@dataclass(frozen=True, slots=True)
class NetworkTarget(Target):
    """One network: ``row`` is what the engine said of it when it was fetched."""

    row: NetworkRow | None = None

    @classmethod
    def of(cls, host: str, row: NetworkRow) -> "NetworkTarget":
        return cls("network", row.id, row.name, host, row)


@dataclass(frozen=True, slots=True)
class VolumeTarget(Target):
    """One volume: its name is its id; ``row`` is what the engine said when it was fetched."""

    row: VolumeRow | None = None

    @classmethod
    def of(cls, host: str, row: VolumeRow) -> "VolumeTarget":
        return cls("volume", row.name, row.name, host, row)


@dataclass(frozen=True, slots=True)
class StartedTarget(Target):
    """What somebody started: ``user_id`` is who, as text; ``whole``: it tells of everybody's."""

    user_id: str = ""
    whole: bool = False


SITE = Target("site")
