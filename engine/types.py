"""Typed values of the engine: what lists, pages and streams are made of.

All are immutable. Ids are 64 hex digits, an image's without ``sha256:``. Times are UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

PROJECT_LABEL = "com.docker.compose.project"
# The engine's own networks: they are on every host, nobody's, and are not removed.
PREDEFINED_NETWORKS = ("bridge", "host", "none")


class EngineState(StrEnum):
    """How a host's engine answers: seen by the mirror, shown on every page."""

    CONNECTING = "connecting"
    UP = "up"
    SILENT = "silent"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class PortBinding:
    """One exposed port; ``host_port`` is None where it is not published."""

    container_port: int
    protocol: str = "tcp"
    host_ip: str = ""
    host_port: int | None = None


@dataclass(frozen=True, slots=True)
class Mount:
    """One mount: ``kind`` is bind, volume, tmpfs or npipe; ``name`` is a volume's name."""

    kind: str
    destination: str
    source: str = ""
    name: str = ""
    writable: bool = True
    driver: str = ""


@dataclass(frozen=True, slots=True)
class ContainerRow:
    """A container as a list shows it. The fields after ``inspected`` come from a later inspect."""

    id: str
    name: str
    image: str
    image_id: str
    command: str
    created: datetime
    state: str  # created running paused restarting removing exited dead
    status: str  # the engine's own words: "Up 3 hours (healthy)"
    health: str = ""  # "" starting healthy unhealthy
    ports: tuple[PortBinding, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    networks: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    mounts: tuple[Mount, ...] = ()
    exit_code: int | None = None  # None while it runs, and before it first ran
    inspected: bool = False
    started_at: datetime | None = None
    finished_at: datetime | None = None
    restart_count: int = 0
    oom_killed: bool = False
    tty: bool = False
    memory_limit: int = 0  # bytes, 0 = none
    cpu_limit: float = 0.0  # cores, 0 = none
    restart_policy: str = ""
    auto_remove: bool = False  # --rm: its end is its removal
    dangers: tuple[str, ...] | None = None  # to the host (engine.dangers); None: not known yet
    reaches: tuple[Mount, ...] = ()  # volumes that are paths of the host (engine.commands.reach)

    @property
    def short_id(self) -> str:
        return self.id[:12]

    @property
    def project(self) -> str:
        return self.labels.get(PROJECT_LABEL, "")

    @property
    def running(self) -> bool:
        """True while processes exist in it: running, paused or restarting."""
        return self.state in ("running", "paused", "restarting")


@dataclass(frozen=True, slots=True)
class ImageRow:
    """An image as a list shows it. ``tags`` are references, ``digests`` are repo@sha256:…"""

    id: str
    tags: tuple[str, ...]
    digests: tuple[str, ...]
    created: datetime
    size: int
    shared_size: int | None = None  # None where the engine does not say (API < 1.42)
    parent_id: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    inspected: bool = False
    platform: str = ""
    layer_digests: tuple[str, ...] = ()  # RootFS diff ids, lowest first

    @property
    def short_id(self) -> str:
        return self.id[:12]

    @property
    def dangling(self) -> bool:
        return not self.tags


@dataclass(frozen=True, slots=True)
class Subnet:
    """``10.5.0.0/24`` and the address that leads out of it."""

    subnet: str
    gateway: str = ""


@dataclass(frozen=True, slots=True)
class NetworkRow:
    """A network as a list shows it; ``scope`` is local, global or swarm."""

    id: str
    name: str
    driver: str
    scope: str
    created: datetime
    internal: bool = False
    ipv6: bool = False
    subnets: tuple[Subnet, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def short_id(self) -> str:
        return self.id[:12]

    @property
    def predefined(self) -> bool:
        return self.name in PREDEFINED_NETWORKS


@dataclass(frozen=True, slots=True)
class Layer:
    """One step of an image's history, oldest first; an empty step has no digest."""

    step: str
    created: datetime
    size: int
    digest: str = ""
    comment: str = ""


class Cursor(NamedTuple):
    """A line's place in a log: its nanosecond time and its ordinal among equal times."""

    ns: int
    ordinal: int


class LogLine(NamedTuple):
    """One line without its newline. ``stream`` is 1 for stdout (and TTY) and 2 for stderr."""

    ns: int
    ordinal: int
    stream: int
    data: bytes


@dataclass(frozen=True, slots=True)
class EngineEvent:
    """One event. ``kind`` is container, image, volume, network or daemon."""

    kind: str
    action: str
    id: str
    time_ns: int
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PathStat:
    """What HEAD /archive says of one path in a container."""

    name: str
    size: int
    mode: int  # st_mode bits as Unix writes them (type and permissions)
    mtime: datetime
    link_target: str = ""

    @property
    def is_dir(self) -> bool:
        return self.mode & 0o170000 == 0o040000

    @property
    def is_link(self) -> bool:
        return self.mode & 0o170000 == 0o120000


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One entry of a directory listing."""

    name: str
    size: int
    mode: int
    mtime: datetime
    owner: str = ""
    group: str = ""
    link_target: str = ""

    @property
    def is_dir(self) -> bool:
        return self.mode & 0o170000 == 0o040000

    @property
    def is_link(self) -> bool:
        return self.mode & 0o170000 == 0o120000


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One repository that a registry search found."""

    name: str
    description: str
    stars: int
    official: bool


@dataclass(frozen=True, slots=True)
class RegistryAuth:
    """Credentials for one registry; ``registry`` is its host[:port]. Never logged."""

    registry: str
    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """What the host page and the rail show of an engine; ``raw`` is /info as answered."""

    version: str
    api_version: str
    os: str
    architecture: str
    cpus: int
    memory: int  # bytes
    storage_driver: str
    cgroup: str
    name: str
    raw: Mapping[str, Any] = field(default_factory=dict)
