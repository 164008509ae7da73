"""What is wrong with a ``ContainerSpec``, by field, before an engine is asked. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING

from engine.sentences import Sentence, gettext_noop
from engine.spec_values import MountFlag, MountKind, MountSpec, PublishedPort

if TYPE_CHECKING:
    from engine.specs import ContainerSpec

_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")
_VOLUME_NAME = _NAME
_SIGNAL = re.compile(r"(SIG)?[A-Z0-9+-]+", re.IGNORECASE)
_PORT_RANGE = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")
_MIN_MEMORY = 6 << 20
_MAX_PORT = 65535
_PROTOCOLS = ("tcp", "udp", "sctp")
_RESTARTS = ("no", "always", "unless-stopped", "on-failure")
_PULLS = ("missing", "always", "never")


@dataclass(frozen=True, slots=True)
class Problem:
    """A field of the spec and a sentence that says what is wrong and the way out."""

    field: str
    sentence: Sentence


def find_problems(spec: ContainerSpec) -> list[Problem]:
    """Every problem; an empty list says nothing about what the engine or the fence will say."""
    checks = (_identity, _environment, _ports, _mounts, _networks, _limits, _health, _life)
    return [problem for check in checks for problem in check(spec)]


def _problem(field: str, text: str, **values: object) -> Problem:
    return Problem(field, Sentence(text, values))


def _identity(spec: ContainerSpec) -> Iterator[Problem]:
    if not spec.image:
        yield _problem("image", gettext_noop("Name an image, as nginx:1.27."))
    elif spec.image.startswith("-") or re.search(r"\s", spec.image):
        text = gettext_noop("“%(value)s” is not an image: it has no spaces and starts with a word.")
        yield _problem("image", text, value=spec.image)
    if spec.name and not _NAME.fullmatch(spec.name):
        text = gettext_noop(
            "A name has at least two letters, digits, _ . or - and starts with a letter or digit."
        )
        yield _problem("name", text)
    if spec.pull not in _PULLS:
        text = gettext_noop("“%(value)s” is not a pull policy: missing, always or never.")
        yield _problem("pull", text, value=spec.pull)
    if spec.workdir and not spec.workdir.startswith("/"):
        text = gettext_noop("The working directory “%(value)s” must start with /.")
        yield _problem("workdir", text, value=spec.workdir)


def _environment(spec: ContainerSpec) -> Iterator[Problem]:
    for name, _ in spec.env:
        if not name or "=" in name or "\0" in name:
            text = gettext_noop("“%(value)s” is not a variable's name: write NAME=value.")
            yield _problem("env", text, value=name)
    if any(not name for name, _ in spec.labels):
        yield _problem("labels", gettext_noop("A label needs a name: write name=value."))


def _ports(spec: ContainerSpec) -> Iterator[Problem]:
    for port in spec.ports:
        yield from _port(port)
    taken: set[tuple[str, str, str]] = set()
    for port in spec.ports:
        place = (port.host_ip, port.host_port, port.protocol)
        if port.host_port and "-" not in port.host_port and place in taken:
            text = gettext_noop("Host port %(port)s is published twice: give one another number.")
            yield _problem("ports", text, port=port.host_port)
        taken.add(place)


def _port(port: PublishedPort) -> Iterator[Problem]:
    if not 0 < port.container_port <= _MAX_PORT:
        text = gettext_noop("%(value)s is not a port: it lies between 1 and 65535.")
        yield _problem("ports", text, value=port.container_port)
    if port.protocol not in _PROTOCOLS:
        text = gettext_noop("“%(value)s” is not a protocol: tcp, udp or sctp.")
        yield _problem("ports", text, value=port.protocol)
    if port.host_port and not _is_port_range(port.host_port):
        text = gettext_noop("“%(value)s” is not a host port: a number up to 65535, or a range.")
        yield _problem("ports", text, value=port.host_port)
    if port.host_ip and not _is_address(port.host_ip):
        text = gettext_noop("“%(value)s” is not an address of the host, as 127.0.0.1.")
        yield _problem("ports", text, value=port.host_ip)


def _is_port_range(text: str) -> bool:
    match = _PORT_RANGE.fullmatch(text)
    if match is None:
        return False
    first, last = int(match[1]), int(match[2] or match[1])
    return first <= last <= _MAX_PORT


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _mounts(spec: ContainerSpec) -> Iterator[Problem]:
    seen: set[str] = set()
    for mount in spec.mounts:
        yield from _mount(mount)
        if mount.target in seen:
            text = gettext_noop("Two mounts want %(path)s: give one another path.")
            yield _problem("mounts", text, path=mount.target)
        seen.add(mount.target)


def _mount(mount: MountSpec) -> Iterator[Problem]:
    if not mount.target.startswith("/"):
        text = gettext_noop("“%(path)s” in the container must be a path that starts with /.")
        yield _problem("mounts", text, path=mount.target)
    elif mount.target.rstrip("/") == "":
        text = gettext_noop("A mount cannot take the place of / in the container: name a folder.")
        yield _problem("mounts", text)
    if mount.kind is MountKind.BIND and not mount.source.startswith("/"):
        text = gettext_noop(
            "“%(path)s” on the host must be a whole path that starts with /: "
            "this form is not sent from a folder of the host."
        )
        yield _problem("mounts", text, path=mount.source)
    named = mount.kind is MountKind.VOLUME and mount.source
    if named and not _VOLUME_NAME.fullmatch(mount.source):
        text = gettext_noop(
            "“%(name)s” is neither a volume's name (letters, digits, _ . -) "
            "nor a path of the host, which starts with /."
        )
        yield _problem("mounts", text, name=mount.source)
    if mount.flag is MountFlag.VOLUME and mount.read_only and not mount.source:
        text = gettext_noop("A volume without a name starts empty; read-only it stays so: name it.")
        yield _problem("mounts", text)


def _networks(spec: ContainerSpec) -> Iterator[Problem]:
    for network in spec.networks:
        for address in (network.ip, network.ip6):
            if address and not _is_address(address):
                text = gettext_noop("“%(value)s” is not an address, as 172.20.0.5.")
                yield _problem("networks", text, value=address)
    if spec.network == "none" and spec.ports:
        text = gettext_noop("Without a network no port can be published: choose one, or no ports.")
        yield _problem("ports", text)
    for host in spec.extra_hosts:
        if not host.partition(":")[2]:
            text = gettext_noop("“%(value)s” needs a name and an address: db:10.0.0.5.")
            yield _problem("extra_hosts", text, value=host)


def _limits(spec: ContainerSpec) -> Iterator[Problem]:
    if 0 < spec.memory < _MIN_MEMORY:
        yield _problem("memory", gettext_noop("The least memory that an engine gives is 6m."))
    if spec.memory_swap > 0 and not spec.memory:
        text = gettext_noop("Swap counts memory and swap together: set memory too.")
        yield _problem("memory_swap", text)
    elif 0 < spec.memory_swap < spec.memory:
        text = gettext_noop("Swap counts memory and swap together: it cannot be below memory.")
        yield _problem("memory_swap", text)
    if spec.memory and spec.memory_reservation > spec.memory:
        text = gettext_noop("The reserved memory cannot be above the limit.")
        yield _problem("memory_reservation", text)
    if spec.nano_cpus and (spec.cpu_quota or spec.cpu_period):
        text = gettext_noop("CPUs and CPU quota or period exclude each other: set one of them.")
        yield _problem("nano_cpus", text)


def _health(spec: ContainerSpec) -> Iterator[Problem]:
    spans = {
        "health_interval": spec.health_interval,
        "health_timeout": spec.health_timeout,
        "health_start_period": spec.health_start_period,
        "health_start_interval": spec.health_start_interval,
    }
    if spec.health_test == ("NONE",) and (any(spans.values()) or spec.health_retries):
        text = gettext_noop("A health check that is switched off has no times: clear them.")
        yield _problem("health_test", text)
    for field, span in spans.items():
        if 0 < span < 10**6:
            yield _problem(field, gettext_noop("The shortest time that an engine takes is 1ms."))


def _life(spec: ContainerSpec) -> Iterator[Problem]:
    if spec.restart.name not in _RESTARTS:
        text = gettext_noop(
            "“%(value)s” is not a restart policy: no, always, unless-stopped or on-failure."
        )
        yield _problem("restart", text, value=spec.restart.name)
    elif spec.restart.max_retries and spec.restart.name != "on-failure":
        text = gettext_noop("A number of retries goes with on-failure only.")
        yield _problem("restart", text)
    if spec.auto_remove and spec.restart.name != "no":
        text = gettext_noop("Remove when it ends and restart exclude each other: choose one.")
        yield _problem("auto_remove", text)
    if spec.stop_signal and not _SIGNAL.fullmatch(spec.stop_signal):
        text = gettext_noop("“%(value)s” is not a signal, as SIGTERM or 15.")
        yield _problem("stop_signal", text, value=spec.stop_signal)
    if spec.stop_timeout is not None and spec.stop_timeout < -1:
        text = gettext_noop("A stop timeout is a number of seconds, or -1 for no limit.")
        yield _problem("stop_timeout", text)
