"""A ``ContainerSpec`` as the engine's create body. Pure; the only builder of such a body."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from engine.spec_body_mounts import anonymous_volumes, binds, filled, long_mounts, tmpfs
from engine.spec_values import Device, DeviceLimit, DeviceRequest, NetworkSpec

if TYPE_CHECKING:
    from engine.specs import ContainerSpec

Body = dict[str, Any]

SYSTEM_PATHS_UNCONFINED = "systempaths=unconfined"


def create_body(spec: ContainerSpec) -> Body:
    """Empty values are left out, so that the image's or the engine's own stand."""
    body = filled(_config(spec)) | _chosen(
        Entrypoint=None if spec.entrypoint is None else list(spec.entrypoint),
        StopTimeout=spec.stop_timeout,
    )
    body["HostConfig"] = _host_config(spec)
    if spec.network and (endpoint := _first_endpoint(spec)):
        body["NetworkingConfig"] = {"EndpointsConfig": {spec.network: endpoint}}
    return body


def network_endpoint(network: NetworkSpec) -> Body:
    """``EndpointConfig`` for connecting a container to a further network."""
    addresses = {
        "IPv4Address": network.ip,
        "IPv6Address": network.ip6,
        "LinkLocalIPs": list(network.link_local_ips),
    }
    return filled(
        {
            "IPAMConfig": filled(addresses),
            "Aliases": list(network.aliases),
            "DriverOpts": dict(network.driver_options),
        }
    )


def _first_endpoint(spec: ContainerSpec) -> Body:
    endpoint = network_endpoint(spec.networks[0])
    return endpoint | filled({"MacAddress": spec.mac_address, "Links": list(spec.links)})


def _chosen(**values: Any) -> Body:
    """Values of which False, 0 and [] mean something; only None is left out."""
    return {key: value for key, value in values.items() if value is not None}


def _config(spec: ContainerSpec) -> Body:
    return {
        "Image": spec.image,
        "Cmd": list(spec.command),
        # Of two of one name the later counts, and the command line sends it alone.
        "Env": [f"{name}={value}" for name, value in dict(spec.env).items()],
        "User": spec.user,
        "WorkingDir": spec.workdir,
        "Hostname": spec.hostname,
        "Domainname": spec.domainname,
        "Labels": dict(spec.labels),
        "StopSignal": spec.stop_signal,
        "MacAddress": spec.mac_address,
        "Tty": spec.tty,
        "OpenStdin": spec.stdin,
        "ExposedPorts": {key: {} for key in (*(p.key for p in spec.ports), *spec.expose)},
        "Volumes": anonymous_volumes(spec.mounts),
        "Healthcheck": _health(spec),
    }


def _health(spec: ContainerSpec) -> Body:
    return filled(
        {
            "Test": list(spec.health_test),
            "Interval": spec.health_interval,
            "Timeout": spec.health_timeout,
            "StartPeriod": spec.health_start_period,
            "StartInterval": spec.health_start_interval,
            "Retries": spec.health_retries,
        }
    )


def _host_config(spec: ContainerSpec) -> Body:
    values = _host_basics(spec) | _namespaces(spec) | _storage(spec) | _resources(spec)
    body = filled(values) | _chosen(
        Init=spec.init,
        PidsLimit=spec.pids_limit,
        MemorySwappiness=spec.memory_swappiness,
    )
    if SYSTEM_PATHS_UNCONFINED in spec.security_options:
        body |= {"MaskedPaths": [], "ReadonlyPaths": []}
    return body


def _host_basics(spec: ContainerSpec) -> Body:
    restart = {"Name": spec.restart.name, "MaximumRetryCount": spec.restart.max_retries}
    return {
        "AutoRemove": spec.auto_remove,
        "RestartPolicy": restart,
        "PortBindings": _port_bindings(spec),
        "PublishAllPorts": spec.publish_all,
        "NetworkMode": spec.network or "default",
        "Links": list(spec.links),
        "ExtraHosts": list(spec.extra_hosts),
        "Dns": list(spec.dns),
        "DnsSearch": list(spec.dns_search),
        "DnsOptions": list(spec.dns_options),
        "LogConfig": filled({"Type": spec.log_driver, "Config": dict(spec.log_options)}),
        "Annotations": dict(spec.annotations),
        "Runtime": spec.runtime,
        "ShmSize": spec.shm_size,
    }


def _port_bindings(spec: ContainerSpec) -> dict[str, list[Body]]:
    bindings: dict[str, list[Body]] = {}
    for port in spec.ports:
        binding = {"HostIp": port.host_ip, "HostPort": port.host_port}
        bindings.setdefault(port.key, []).append(binding)
    return bindings


def _namespaces(spec: ContainerSpec) -> Body:
    return {
        "Privileged": spec.privileged,
        "CapAdd": [_capability(name) for name in spec.cap_add],
        "CapDrop": [_capability(name) for name in spec.cap_drop],
        "SecurityOpt": [o for o in spec.security_options if o != SYSTEM_PATHS_UNCONFINED],
        "GroupAdd": list(spec.group_add),
        "Sysctls": dict(spec.sysctls),
        "Devices": [_device(device) for device in spec.devices if not device.is_cdi],
        "DeviceRequests": _device_requests(spec.device_requests, spec.devices),
        "DeviceCgroupRules": list(spec.device_cgroup_rules),
        "PidMode": spec.pid_mode,
        "IpcMode": spec.ipc_mode,
        "UTSMode": spec.uts_mode,
        "UsernsMode": spec.userns_mode,
        "CgroupnsMode": spec.cgroupns_mode,
        "CgroupParent": spec.cgroup_parent,
        "OomScoreAdj": spec.oom_score_adj,
    }


def _capability(name: str) -> str:
    """As the engine keeps it: ``net_admin`` is CAP_NET_ADMIN; ALL has no prefix."""
    upper = name.upper()
    return upper if upper == "ALL" or upper.startswith("CAP_") else f"CAP_{upper}"


def _storage(spec: ContainerSpec) -> Body:
    return {
        "Binds": binds(spec.mounts),
        "Mounts": long_mounts(spec.mounts),
        "Tmpfs": tmpfs(spec.mounts),
        "VolumesFrom": list(spec.volumes_from),
        "VolumeDriver": spec.volume_driver,
        "ReadonlyRootfs": spec.read_only,
        "StorageOpt": dict(spec.storage_options),
    }


def _resources(spec: ContainerSpec) -> Body:
    return {
        "Memory": spec.memory,
        "MemorySwap": spec.memory_swap,
        "MemoryReservation": spec.memory_reservation,
        "NanoCpus": spec.nano_cpus,
        "CpuShares": spec.cpu_shares,
        "CpuPeriod": spec.cpu_period,
        "CpuQuota": spec.cpu_quota,
        "CpuRealtimePeriod": spec.cpu_rt_period,
        "CpuRealtimeRuntime": spec.cpu_rt_runtime,
        "CpusetCpus": spec.cpuset_cpus,
        "CpusetMems": spec.cpuset_mems,
        "BlkioWeight": spec.blkio_weight,
        "BlkioWeightDevice": _limits(spec.blkio_weight_devices, "Weight"),
        "BlkioDeviceReadBps": _limits(spec.device_read_bps, "Rate"),
        "BlkioDeviceWriteBps": _limits(spec.device_write_bps, "Rate"),
        "BlkioDeviceReadIOps": _limits(spec.device_read_iops, "Rate"),
        "BlkioDeviceWriteIOps": _limits(spec.device_write_iops, "Rate"),
        "Ulimits": [{"Name": u.name, "Soft": u.soft, "Hard": u.hard} for u in spec.ulimits],
        "OomKillDisable": spec.oom_kill_disable,
    }


def _limits(limits: Iterable[DeviceLimit], amount: str) -> list[Body]:
    return [{"Path": limit.path, amount: limit.amount} for limit in limits]


def _device(device: Device) -> Body:
    return {
        "PathOnHost": device.host_path,
        "PathInContainer": device.container_path or device.host_path,
        "CgroupPermissions": device.permissions,
    }


def _device_requests(requests: Iterable[DeviceRequest], devices: Iterable[Device]) -> list[Body]:
    bodies = [
        {
            "Driver": request.driver,
            "Count": request.count,
            "DeviceIDs": list(request.device_ids),
            "Capabilities": [list(request.capabilities)],
            "Options": dict(request.options),
        }
        for request in requests
    ]
    cdi = [device.host_path for device in devices if device.is_cdi]
    return bodies + ([{"Driver": "cdi", "DeviceIDs": cdi}] if cdi else [])
