"""Engine JSON → container rows. Pure; a missing or null field never breaks a row."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from engine.answers import Json, bare_id, created_time, parse_time
from engine.dangers import dangers_of
from engine.status import health_text, status_text
from engine.types import ContainerRow, Mount, PortBinding

_EXIT_CODE = re.compile(r"Exited \((-?\d+)\)")
_HEALTH = re.compile(r"\((?:health: )?(starting|healthy|unhealthy)\)")
_FULL_ID = re.compile(r"(?:sha256:)?([0-9a-f]{64})")


def container_from_list(item: Json) -> ContainerRow:
    """One element of ``/containers/json`` → a row that is not inspected yet."""
    status = str(item.get("Status") or "")
    exited = _EXIT_CODE.match(status)
    health = _HEALTH.search(status)
    networks = (item.get("NetworkSettings") or {}).get("Networks") or {}
    return ContainerRow(
        id=str(item["Id"]),
        name=_own_name(item.get("Names") or ()),
        image=image_text(str(item.get("Image") or "")),
        image_id=bare_id(str(item.get("ImageID") or "")),
        command=str(item.get("Command") or ""),
        created=created_time(item.get("Created")),
        state=str(item.get("State") or ""),
        status=status,
        health=health[1] if health else "",
        ports=ports_from_list(item.get("Ports") or ()),
        labels=dict(item.get("Labels") or {}),
        networks=tuple(sorted(networks)),
        addresses=addresses(networks),
        mounts=mounts(item.get("Mounts") or ()),
        exit_code=int(exited[1]) if exited else None,
    )


def container_from_inspect(item: Json, now: datetime | None = None) -> ContainerRow:
    """``/containers/{id}/json`` → a whole row; ``now`` dates the status text."""
    state, config = item.get("State") or {}, item.get("Config") or {}
    host, network = item.get("HostConfig") or {}, item.get("NetworkSettings") or {}
    networks = network.get("Networks") or {}
    status = str(state.get("Status") or "")
    return ContainerRow(
        id=str(item["Id"]),
        name=str(item.get("Name") or "").lstrip("/"),
        image=image_text(str(config.get("Image") or "")),
        image_id=bare_id(str(item.get("Image") or "")),
        command=command_text(str(item.get("Path") or ""), item.get("Args") or ()),
        created=created_time(item.get("Created")),
        state=status,
        status=status_text(state, now or datetime.now(UTC)),
        health=health_text(state),
        ports=ports_from_inspect(network.get("Ports") or {}),
        labels=dict(config.get("Labels") or {}),
        networks=tuple(sorted(networks)),
        addresses=addresses(networks),
        mounts=mounts(item.get("Mounts") or ()),
        exit_code=int(state.get("ExitCode") or 0) if status == "exited" else None,
        inspected=True,
        started_at=parse_time(state.get("StartedAt")),
        finished_at=parse_time(state.get("FinishedAt")),
        restart_count=int(item.get("RestartCount") or 0),
        oom_killed=bool(state.get("OOMKilled")),
        tty=bool(config.get("Tty")),
        memory_limit=int(host.get("Memory") or 0),
        cpu_limit=cpu_limit(host),
        restart_policy=restart_policy(host.get("RestartPolicy") or {}),
        auto_remove=bool(host.get("AutoRemove")),
        dangers=dangers_of(item),
    )


def _own_name(names: Iterable[str]) -> str:
    """A container's own name; ``/other/alias`` is what a link calls it."""
    bare = [name.lstrip("/") for name in names]
    return next((name for name in bare if "/" not in name), bare[0] if bare else "")


def image_text(reference: str) -> str:
    """A reference as given; an id in its short form."""
    match = _FULL_ID.fullmatch(reference)
    return match[1][:12] if match else reference


def command_text(path: str, args: Iterable[str]) -> str:
    """A command as the engine's list writes it: arguments with a blank are quoted."""
    return " ".join([path, *(f"'{arg}'" if " " in arg else arg for arg in args)])


def ports_from_list(items: Iterable[Json]) -> tuple[PortBinding, ...]:
    return _sorted_ports(
        PortBinding(
            container_port=int(item.get("PrivatePort") or 0),
            protocol=str(item.get("Type") or "tcp"),
            host_ip=str(item.get("IP") or ""),
            host_port=int(item["PublicPort"]) if item.get("PublicPort") else None,
        )
        for item in items
    )


def ports_from_inspect(items: Mapping[str, Any]) -> tuple[PortBinding, ...]:
    found = []
    unpublished: tuple[Json, ...] = ({},)
    for key, bindings in items.items():
        port, _, protocol = key.partition("/")
        for binding in bindings or unpublished:
            host_port = str(binding.get("HostPort") or "")
            found.append(
                PortBinding(
                    container_port=int(port),
                    protocol=protocol or "tcp",
                    host_ip=str(binding.get("HostIp") or ""),
                    host_port=int(host_port) if host_port.isdigit() else None,
                )
            )
    return _sorted_ports(found)


def _sorted_ports(ports: Iterable[PortBinding]) -> tuple[PortBinding, ...]:
    return tuple(
        sorted(ports, key=lambda p: (p.container_port, p.protocol, p.host_port or 0, p.host_ip))
    )


def addresses(networks: Mapping[str, Any]) -> tuple[str, ...]:
    """IPv4 and IPv6 addresses, by network name."""
    found = []
    for name in sorted(networks):
        network = networks[name] or {}
        found += [network.get("IPAddress"), network.get("GlobalIPv6Address")]
    return tuple(str(address) for address in found if address)


def mounts(items: Iterable[Json]) -> tuple[Mount, ...]:
    found = (
        Mount(
            kind=str(item.get("Type") or ""),
            destination=str(item.get("Destination") or ""),
            source=str(item.get("Source") or ""),
            name=str(item.get("Name") or ""),
            writable=bool(item.get("RW")),
            driver=str(item.get("Driver") or ""),
        )
        for item in items
    )
    return tuple(sorted(found, key=lambda mount: mount.destination))


def cpu_limit(host: Json) -> float:
    """Cores a HostConfig allows; 0 = no limit."""
    if nano := host.get("NanoCpus"):
        return float(nano) / 1e9
    quota, period = host.get("CpuQuota") or 0, host.get("CpuPeriod") or 100_000
    return max(0.0, quota / period)


def restart_policy(policy: Json) -> str:
    """As ``docker run --restart`` takes it: ``no``, ``always``, ``on-failure:3``…"""
    name = str(policy.get("Name") or "no")
    retries = policy.get("MaximumRetryCount") or 0
    return f"{name}:{retries}" if name == "on-failure" and retries else name
