"""A container's inspect answer read back into the fields of a ``ContainerSpec``. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from engine.spec_inspect_host import limits_from_inspect, mounts_from_inspect, security_from_inspect
from engine.spec_values import NetworkSpec, Pairs, PublishedPort, RestartPolicy

Answer = Mapping[str, Any]
Values = dict[str, Any]

_DEFAULT_SHM_SIZE = 64 << 20
_SHORT_ID = 12
_ID = re.compile(r"[0-9a-f]{12,64}")

# What an inspect answer holds beyond the fields: harmless there, or known to be the default.
_NOT_CARRIED: Mapping[str, Callable[[Any], bool]] = {
    "Config.NetworkDisabled": bool,
    "Config.ArgsEscaped": bool,
    "Config.OnBuild": bool,
    "Config.Shell": bool,
    "HostConfig.ContainerIDFile": bool,
    "HostConfig.Cgroup": bool,
    "HostConfig.CpuCount": bool,
    "HostConfig.CpuPercent": bool,
    "HostConfig.IOMaximumIOps": bool,
    "HostConfig.IOMaximumBandwidth": bool,
    "HostConfig.Isolation": lambda value: value not in (None, "", "default"),
    "HostConfig.KernelMemory": bool,
    "HostConfig.KernelMemoryTCP": bool,
}


def unread_fields(inspect: Answer) -> tuple[str, ...]:
    """Names of what this container has and a spec cannot say, as ``HostConfig.CpuCount``."""
    unread = []
    for path, is_set in _NOT_CARRIED.items():
        section, _, name = path.partition(".")
        if is_set((inspect.get(section) or {}).get(name)):
            unread.append(path)
    config = inspect.get("Config") or {}
    unread += [f"Config.Env {entry}" for entry in config.get("Env") or () if "=" not in entry]
    _first, *others = _joined(inspect)
    unread += [f"NetworkSettings.Networks.{name}.Links" for name, e in others if e.get("Links")]
    return tuple(unread)


def values_from_inspect(inspect: Answer, image: Answer | None, info: Answer) -> Values:
    """Keyword arguments of ``ContainerSpec``, without what image and engine say by themselves."""
    values = _all_values(inspect, image)
    for name, value in _engine_defaults(info).items():
        if values[name] == value and not (name == "log_driver" and values["log_options"]):
            values[name] = ""
    if values["hostname"] == info.get("Name") and _mode(inspect) == "host":
        values["hostname"] = ""
    return values


def _engine_defaults(info: Answer) -> Mapping[str, str]:
    """What an engine writes into a container that was made without; ``info`` is its /info."""
    cgroups = str(info.get("CgroupVersion") or "")
    return {
        "log_driver": str(info.get("LoggingDriver") or "json-file"),
        "runtime": str(info.get("DefaultRuntime") or "runc"),
        "ipc_mode": "private",
        "cgroupns_mode": {"1": "host", "2": "private"}.get(cgroups, ""),
    }


def _all_values(inspect: Answer, image: Answer | None) -> Values:
    config, host = inspect["Config"], inspect["HostConfig"]
    inherited = (image or {}).get("Config") or {}
    return {
        "name": str(inspect.get("Name", "")).removeprefix("/"),
        "detach": True,
        **_process(config, inherited),
        **_health(config, inherited),
        **_placement(config, host),
        **_networking(inspect, config, host, inherited),
        **_storage(config, host, inherited),
        **limits_from_inspect(host),
        **security_from_inspect(host),
    }


def _process(config: Answer, inherited: Answer) -> Values:
    entrypoint, command = _argv(config, inherited)
    return {
        "image": config["Image"],
        "entrypoint": entrypoint,
        "command": command,
        "stdin": bool(config.get("OpenStdin")),
        "tty": bool(config.get("Tty")),
        "env": _env(config, inherited),
        "labels": _own_pairs(config.get("Labels"), inherited.get("Labels")),
        "user": _own(config, inherited, "User"),
        "workdir": _own(config, inherited, "WorkingDir"),
        "stop_signal": _own(config, inherited, "StopSignal"),
        "stop_timeout": config.get("StopTimeout"),
    }


def _argv(config: Answer, inherited: Answer) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    """An entrypoint of one's own switches the image's command off: then ours is all there is."""
    entrypoint = tuple(config.get("Entrypoint") or ())
    command = tuple(config.get("Cmd") or ())
    given = tuple(inherited.get("Cmd") or ())
    if entrypoint == tuple(inherited.get("Entrypoint") or ()) and (command or not given):
        return None, () if command == given else command
    return entrypoint or ("",), command


def _env(config: Answer, inherited: Answer) -> Pairs:
    given = set(inherited.get("Env") or ())
    own = (e for e in config.get("Env") or () if e not in given and "=" in e)
    return tuple((name, value) for name, _, value in (entry.partition("=") for entry in own))


def _own(config: Answer, inherited: Answer, name: str) -> str:
    value = config.get(name) or ""
    return "" if value == (inherited.get(name) or "") else str(value)


def _pairs(values: Answer | None) -> Pairs:
    return tuple((str(name), str(value)) for name, value in (values or {}).items())


def _own_pairs(values: Answer | None, inherited: Answer | None) -> Pairs:
    given = inherited or {}
    return tuple((k, v) for k, v in _pairs(values) if given.get(k) != v)


def _health(config: Answer, inherited: Answer) -> Values:
    health = config.get("Healthcheck") or {}
    if health == (inherited.get("Healthcheck") or {}):
        return {}
    names = ("Interval", "Timeout", "StartPeriod", "StartInterval", "Retries")
    fields = ("interval", "timeout", "start_period", "start_interval", "retries")
    test = tuple(health.get("Test") or ())
    given = inherited.get("Healthcheck") or {} if test == ("NONE",) else {}  # of one switched off
    numbers = {n: health.get(n) or 0 for n in names if health.get(n) != given.get(n)}
    return {"health_test": test} | {
        f"health_{field}": numbers.get(name, 0) for name, field in zip(names, fields, strict=True)
    }


def _placement(config: Answer, host: Answer) -> Values:
    restart = host.get("RestartPolicy") or {}
    log = host.get("LogConfig") or {}
    return {
        "auto_remove": bool(host.get("AutoRemove")),
        "restart": RestartPolicy(restart.get("Name") or "no", restart.get("MaximumRetryCount", 0)),
        "domainname": config.get("Domainname") or "",
        "init": host.get("Init"),
        "annotations": _pairs(host.get("Annotations")),
        "log_driver": log.get("Type") or "",
        "log_options": _pairs(log.get("Config")),
    }


def _networking(inspect: Answer, config: Answer, host: Answer, inherited: Answer) -> Values:
    container_id = str(inspect.get("Id", ""))[:_SHORT_ID]
    # In another's network it has had that one's name since it ran, and may not ask for it.
    hostname = "" if _mode(inspect).startswith("container:") else config.get("Hostname") or ""
    joined = _joined(inspect)
    published = tuple(_ports(host.get("PortBindings") or {}))
    taken = {port.key for port in published} | set(inherited.get("ExposedPorts") or {})
    return {
        "hostname": "" if hostname == container_id else hostname,
        "ports": published,
        "publish_all": bool(host.get("PublishAllPorts")),
        "expose": tuple(p for p in config.get("ExposedPorts") or {} if p not in taken),
        "networks": _networks(joined, container_id),
        "mac_address": config.get("MacAddress") or "",
        "links": tuple(map(_link, host.get("Links") or joined[0][1].get("Links") or ())),
        "extra_hosts": tuple(host.get("ExtraHosts") or ()),
        "dns": tuple(host.get("Dns") or ()),
        "dns_search": tuple(host.get("DnsSearch") or ()),
        "dns_options": tuple(host.get("DnsOptions") or ()),
    }


def _link(link: str) -> str:
    """``/other:/this/alias``, as an engine stores it, is ``other:alias``."""
    target, _, alias = link.partition(":")
    return f"{target.removeprefix('/')}:{alias.rpartition('/')[2]}"


def _ports(bindings: Mapping[str, Iterable[Answer] | None]) -> Iterable[PublishedPort]:
    for key, hosts in bindings.items():
        port, _, protocol = key.partition("/")
        for binding in hosts or ({},):
            ip, host_port = binding.get("HostIp") or "", binding.get("HostPort") or ""
            yield PublishedPort(int(port), protocol or "tcp", ip, host_port)


def _mode(inspect: Answer) -> str:
    return str(inspect["HostConfig"].get("NetworkMode") or "default")


def _joined(inspect: Answer) -> list[tuple[str, Answer]]:
    """Networks with their endpoints: the first is the one that it was created in, as it was named
    then, also by its id. Which one an id means an engine tells once the container has run."""
    mode = _mode(inspect)
    joined = (inspect.get("NetworkSettings") or {}).get("Networks") or {}
    first = mode
    if mode == "default" and mode not in joined:
        first = "bridge"
    elif mode not in joined and _ID.fullmatch(mode):
        ids = {name: str((one or {}).get("NetworkID") or "") for name, one in joined.items()}
        meant = [name for name, id in ids.items() if id.startswith(mode)]
        first = next((name for name in (*meant, *ids) if name in meant or not ids[name]), mode)
    others = [(name, one or {}) for name, one in joined.items() if name != first]
    return [(mode, joined.get(first) or {}), *others]


def _networks(joined: list[tuple[str, Answer]], container_id: str) -> tuple[NetworkSpec, ...]:
    if [name for name, _endpoint in joined] == ["default"]:
        return ()
    return tuple(_network(name, endpoint, container_id) for name, endpoint in joined)


def _network(name: str, endpoint: Answer, container_id: str) -> NetworkSpec:
    ipam = endpoint.get("IPAMConfig") or {}
    return NetworkSpec(
        name,
        aliases=tuple(a for a in endpoint.get("Aliases") or () if a != container_id),
        ip=ipam.get("IPv4Address") or "",
        ip6=ipam.get("IPv6Address") or "",
        link_local_ips=tuple(ipam.get("LinkLocalIPs") or ()),
        driver_options=_pairs(endpoint.get("DriverOpts")),
    )


def _storage(config: Answer, host: Answer, inherited: Answer) -> Values:
    shm_size = host.get("ShmSize") or 0
    return {
        "mounts": mounts_from_inspect(config, host, inherited),
        "volumes_from": tuple(host.get("VolumesFrom") or ()),
        "volume_driver": host.get("VolumeDriver") or "",
        "read_only": bool(host.get("ReadonlyRootfs")),
        "shm_size": 0 if shm_size == _DEFAULT_SHM_SIZE else shm_size,
        "storage_options": _pairs(host.get("StorageOpt")),
    }
