"""The compound values of a ``ContainerSpec``: one port, one mount, one network, …"""

from dataclasses import dataclass
from enum import StrEnum

Pairs = tuple[tuple[str, str], ...]


def sub_pairs(options: Pairs, key: str) -> dict[str, str]:
    """Of ``--mount``: what stands behind each ``key=``, as ``name=value``."""
    pairs = (value.partition("=") for name, value in options if name == key)
    return {name: value for name, _, value in pairs}


class MountKind(StrEnum):
    BIND = "bind"
    VOLUME = "volume"
    TMPFS = "tmpfs"


class MountFlag(StrEnum):
    """Which flag a mount is written with; the engine treats them differently.

    ``-v`` makes a missing host directory, ``--mount`` refuses it.
    """

    VOLUME = "volume"
    MOUNT = "mount"
    TMPFS = "tmpfs"


@dataclass(frozen=True, slots=True)
class PublishedPort:
    """One container port. ``host_port`` is "" (any free one), "8080" or a range "8000-8010"."""

    container_port: int
    protocol: str = "tcp"
    host_ip: str = ""
    host_port: str = ""

    @property
    def key(self) -> str:
        return f"{self.container_port}/{self.protocol}"


@dataclass(frozen=True, slots=True)
class MountSpec:
    """One mount. ``source`` is a host path (bind), a volume's name or "" (anonymous volume).

    ``options``: of ``-v`` the words after the second colon but ``ro`` and ``rw``, of ``--tmpfs``
    the mount options, each with an empty value; of ``--mount`` its own keys (``volume-opt``, …).
    """

    kind: MountKind
    target: str
    source: str = ""
    read_only: bool = False
    options: Pairs = ()
    flag: MountFlag = MountFlag.VOLUME


@dataclass(frozen=True, slots=True)
class NetworkSpec:
    """One network to join; ``name`` may be a mode: bridge, host, none, container:ID, default."""

    name: str
    aliases: tuple[str, ...] = ()
    ip: str = ""
    ip6: str = ""
    link_local_ips: tuple[str, ...] = ()
    driver_options: Pairs = ()


@dataclass(frozen=True, slots=True)
class RestartPolicy:
    """``name``: no, always, unless-stopped, on-failure; only the last has ``max_retries``."""

    name: str = "no"
    max_retries: int = 0


NO_RESTART = RestartPolicy()


@dataclass(frozen=True, slots=True)
class Device:
    """A device of the host; of a CDI device (vendor/class=name) only ``host_path`` is set."""

    host_path: str
    container_path: str = ""
    permissions: str = "rwm"

    @property
    def is_cdi(self) -> bool:
        return not self.host_path.startswith("/") and "=" in self.host_path


@dataclass(frozen=True, slots=True)
class DeviceRequest:
    """GPUs and their like; ``count`` -1 is all of them."""

    driver: str = ""
    count: int = 0
    device_ids: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ("gpu",)
    options: Pairs = ()


@dataclass(frozen=True, slots=True)
class Ulimit:
    name: str
    soft: int
    hard: int


@dataclass(frozen=True, slots=True)
class DeviceLimit:
    """A block device's weight, bytes per second or operations per second."""

    path: str
    amount: int
