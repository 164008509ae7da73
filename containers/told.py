"""A container as the JSON API tells it."""

from datetime import datetime
from typing import Any

from access.dangers import dangers
from access.secrets import masked_pairs, masked_text
from engine.types import ContainerRow
from web.operations import Out


class PortOut(Out):
    """``host_port`` is null where it is not published."""

    container_port: int
    protocol: str
    host_ip: str
    host_port: int | None


class MountOut(Out):
    kind: str
    destination: str
    source: str
    name: str
    writable: bool


class ContainerOut(Out):
    """Sizes in bytes, ``cpu_limit`` in cores, 0 is no limit. ``dangers`` say why it reaches its
    host, null until it was looked into. Values that look secret are masked."""

    id: str
    name: str
    image: str
    image_id: str
    command: str
    created: datetime
    state: str
    status: str
    health: str
    exit_code: int | None
    started_at: datetime | None
    finished_at: datetime | None
    restart_count: int
    oom_killed: bool
    tty: bool
    project: str
    labels: dict[str, str]
    ports: list[PortOut]
    networks: list[str]
    addresses: list[str]
    mounts: list[MountOut]
    memory_limit: int
    cpu_limit: float
    restart_policy: str
    dangers: list[str] | None


SHAPED = {"command", "labels", "ports", "networks", "addresses", "mounts", "dangers"}


def told(row: ContainerRow) -> ContainerOut:
    plain = ContainerOut.model_fields.keys() - SHAPED
    fields: dict[str, Any] = {name: getattr(row, name) for name in plain}
    return ContainerOut(
        **fields,
        command=masked_text(row.command),
        labels=dict(masked_pairs(row.labels.items())),
        ports=[PortOut.from_orm(port) for port in row.ports],
        networks=list(row.networks),
        addresses=list(row.addresses),
        mounts=[MountOut.from_orm(mount) for mount in row.mounts],
        dangers=None if row.dangers is None else list(dangers(row)),
    )
