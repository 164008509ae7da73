"""Engine JSON → networks. Pure; a missing or null field never breaks a row."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.answers import Json, created_time
from engine.types import NetworkRow, Subnet


@dataclass(frozen=True, slots=True)
class Member:
    """One running container of a network; addresses without the length of their prefix."""

    container_id: str
    address: str
    address6: str
    mac: str


def network_from(item: Json) -> NetworkRow:
    """One element of ``/networks``, or ``/networks/{id}``."""
    config = (item.get("IPAM") or {}).get("Config") or ()
    return NetworkRow(
        id=str(item["Id"]),
        name=str(item.get("Name") or ""),
        driver=str(item.get("Driver") or ""),
        scope=str(item.get("Scope") or ""),
        created=created_time(item.get("Created")),
        internal=bool(item.get("Internal")),
        ipv6=bool(item.get("EnableIPv6")),
        subnets=tuple(
            Subnet(str(one.get("Subnet") or ""), str(one.get("Gateway") or "").partition("/")[0])
            for one in config
        ),
        labels=texts(item.get("Labels")),
        options=texts(item.get("Options")),
    )


def members_of(item: Json) -> tuple[Member, ...]:
    """The running containers of an inspected network, other endpoints left out."""
    found = (item.get("Containers") or {}).items()
    return tuple(
        Member(
            id,
            bare(one.get("IPv4Address")),
            bare(one.get("IPv6Address")),
            str(one.get("MacAddress") or ""),
        )
        for id, one in found
        if one and not id.startswith("ep-")  # an endpoint of no container
    )


def bare(address: Any) -> str:
    return str(address or "").partition("/")[0]


def texts(values: Any) -> Mapping[str, str]:
    return {str(name): str(value) for name, value in (values or {}).items()}
