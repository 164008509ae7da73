"""A network as the JSON API tells it."""

from datetime import datetime
from typing import Any

from access.secrets import masked_pairs
from engine.types import NetworkRow
from networks.members import Members
from web.operations import Out


class SubnetOut(Out):
    subnet: str
    gateway: str


class MemberOut(Out):
    """A container in it; without addresses where it does not run."""

    container_id: str
    name: str
    address: str
    address6: str
    mac: str


class NetworkOut(Out):
    """``containers`` are those that you may see; null in a list. ``others``: whether there are
    more, null in a list. Values that look secret are masked."""

    id: str
    name: str
    driver: str
    scope: str
    created: datetime
    internal: bool
    ipv6: bool
    subnets: list[SubnetOut]
    labels: dict[str, str]
    options: dict[str, str]
    containers: list[MemberOut] | None
    others: bool | None


PLAIN = ("id", "name", "driver", "scope", "created", "internal", "ipv6")


def told(row: NetworkRow, found: Members | None = None) -> NetworkOut:
    fields: dict[str, Any] = {name: getattr(row, name) for name in PLAIN}
    return NetworkOut(
        **fields,
        subnets=[SubnetOut(subnet=one.subnet, gateway=one.gateway) for one in row.subnets],
        labels=dict(masked_pairs(row.labels.items())),
        options=dict(masked_pairs(row.options.items())),
        containers=None if found is None else members_out(found),
        others=None if found is None else found.others,
    )


def members_out(found: Members) -> list[MemberOut]:
    return [
        MemberOut(
            container_id=one.container.id,
            name=one.container.name,
            address=one.address,
            address6=one.address6,
            mac=one.mac,
        )
        for one in found.joined
    ]
