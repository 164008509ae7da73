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

from access.policy import AS_NEW, RANDOM_PORTS, Policy, address_of
from engine.spec_values import MountKind, MountSpec, NetworkSpec, PublishedPort, Ulimit
from engine.specs import ContainerSpec

MOST_SHM = 2**30
MOST_TMPFS = 2**30
MOST_FILES, MOST_PIDS = 1_048_576, 4096
LOG_DRIVERS = ("", "json-file", "local")
LOG_OPTIONS = ("max-size", "max-file", "compress", "mode", "max-buffer-size", "tag")
OUR_LABEL = "wharfinger."
NO_NEW_PRIVILEGES = "no-new-privileges"
_VOLUME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")
_SIZE = re.compile(r"(\d{1,12})([bkmg]?)", re.IGNORECASE)
_TMPFS_WORDS = {"rw", "ro", "noexec", "exec", "nosuid", "nodev", "mode", "uid", "gid", "size"}
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
    """What is the team's, or shared: names of networks and volumes; ``taken`` volumes are there."""

    networks: frozenset[str] = frozenset()
    volumes: frozenset[str] = frozenset()
    taken: frozenset[str] = frozenset()
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


def at_most(most: int) -> Rule:
    def rule(value: Any, means: Means) -> Iterator[str]:
        if not 0 < value <= most:
            yield _("%(value)d is not between 1 and %(most)d.") % {"value": value, "most": most}

    return rule


def labels(value: tuple[tuple[str, str], ...], means: Means) -> Iterator[str]:
    for key, _text in value:
        if key.casefold().startswith(OUR_LABEL):
            yield _("labels that begin with %(word)s are ours.") % {"word": OUR_LABEL}


def ports(value: tuple[PublishedPort, ...], means: Means) -> Iterator[str]:
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
    if any(network.driver_options for network in value):
        yield _("driver options are not for you to set.")


def mounts(value: tuple[MountSpec, ...], means: Means) -> Iterator[str]:
    for mount in value:
        yield from JUDGED.get(mount.kind, bind)(mount, means)


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
    options = dict(map(option_pair, mount.options))
    if mount.source:
        yield from host_path(mount)
    if set(options) - _TMPFS_WORDS:
        yield _("a tmpfs takes no such options: %(words)s.") % {"words": ", ".join(options)}
    size = _SIZE.fullmatch(options.get("size", ""))
    if size is None or bytes_of(size) > MOST_TMPFS:
        yield _("a tmpfs needs a size of at most %(most)s.") % {"most": "1g"}


def option_pair(option: tuple[str, str]) -> tuple[str, str]:
    """``("size=64m", "")`` of ``--tmpfs`` and ``("tmpfs-size", "64m")`` of ``--mount``, alike."""
    key, text = option
    name, _equals, inner = key.removeprefix("tmpfs-").partition("=")
    return name, inner or text


def bytes_of(size: "re.Match[str]") -> int:
    powers = {"": 0, "b": 0, "k": 1, "m": 2, "g": 3}
    return int(size[1]) << (10 * powers[size[2].lower()])


def extra_hosts(value: tuple[str, ...], means: Means) -> Iterator[str]:
    for line in value:
        address = line.partition(":")[2] or line.partition("=")[2]
        try:
            ip_address(address.strip("[]"))
        except ValueError:
            yield _("%(line)s: give an address, not a word.") % {"line": line}


def ulimits(value: tuple[Ulimit, ...], means: Means) -> Iterator[str]:
    caps = {"nofile": MOST_FILES, "nproc": MOST_PIDS, "core": 0}
    for limit in value:
        if limit.name not in caps or not 0 <= limit.soft <= limit.hard <= caps[limit.name]:
            yield _("%(name)s is outside what you may set.") % {"name": limit.name}


def log_options(value: tuple[tuple[str, str], ...], means: Means) -> Iterator[str]:
    for key, _text in value:
        if key not in LOG_OPTIONS:
            yield _("%(name)s is not one of: %(words)s.") % {
                "name": key,
                "words": ", ".join(LOG_OPTIONS),
            }


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
# Of no consequence outside the container itself.
FREE = (
    {"image", "command", "name", "detach", "stdin", "tty", "auto_remove", "pull", "platform"}
    | {"entrypoint", "env", "user", "workdir", "hostname", "domainname", "init", "stop_signal"}
    | {"stop_timeout", "restart", "expose", "dns", "dns_search", "dns_options", "read_only"}
    | {"memory", "memory_reservation", "nano_cpus", "cpu_shares", "cpu_period", "cpu_quota"}
    | {"cap_drop", "health_test", "health_interval", "health_timeout", "health_retries"}
    | {"health_start_period", "health_start_interval"}
)
RULES: Mapping[str, Rule] = {
    "labels": labels,
    "ports": ports,
    "networks": networks,
    "mounts": mounts,
    "extra_hosts": extra_hosts,
    "ulimits": ulimits,
    "shm_size": at_most(MOST_SHM),
    "pids_limit": at_most(MOST_PIDS),
    "memory_swap": at_most(2**50),
    "log_driver": one_of(*LOG_DRIVERS),
    "log_options": log_options,
    "security_options": security,
    "ipc_mode": one_of("private", "none"),
    "pid_mode": one_of("private"),
    "cgroupns_mode": one_of("private"),
}
