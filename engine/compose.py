"""A ``ContainerSpec`` as a Compose file. Pure.

What Compose has no word for stands in comments at the top, as flags of ``docker run``. A container
that names no network is in one that Compose makes for the file, not on the engine's own bridge.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from engine import compose_mounts
from engine.command_line import to_flags
from engine.flag_values import format_device, format_exposed, format_port, format_restart
from engine.spec_values import NO_RESTART, DeviceLimit, DeviceRequest, NetworkSpec
from engine.specs import ContainerSpec
from engine.units import format_duration, format_swap
from engine.yaml_text import Inline, yaml_text

Tree = dict[str, Any]

NOTHING = ContainerSpec("")
_MODES = ("bridge", "host", "none", "default")
_OUT_OF_KEYS = re.compile(r"[^a-zA-Z0-9._-]+")


def to_compose(spec: ContainerSpec, unknown: Sequence[str] = ()) -> str:
    """The file; ``unknown`` flags of a line are named in its comments too."""
    tree = {
        "services": {service_name(spec): _service(spec)},
        "networks": {key: _outside(net) for key, net in _keys(_joined(spec)).items()},
        "volumes": compose_mounts.named(spec),
    }
    flags = [*to_flags(_unsaid(spec)), *unknown]
    comments = [f"# Not in Compose: {' '.join(flag.split())}\n" for flag in flags]
    return "".join(comments) + yaml_text(_undollared(_filled(tree)))


def service_name(spec: ContainerSpec) -> str:
    """The container's name, or the last word of its image's."""
    image = spec.image.partition("@")[0].rpartition("/")[2].partition(":")[0]
    return _OUT_OF_KEYS.sub("-", spec.name or image).strip("-") or "app"


def _filled(tree: Tree) -> Tree:
    """Without what is empty: it says nothing."""
    return {key: value for key, value in tree.items() if value}


def _chosen(**values: Any) -> Tree:
    """Values of which False and 0 mean something; only None says nothing."""
    return {key: value for key, value in values.items() if value is not None}


def _undollared(value: Any) -> Any:
    """Compose puts variables in place of ``$NAME`` in values; ``$$`` is a dollar to it."""
    if isinstance(value, str):
        return value.replace("$", "$$")
    if isinstance(value, dict):
        return {key: _undollared(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_undollared(each) for each in value)
    return value


def _unsaid(spec: ContainerSpec) -> ContainerSpec:
    """What of it Compose has no word for."""
    return replace(
        NOTHING,
        auto_remove=spec.auto_remove,
        publish_all=spec.publish_all,
        cpuset_mems=spec.cpuset_mems,
        stop_timeout=-1 if spec.stop_timeout == -1 else None,
        volume_driver="" if compose_mounts.named(spec) else spec.volume_driver,
        mounts=tuple(m for m in spec.mounts if compose_mounts.loses(m)),
        networks=tuple(net for net in spec.networks[:1] if _mode(spec) and _more(net)),
    )


def _service(spec: ContainerSpec) -> Tree:
    parts = (_identity, _process, _network, _host, _limits, _disk_limits, _health)
    return {key: value for part in parts for key, value in part(spec).items()}


def _identity(spec: ContainerSpec) -> Tree:
    return _filled(
        {
            "image": spec.image,
            "container_name": spec.name,
            "platform": spec.platform,
            "pull_policy": "" if spec.pull == NOTHING.pull else spec.pull,
            "restart": "" if spec.restart == NO_RESTART else format_restart(spec.restart),
        }
    )


def _process(spec: ContainerSpec) -> Tree:
    words = {"entrypoint": Inline(spec.entrypoint or ()), "command": Inline(spec.command)}
    timeout = spec.stop_timeout
    values = {
        "stdin_open": spec.stdin,
        "tty": spec.tty,
        "user": spec.user,
        "working_dir": spec.workdir,
        "environment": dict(spec.env),
        "volumes": compose_mounts.volumes(spec.mounts),
        "tmpfs": compose_mounts.tmpfs(spec.mounts),
        "volumes_from": [_volumes_of(each) for each in _each_once(spec.volumes_from)],
        "read_only": spec.read_only,
        "stop_signal": spec.stop_signal,
        "stop_grace_period": f"{timeout}s" if timeout is not None and timeout >= 0 else "",
        "labels": dict(spec.labels),
        "annotations": dict(spec.annotations),
    }
    return _filled(words) | _chosen(init=spec.init) | _filled(values)


def _volumes_of(text: str) -> str:
    """Of a container, not of a service of the file."""
    return f"container:{text}"


def _each_once(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _mode(spec: ContainerSpec) -> str:
    """What is no network of its own but a way to have none, or another container's."""
    name = spec.network
    alone = len(spec.networks) == 1
    return name if alone and (name in _MODES or name.startswith("container:")) else ""


def _joined(spec: ContainerSpec) -> Sequence[NetworkSpec]:
    return () if _mode(spec) else spec.networks


def _more(network: NetworkSpec) -> bool:
    return network != NetworkSpec(network.name)


def _keys(networks: Iterable[NetworkSpec]) -> dict[str, NetworkSpec]:
    """Each by a word that may be a key of the file."""
    return {_OUT_OF_KEYS.sub("-", net.name) or "network": net for net in networks}


def _outside(network: NetworkSpec) -> Tree:
    return {"name": network.name, "external": True}


def _network(spec: ContainerSpec) -> Tree:
    joined = {key: _endpoint(net) for key, net in _keys(_joined(spec)).items()}
    plain = list(joined) if not any(joined.values()) else joined
    return _filled(
        {
            "ports": _each_once(format_port(port) for port in spec.ports),
            "expose": _each_once(format_exposed(key) for key in spec.expose),
            "network_mode": _mode(spec),
            "networks": plain,
            "mac_address": spec.mac_address,
            "external_links": _each_once(spec.links),
            "hostname": spec.hostname,
            "domainname": spec.domainname,
            "extra_hosts": _each_once(spec.extra_hosts),
            "dns": _each_once(spec.dns),
            "dns_search": _each_once(spec.dns_search),
            "dns_opt": _each_once(spec.dns_options),
        }
    )


def _endpoint(network: NetworkSpec) -> Tree:
    return _filled(
        {
            "aliases": _each_once(network.aliases),
            "ipv4_address": network.ip,
            "ipv6_address": network.ip6,
            "link_local_ips": _each_once(network.link_local_ips),
            "driver_opts": dict(network.driver_options),
        }
    )


def _host(spec: ContainerSpec) -> Tree:
    logging = {"driver": spec.log_driver, "options": dict(spec.log_options)}
    requests = [_request(request) for request in spec.device_requests]
    reserved = {"resources": {"reservations": {"devices": requests}}}
    return _filled(
        {
            "privileged": spec.privileged,
            "cap_add": _each_once(spec.cap_add),
            "cap_drop": _each_once(spec.cap_drop),
            "security_opt": _each_once(spec.security_options),
            "group_add": _each_once(spec.group_add),
            "sysctls": dict(spec.sysctls),
            "devices": _each_once(format_device(device) for device in spec.devices),
            "deploy": reserved if requests else {},
            "device_cgroup_rules": _each_once(spec.device_cgroup_rules),
            "pid": spec.pid_mode,
            "ipc": spec.ipc_mode,
            "uts": spec.uts_mode,
            "userns_mode": spec.userns_mode,
            "cgroup": spec.cgroupns_mode,
            "cgroup_parent": spec.cgroup_parent,
            "runtime": spec.runtime,
            "logging": _filled(logging),
            "storage_opt": dict(spec.storage_options),
        }
    )


def _request(request: DeviceRequest) -> Tree:
    count = "all" if request.count == -1 else request.count
    return _filled(
        {
            "driver": request.driver,
            "count": count,
            "device_ids": list(request.device_ids),
            "capabilities": _each_once(request.capabilities),
            "options": dict(request.options),
        }
    )


def _limits(spec: ContainerSpec) -> Tree:
    values = {
        "mem_limit": _size(spec.memory),
        "memswap_limit": _size(spec.memory_swap),
        "mem_reservation": _size(spec.memory_reservation),
        "cpus": Decimal(spec.nano_cpus) / 10**9,
        "cpu_shares": spec.cpu_shares,
        "cpu_period": spec.cpu_period,
        "cpu_quota": spec.cpu_quota,
        "cpu_rt_period": spec.cpu_rt_period,
        "cpu_rt_runtime": spec.cpu_rt_runtime,
        "cpuset": spec.cpuset_cpus,
        "shm_size": _size(spec.shm_size),
        "oom_kill_disable": spec.oom_kill_disable,
        "oom_score_adj": spec.oom_score_adj,
        "ulimits": {each.name: {"soft": each.soft, "hard": each.hard} for each in spec.ulimits},
    }
    chosen = _chosen(mem_swappiness=spec.memory_swappiness, pids_limit=spec.pids_limit)
    return _filled(values) | chosen


def _size(size: int) -> str:
    return "" if not size else format_swap(size)


def _disk_limits(spec: ContainerSpec) -> Tree:
    limits = {
        "weight": spec.blkio_weight,
        "weight_device": _rates(spec.blkio_weight_devices, "weight"),
        "device_read_bps": _rates(spec.device_read_bps),
        "device_write_bps": _rates(spec.device_write_bps),
        "device_read_iops": _rates(spec.device_read_iops),
        "device_write_iops": _rates(spec.device_write_iops),
    }
    return _filled({"blkio_config": _filled(limits)})


def _rates(limits: Iterable[DeviceLimit], word: str = "rate") -> list[Tree]:
    return [{"path": limit.path, word: limit.amount} for limit in limits]


def _health(spec: ContainerSpec) -> Tree:
    if spec.health_test == ("NONE",):
        return {"healthcheck": {"disable": True}}
    spans = {
        "interval": spec.health_interval,
        "timeout": spec.health_timeout,
        "start_period": spec.health_start_period,
        "start_interval": spec.health_start_interval,
    }
    check = {
        "test": Inline(spec.health_test),
        **{key: format_duration(span) for key, span in spans.items() if span},
        "retries": spec.health_retries,
    }
    return _filled({"healthcheck": _filled(check)})
