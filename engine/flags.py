"""The flags of ``docker run``, as data: which field each sets, and how its value is written."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from engine import flag_values, mount_flags, units
from engine.sentences import gettext_noop

Parse = Callable[[str], Any]
Format = Callable[[Any], str]


def _text(value: str) -> str:
    return value


def _key_equals(value: str) -> str:
    """``label:disable`` is the old way to write ``label=disable``."""
    head, colon, rest = value.partition(":")
    return f"{head}={rest}" if colon and "=" not in head else value


def _host_address(value: str) -> str:
    """``name=address`` and ``name:[address]`` are ``name:address``."""
    name, _, address = value.partition("=") if "=" in value else value.partition(":")
    return f"{name}:{address.strip('[]')}"


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag. ``many`` ones collect a tuple; ``parse`` of an ``expands`` one gives several.

    ``short`` is its letter; ``brief`` ones are written by it.
    """

    name: str
    field: str
    parse: Parse = _text
    format: Format = str
    short: str = ""
    switch: bool = False
    many: bool = False
    expands: bool = False
    brief: bool = False

    @property
    def written(self) -> str:
        return f"-{self.short}" if self.brief else f"--{self.name}"


def _switch(name: str, field: str, short: str = "") -> Flag:
    parse = flag_values.parse_bool
    return Flag(name, field, parse, short=short, switch=True, brief=bool(short))


def _number(name: str, field: str, short: str = "") -> Flag:
    return Flag(name, field, flag_values.parse_integer, short=short)


def _size(name: str, field: str, short: str = "") -> Flag:
    parse, write = units.parse_size, units.format_size
    return Flag(name, field, parse, write, short=short, brief=bool(short))


def _duration(name: str, field: str) -> Flag:
    return Flag(name, field, units.parse_duration, units.format_duration)


def _list(name: str, field: str, parse: Parse = _text, write: Format = str) -> Flag:
    return Flag(name, field, parse, write, many=True)


def _pairs(name: str, field: str, short: str = "", brief: bool = False) -> Flag:
    parse, write = flag_values.parse_pair, flag_values.format_pair
    return Flag(name, field, parse, write, short=short, many=True, brief=brief)


# In the order in which a line is written.
FLAGS: tuple[Flag, ...] = (
    _switch("detach", "detach", "d"),
    _switch("interactive", "stdin", "i"),
    _switch("tty", "tty", "t"),
    _switch("rm", "auto_remove"),
    Flag("name", "name"),
    Flag("pull", "pull"),
    Flag("platform", "platform"),
    Flag("restart", "restart", flag_values.parse_restart, flag_values.format_restart),
    Flag("publish", "ports", flag_values.parse_ports, flag_values.format_port,
         short="p", many=True, expands=True, brief=True),
    _switch("publish-all", "publish_all", "P"),
    Flag("expose", "expose", flag_values.parse_exposed, flag_values.format_exposed,
         many=True, expands=True),
    _pairs("env", "env", "e", brief=True),
    Flag("volume", "mounts", mount_flags.parse_volume, mount_flags.format_volume,
         short="v", many=True, brief=True),
    _list("mount", "mounts", mount_flags.parse_mount, mount_flags.format_mount),
    _list("tmpfs", "mounts", mount_flags.parse_tmpfs, mount_flags.format_tmpfs),
    _list("volumes-from", "volumes_from"),
    Flag("volume-driver", "volume_driver"),
    _list("network", "networks", flag_values.parse_network, flag_values.format_network),
    Flag("mac-address", "mac_address"),
    _list("link", "links"),
    Flag("hostname", "hostname", short="h"),
    Flag("domainname", "domainname"),
    _list("add-host", "extra_hosts", _host_address),
    _list("dns", "dns"),
    _list("dns-search", "dns_search"),
    _list("dns-option", "dns_options"),
    Flag("user", "user", short="u", brief=True),
    Flag("workdir", "workdir", short="w", brief=True),
    _pairs("label", "labels", "l"),
    _pairs("annotation", "annotations"),
    _size("memory", "memory", "m"),
    Flag("memory-swap", "memory_swap", units.parse_swap, units.format_swap),
    _size("memory-reservation", "memory_reservation"),
    _number("memory-swappiness", "memory_swappiness"),
    Flag("cpus", "nano_cpus", units.parse_cpus, units.format_cpus),
    _number("cpu-shares", "cpu_shares", "c"),
    _number("cpu-period", "cpu_period"),
    _number("cpu-quota", "cpu_quota"),
    _number("cpu-rt-period", "cpu_rt_period"),
    _number("cpu-rt-runtime", "cpu_rt_runtime"),
    Flag("cpuset-cpus", "cpuset_cpus"),
    Flag("cpuset-mems", "cpuset_mems"),
    _number("pids-limit", "pids_limit"),
    _number("blkio-weight", "blkio_weight"),
    _list("blkio-weight-device", "blkio_weight_devices",
          flag_values.parse_limit, flag_values.format_limit),
    _list("device-read-bps", "device_read_bps",
          flag_values.parse_limit, flag_values.format_bandwidth),
    _list("device-write-bps", "device_write_bps",
          flag_values.parse_limit, flag_values.format_bandwidth),
    _list("device-read-iops", "device_read_iops",
          flag_values.parse_limit, flag_values.format_limit),
    _list("device-write-iops", "device_write_iops",
          flag_values.parse_limit, flag_values.format_limit),
    _list("ulimit", "ulimits", flag_values.parse_ulimit, flag_values.format_ulimit),
    _switch("oom-kill-disable", "oom_kill_disable"),
    _number("oom-score-adj", "oom_score_adj"),
    _size("shm-size", "shm_size"),
    _duration("health-interval", "health_interval"),
    _duration("health-timeout", "health_timeout"),
    _duration("health-start-period", "health_start_period"),
    _duration("health-start-interval", "health_start_interval"),
    _number("health-retries", "health_retries"),
    _switch("init", "init"),
    Flag("stop-signal", "stop_signal"),
    _number("stop-timeout", "stop_timeout"),
    Flag("log-driver", "log_driver"),
    _pairs("log-opt", "log_options"),
    _switch("read-only", "read_only"),
    _pairs("storage-opt", "storage_options"),
    _switch("privileged", "privileged"),
    _list("cap-add", "cap_add"),
    _list("cap-drop", "cap_drop"),
    _list("security-opt", "security_options", _key_equals),
    _list("group-add", "group_add"),
    _pairs("sysctl", "sysctls"),
    _list("device", "devices", flag_values.parse_device, flag_values.format_device),
    _list("gpus", "device_requests", flag_values.parse_gpus, flag_values.format_gpus),
    _list("device-cgroup-rule", "device_cgroup_rules"),
    Flag("pid", "pid_mode"),
    Flag("ipc", "ipc_mode"),
    Flag("uts", "uts_mode"),
    Flag("userns", "userns_mode"),
    Flag("cgroupns", "cgroupns_mode"),
    Flag("cgroup-parent", "cgroup_parent"),
    Flag("runtime", "runtime"),
)  # fmt: skip

# Set together with another flag's field: of the first network, of the health check, of the command.
JOINED: tuple[Flag, ...] = (
    _list("network-alias", "aliases"),
    Flag("ip", "ip"),
    Flag("ip6", "ip6"),
    _list("link-local-ip", "link_local_ips"),
    Flag("health-cmd", "health_cmd"),
    _switch("no-healthcheck", "no_healthcheck"),
    Flag("entrypoint", "entrypoint"),
)

_ALIASES = {"net": "network", "net-alias": "network-alias", "dns-opt": "dns-option"}
_NAMED = {flag.name: flag for flag in (*FLAGS, *JOINED)}

BY_NAME: Mapping[str, Flag] = _NAMED | {old: _NAMED[name] for old, name in _ALIASES.items()}
BY_LETTER: Mapping[str, Flag] = {flag.short: flag for flag in FLAGS if flag.short}

_OF_THE_CLIENT = gettext_noop("%(flag)s speaks to the docker client only; here it has no meaning.")
_A_FILE = gettext_noop("%(flag)s names a file beside the shell: paste what is in it instead.")
_WINDOWS = gettext_noop("%(flag)s is for Windows containers; this engine has none.")
_SOCKET = gettext_noop(
    "%(flag)s gives the container the engine's socket and your logins: not here."
)
_GONE = gettext_noop("%(flag)s is no longer in the engine; leave it out.")

# Flags that no spec holds: why, and whether they take a value.
UNCARRIED: Mapping[str, tuple[str, bool]] = {
    "attach": (_OF_THE_CLIENT, True),
    "cidfile": (_OF_THE_CLIENT, True),
    "detach-keys": (_OF_THE_CLIENT, True),
    "disable-content-trust": (_OF_THE_CLIENT, False),
    "help": (_OF_THE_CLIENT, False),
    "quiet": (_OF_THE_CLIENT, False),
    "sig-proxy": (_OF_THE_CLIENT, False),
    "env-file": (_A_FILE, True),
    "label-file": (_A_FILE, True),
    "use-api-socket": (_SOCKET, False),
    "kernel-memory": (_GONE, True),
    "cpu-count": (_WINDOWS, True),
    "cpu-percent": (_WINDOWS, True),
    "io-maxbandwidth": (_WINDOWS, True),
    "io-maxiops": (_WINDOWS, True),
    "isolation": (_WINDOWS, True),
}
UNCARRIED_LETTERS: Mapping[str, str] = {"a": "attach", "q": "quiet"}
