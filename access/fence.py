"""The fence: what a container may be made with by someone who has not the whole host.

An allow-list over the typed spec. A field that no rule here names is refused by its name, so that
a field the spec learns tomorrow is outside until somebody has thought about it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from ipaddress import ip_address
from typing import Any

from django.utils.translation import gettext as _

from access.fence_bounds import MOST_PIDS, log_options, tmpfs_options, ulimits
from access.policy import AS_NEW, RANDOM_PORTS, Policy, address_of
from engine.helpers import PREFIX
from engine.spec_values import MountFlag, MountKind, MountSpec, NetworkSpec, PublishedPort
from engine.specs import ContainerSpec
from engine.units import format_swap

MOST_SHM = 2**30
MOST_SWAP = 2**50
MOST_CPU_SHARES = 1024  # what each container has that asks for none
MOST_PORTS = 100  # each costs the engine a process
MOST_STOP_SECONDS = 3600  # the engine waits for all of them when it ends
LEAST_INTERVAL = 10**9  # a check of health runs on the engine's time
LOG_DRIVERS = ("", "json-file", "local")
OUR_LABEL = "wharfinger."
NO_NEW_PRIVILEGES = "no-new-privileges"
_VOLUME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")
_EMPTY = ContainerSpec("")


@dataclass(frozen=True, slots=True)
class Breach:
    """A field that stands outside, and the rule in a sentence."""

    field: str
    reason: str

    def __str__(self) -> str:
        return f"{self.field}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Means:
    """What is the team's, or shared: names of networks and volumes; ``taken`` volumes are there
    or somebody's, and on ``common`` networks others have their names, too."""

    networks: frozenset[str] = frozenset()
    volumes: frozenset[str] = frozenset()
    taken: frozenset[str] = frozenset()
    common: frozenset[str] = frozenset()
    paths: Mapping[str, bool] = field(default_factory=dict)  # of the host → whether to be written
    policy: Policy = AS_NEW


Rule = Callable[[Any, Means], Iterator[str]]


def breaches(spec: ContainerSpec, means: Means) -> list[Breach]:
    """Every field outside the fence; empty where it is all inside."""
    found = []
    for name in (each.name for each in fields(spec)):
        value = getattr(spec, name)
        if value == getattr(_EMPTY, name) or name in FREE:
            continue
        rule = RULES.get(name, never)
        found += [Breach(name, reason) for reason in rule(value, means)]
    if spec.memory_swap > 2 * spec.memory:
        found.append(Breach("memory_swap", _("memory and swap are at most twice the memory.")))
    return found


def forced(spec: ContainerSpec) -> ContainerSpec:
    """The same with what the policy always sets: no new privileges, a pids limit, small logs."""
    options = dict(spec.log_options)
    if spec.log_driver in ("", "json-file"):
        options = {"max-size": "10m", "max-file": "3"} | options
    return replace(
        spec,
        security_options=(NO_NEW_PRIVILEGES,),
        pids_limit=spec.pids_limit or MOST_PIDS,
        log_driver=spec.log_driver or "json-file",
        log_options=tuple(options.items()),
    )


def never(value: Any, means: Means) -> Iterator[str]:
    yield _("this is outside the fence: it may lead to the host.")


def one_of(*words: str) -> Rule:
    def rule(value: Any, means: Means) -> Iterator[str]:
        if value not in words:
            shown = ", ".join(word or _("nothing") for word in words)
            yield _("“%(value)s” is not one of: %(words)s.") % {"value": value, "words": shown}

    return rule


def between(least: int, most: int) -> Rule:
    def rule(value: Any, means: Means) -> Iterator[str]:
        if not least <= value <= most:
            words = _("%(value)d is not between %(least)d and %(most)d.")
            yield words % {"value": value, "least": least, "most": most}

    return rule


def bytes_between(least: int, most: int) -> Rule:
    def rule(value: Any, means: Means) -> Iterator[str]:
        if not least <= value <= most:
            words = _("%(value)s is not a size from %(least)s to %(most)s.")
            amounts = {"value": value, "least": least, "most": most}
            yield words % {name: format_swap(amount) for name, amount in amounts.items()}

    return rule


def at_most(most: int) -> Rule:
    return between(1, most)


def at_least_a_second(value: Any, means: Means) -> Iterator[str]:
    if value < LEAST_INTERVAL:
        yield _("the shortest time between two checks is 1s.")


def own_name(value: str, means: Means) -> Iterator[str]:
    if value.startswith(PREFIX):
        yield _("names that begin with %(word)s are ours.") % {"word": PREFIX}


def labels(value: tuple[tuple[str, str], ...], means: Means) -> Iterator[str]:
    for key, _text in value:
        if key.casefold().startswith(OUR_LABEL):
            yield _("labels that begin with %(word)s are ours.") % {"word": OUR_LABEL}


def ports(value: tuple[PublishedPort, ...], means: Means) -> Iterator[str]:
    if len(value) > MOST_PORTS:
        yield _("at most %(most)d ports are published.") % {"most": MOST_PORTS}
    for port in value:
        low, dash, high = port.host_port.partition("-")
        ends = (low, high if dash else low) if port.host_port else tuple(map(str, RANDOM_PORTS))
        plain = all(end.isascii() and end.isdecimal() for end in ends)
        if not plain or not means.policy.covers(*map(int, ends)):
            yield port_words(port) % {"port": port.host_port, "spans": means.policy.shown_ports}
        if means.policy.addresses:
            yield from bound_to(port.host_ip, means.policy.addresses)


def port_words(port: PublishedPort) -> str:
    if port.host_port:
        return _("host port %(port)s is outside %(spans)s.")
    return _("any free port may be outside %(spans)s: name one, or a range to take it from.")


def bound_to(host_ip: str, allowed: frozenset[str]) -> Iterator[str]:
    """Without an address the engine binds to every one there is, of both kinds."""
    try:
        wanted = {address_of(host_ip)} if host_ip else {"0.0.0.0", "::"}  # noqa: S104  (compared)
    except ValueError as error:
        yield str(error)
        return
    if not wanted <= allowed:
        words = _("address %(address)s is not one of: %(allowed)s.")
        shown = host_ip or _("(none given, so every one)")
        yield words % {"address": shown, "allowed": ", ".join(sorted(allowed))}


def networks(value: tuple[NetworkSpec, ...], means: Means) -> Iterator[str]:
    for network in value:
        if network.name in ("", "default", "bridge", "none"):
            continue
        if network.name not in means.networks:
            words = _("%(name)s is not a network of your team, and not shared.")
            yield words % {"name": network.name}
        elif network.name in means.common and network.aliases:
            words = _("%(name)s is shared: another name there may be one of another team's.")
            yield words % {"name": network.name}
    if any(network.driver_options for network in value):
        yield _("driver options are not for you to set.")


def mounts(value: tuple[MountSpec, ...], means: Means) -> Iterator[str]:
    for mount in value:
        yield from JUDGED.get(mount.kind, bind)(mount, means)
        if mount.flag not in FLAGS.get(mount.kind, ()):
            yield _("%(path)s is not written as what it is.") % {"path": mount.target}
        if ":" in mount.target and mount.flag is MountFlag.VOLUME:  # it would end there
            yield _("%(path)s: no colon in a path of the container.") % {"path": mount.target}


def bind(mount: MountSpec, means: Means) -> Iterator[str]:
    """Only a path that the operator has allowed, as it is: one below it may be a link that a
    container laid to anywhere."""
    writable = means.paths.get(mount.source)
    if writable is None or {key for key, _text in mount.options} - {"readonly"}:
        yield from host_path(mount)
    elif not (writable or mount.read_only):
        yield _("%(path)s may be mounted read-only.") % {"path": mount.source}


def host_path(mount: MountSpec) -> Iterator[str]:
    yield _("%(path)s is a path of the host: use a volume.") % {"path": mount.source}


def volume(mount: MountSpec, means: Means) -> Iterator[str]:
    if {key for key, _text in mount.options} - {"nocopy", "z", "Z", "volume-nocopy"}:
        yield _("a volume takes no driver options.")
    if not mount.source:
        return
    if not _VOLUME.fullmatch(mount.source):
        yield _("“%(name)s” is not the name of a volume.") % {"name": mount.source}
    elif mount.source in means.taken and mount.source not in means.volumes:
        words = _("%(name)s is not a volume of your team, and not shared.")
        yield words % {"name": mount.source}


def tmpfs(mount: MountSpec, means: Means) -> Iterator[str]:
    if mount.source:
        yield from host_path(mount)
    yield from tmpfs_options(mount)


def extra_hosts(value: tuple[str, ...], means: Means) -> Iterator[str]:
    for line in value:
        address = line.partition(":")[2] or line.partition("=")[2]
        try:
            ip_address(address.strip("[]"))
        except ValueError:
            yield _("%(line)s: give an address, not a word.") % {"line": line}


def security(value: tuple[str, ...], means: Means) -> Iterator[str]:
    for word in value:
        if word not in (
            NO_NEW_PRIVILEGES,
            f"{NO_NEW_PRIVILEGES}=true",
            f"{NO_NEW_PRIVILEGES}:true",
        ):
            yield _("%(word)s loosens the container.") % {"word": word}


JUDGED: Mapping[MountKind, Callable[[MountSpec, Means], Iterator[str]]] = {
    MountKind.VOLUME: volume,
    MountKind.TMPFS: tmpfs,
}
FLAGS: Mapping[MountKind, tuple[MountFlag, ...]] = {
    MountKind.BIND: (MountFlag.VOLUME, MountFlag.MOUNT),
    MountKind.VOLUME: (MountFlag.VOLUME, MountFlag.MOUNT),
    MountKind.TMPFS: (MountFlag.TMPFS, MountFlag.MOUNT),
}
# Of no consequence outside the container itself.
FREE = (
    {"image", "command", "detach", "stdin", "tty", "auto_remove", "pull", "platform"}
    | {"entrypoint", "env", "user", "workdir", "hostname", "domainname", "init", "stop_signal"}
    | {"restart", "expose", "dns", "dns_search", "dns_options", "read_only"}
    | {"memory", "memory_reservation", "nano_cpus", "cpu_period", "cpu_quota"}
    | {"cap_drop", "health_test", "health_timeout", "health_retries"}
    | {"health_start_period"}
)
RULES: Mapping[str, Rule] = {
    "name": own_name,
    "labels": labels,
    "ports": ports,
    "networks": networks,
    "mounts": mounts,
    "extra_hosts": extra_hosts,
    "ulimits": ulimits,
    "shm_size": bytes_between(1, MOST_SHM),
    "pids_limit": at_most(MOST_PIDS),
    "cpu_shares": at_most(MOST_CPU_SHARES),
    "stop_timeout": between(0, MOST_STOP_SECONDS),
    "health_interval": at_least_a_second,
    "health_start_interval": at_least_a_second,
    "memory_swap": bytes_between(1, MOST_SWAP),
    "log_driver": one_of(*LOG_DRIVERS),
    "log_options": log_options,
    "security_options": security,
    "ipc_mode": one_of("private", "none"),
    "pid_mode": one_of("private"),
    "cgroupns_mode": one_of("private"),
}
