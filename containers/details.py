"""What the overview of one container shows, read from one inspect. Pure; secrets are masked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from access.secrets import masked, masked_text
from containers.duplicates import shown
from containers.masked_line import masked_line
from engine.answers import Json, parse_time
from engine.compose import to_compose
from engine.rows import container_from_inspect
from engine.specs import NO_ANSWER, ContainerSpec
from engine.types import ContainerRow
from engine.update import limits_of

PROBES = 5
COMPOSE = "com.docker.compose."


@dataclass(frozen=True, slots=True)
class Probe:
    """One run of the health check; ``output`` is what it wrote."""

    at: datetime | None
    exit_code: int
    output: str


@dataclass(frozen=True, slots=True)
class Health:
    status: str
    failing: int
    test: str
    probes: tuple[Probe, ...]  # newest first


@dataclass(frozen=True, slots=True)
class Attachment:
    """One network that the container is in; ``id`` is "" before it first ran."""

    name: str
    id: str
    address: str
    address6: str
    gateway: str
    mac: str
    aliases: tuple[str, ...]

    @property
    def leaves(self) -> bool:
        """Whether a container can be taken out of it: of these two it is made."""
        return self.name not in ("host", "none")


@dataclass(frozen=True, slots=True)
class Variable:
    name: str
    value: str
    masked: bool


@dataclass(frozen=True, slots=True)
class Details:
    """``row`` is as fresh as the inspect. Sizes in bytes, ``cpus`` in cores; 0 is no limit.
    ``run_line`` has a flag a line, and ``compose`` is the equal file; secrets are masked."""

    row: ContainerRow
    pid: int
    error: str
    command: str
    entrypoint: str
    user: str
    workdir: str
    hostname: str
    health: Health | None
    networks: tuple[Attachment, ...]
    env: tuple[Variable, ...]
    labels: tuple[tuple[str, str], ...]
    compose_labels: tuple[tuple[str, str], ...]
    pids_limit: int
    limits: ContainerSpec  # these and the restart policy alone
    log_driver: str
    privileged: bool
    run_line: str
    compose: str


def details(inspect: Json, image: Json | None = None, info: Json = NO_ANSWER) -> Details:
    """``image`` is its image's inspect and ``info`` its engine's, so that the line is short."""
    spec = ContainerSpec.from_inspect(inspect, image, info)
    state, config, host = (
        dict(inspect.get(key) or {}) for key in ("State", "Config", "HostConfig")
    )
    labels = sorted((config.get("Labels") or {}).items())
    return Details(
        row=container_from_inspect(inspect),
        pid=int(state.get("Pid") or 0),
        error=str(state.get("Error") or ""),
        command=words(config.get("Cmd")),
        entrypoint=words(config.get("Entrypoint")),
        user=str(config.get("User") or ""),
        workdir=str(config.get("WorkingDir") or ""),
        hostname=str(config.get("Hostname") or ""),
        health=health(state.get("Health"), config.get("Healthcheck") or {}),
        networks=attachments((inspect.get("NetworkSettings") or {}).get("Networks") or {}),
        env=tuple(variable(pair) for pair in config.get("Env") or ()),
        labels=tuple((key, masked(key, text)) for key, text in labels if not is_compose(key)),
        compose_labels=tuple((key, text) for key, text in labels if is_compose(key)),
        pids_limit=max(0, int(host.get("PidsLimit") or 0)),
        limits=limits_of(inspect),
        log_driver=str((host.get("LogConfig") or {}).get("Type") or ""),
        privileged=bool(host.get("Privileged")),
        run_line=masked_line(spec, folded=True),
        compose=to_compose(shown(spec)),
    )


def is_compose(key: str) -> bool:
    return key.startswith(COMPOSE)


def words(parts: Any) -> str:
    return masked_text(" ".join(str(part) for part in parts or ()))


def health(state: Mapping[str, Any] | None, check: Mapping[str, Any]) -> Health | None:
    """None where there is no health check."""
    if not state or state.get("Status") in (None, "", "none"):
        return None
    log = list(state.get("Log") or ())[-PROBES:]
    probes = tuple(
        Probe(
            parse_time(item.get("Start")),
            int(item.get("ExitCode") or 0),
            str(item.get("Output") or ""),
        )
        for item in reversed(log)
    )
    test = words(list(check.get("Test") or ())[1:])
    return Health(str(state["Status"]), int(state.get("FailingStreak") or 0), test, probes)


def attachments(networks: Mapping[str, Any]) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(
            name=name,
            id=str(network.get("NetworkID") or ""),
            address=str(network.get("IPAddress") or ""),
            address6=str(network.get("GlobalIPv6Address") or ""),
            gateway=str(network.get("Gateway") or ""),
            mac=str(network.get("MacAddress") or ""),
            aliases=tuple(network.get("Aliases") or ()),
        )
        for name, network in sorted(networks.items())
        if network
    )


def variable(pair: str) -> Variable:
    name, _, value = pair.partition("=")
    told = masked(name, value)
    return Variable(name, told, told != value)
