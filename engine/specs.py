"""``ContainerSpec``: everything a container can be created with, and nothing else.

An allow-list. Run form, API, duplicate and recreate produce one; the fence judges it field by
field; ``to_body`` is the only way from it to the engine. A client's JSON never gets there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

from engine.spec_body import create_body
from engine.spec_inspect import unread_fields, values_from_inspect
from engine.spec_problems import Problem, find_problems
from engine.spec_values import (
    NO_RESTART,
    Device,
    DeviceLimit,
    DeviceRequest,
    MountSpec,
    NetworkSpec,
    Pairs,
    PublishedPort,
    RestartPolicy,
    Ulimit,
)

NO_ANSWER: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class ContainerSpec:
    """One field for each option of ``docker run``, named as the option is.

    Sizes are bytes, durations nanoseconds, ``nano_cpus`` billionths of a CPU; 0, "", () and None
    mean: as the image or the engine has it. ``detach`` and ``pull`` are for whoever runs it and
    never reach the engine; ``platform`` reaches it as a query parameter.
    """

    image: str
    command: tuple[str, ...] = ()
    name: str = ""
    detach: bool = False
    stdin: bool = False
    tty: bool = False
    auto_remove: bool = False
    pull: str = "missing"  # missing always never
    platform: str = ""

    entrypoint: tuple[str, ...] | None = None  # ("",) takes the image's away
    env: Pairs = ()
    user: str = ""
    workdir: str = ""
    hostname: str = ""
    domainname: str = ""
    labels: Pairs = ()
    annotations: Pairs = ()
    init: bool | None = None
    stop_signal: str = ""
    stop_timeout: int | None = None  # seconds
    restart: RestartPolicy = NO_RESTART

    ports: tuple[PublishedPort, ...] = ()
    publish_all: bool = False
    expose: tuple[str, ...] = ()  # "80/tcp"
    networks: tuple[NetworkSpec, ...] = ()
    mac_address: str = ""
    links: tuple[str, ...] = ()
    extra_hosts: tuple[str, ...] = ()  # "name:address"
    dns: tuple[str, ...] = ()
    dns_search: tuple[str, ...] = ()
    dns_options: tuple[str, ...] = ()

    mounts: tuple[MountSpec, ...] = ()
    volumes_from: tuple[str, ...] = ()
    volume_driver: str = ""
    read_only: bool = False
    shm_size: int = 0
    storage_options: Pairs = ()

    memory: int = 0
    memory_swap: int = 0  # -1 = no limit
    memory_reservation: int = 0
    memory_swappiness: int | None = None
    nano_cpus: int = 0
    cpu_shares: int = 0
    cpu_period: int = 0
    cpu_quota: int = 0
    cpu_rt_period: int = 0
    cpu_rt_runtime: int = 0
    cpuset_cpus: str = ""
    cpuset_mems: str = ""
    pids_limit: int | None = None
    blkio_weight: int = 0
    blkio_weight_devices: tuple[DeviceLimit, ...] = ()
    device_read_bps: tuple[DeviceLimit, ...] = ()
    device_write_bps: tuple[DeviceLimit, ...] = ()
    device_read_iops: tuple[DeviceLimit, ...] = ()
    device_write_iops: tuple[DeviceLimit, ...] = ()
    ulimits: tuple[Ulimit, ...] = ()
    oom_kill_disable: bool = False
    oom_score_adj: int = 0

    health_test: tuple[str, ...] = ()  # ("CMD-SHELL", line), ("CMD", word, …) or ("NONE",)
    health_interval: int = 0
    health_timeout: int = 0
    health_start_period: int = 0
    health_start_interval: int = 0
    health_retries: int = 0

    log_driver: str = ""
    log_options: Pairs = ()

    privileged: bool = False
    cap_add: tuple[str, ...] = ()
    cap_drop: tuple[str, ...] = ()
    security_options: tuple[str, ...] = ()
    group_add: tuple[str, ...] = ()
    sysctls: Pairs = ()
    devices: tuple[Device, ...] = ()
    device_requests: tuple[DeviceRequest, ...] = ()
    device_cgroup_rules: tuple[str, ...] = ()
    pid_mode: str = ""
    ipc_mode: str = ""
    uts_mode: str = ""
    userns_mode: str = ""
    cgroupns_mode: str = ""
    cgroup_parent: str = ""
    runtime: str = ""

    @property
    def network(self) -> str:
        """The network it is created in, "" for the engine's default."""
        return self.networks[0].name if self.networks else ""

    def to_body(self) -> dict[str, Any]:
        """The body of ``POST /containers/create``: typed fields only.

        The name and the platform are query parameters; networks after the first are for
        ``POST /networks/<name>/connect`` (an engine before API 1.44 takes one at creation).
        """
        return create_body(self)

    def problems(self) -> list[Problem]:
        """What the engine would refuse, or do other than meant; each names its field."""
        return find_problems(self)

    @classmethod
    def from_inspect(
        cls,
        inspect: Mapping[str, Any],
        image: Mapping[str, Any] | None,
        info: Mapping[str, Any] = NO_ANSWER,
    ) -> Self:
        """The spec that makes this container again on the engine of this ``/info``.

        What its image and its engine say by themselves is left out.

        ``unread_fields(inspect)`` names what it cannot carry over.
        """
        return cls(**values_from_inspect(inspect, image, info))


FIELDS: tuple[str, ...] = tuple(field.name for field in fields(ContainerSpec))

__all__ = [
    "FIELDS",
    "ContainerSpec",
    "Device",
    "DeviceLimit",
    "DeviceRequest",
    "MountSpec",
    "NetworkSpec",
    "Pairs",
    "Problem",
    "PublishedPort",
    "RestartPolicy",
    "Ulimit",
    "unread_fields",
]
