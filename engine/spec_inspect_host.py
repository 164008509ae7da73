"""The ``HostConfig`` half of an inspect answer: mounts, limits and what loosens the walls. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.spec_body import SYSTEM_PATHS_UNCONFINED
from engine.spec_values import (
    Device,
    DeviceLimit,
    DeviceRequest,
    MountFlag,
    MountKind,
    MountSpec,
    Pairs,
    Ulimit,
)

Answer = Mapping[str, Any]
Values = dict[str, Any]

_UNLABELLED = "label=disable"
_NUMBERS: Mapping[str, str] = {
    "memory": "Memory",
    "memory_swap": "MemorySwap",
    "memory_reservation": "MemoryReservation",
    "nano_cpus": "NanoCpus",
    "cpu_shares": "CpuShares",
    "cpu_period": "CpuPeriod",
    "cpu_quota": "CpuQuota",
    "cpu_rt_period": "CpuRealtimePeriod",
    "cpu_rt_runtime": "CpuRealtimeRuntime",
    "blkio_weight": "BlkioWeight",
}
_DEVICE_LIMITS: Mapping[str, tuple[str, str]] = {
    "blkio_weight_devices": ("BlkioWeightDevice", "Weight"),
    "device_read_bps": ("BlkioDeviceReadBps", "Rate"),
    "device_write_bps": ("BlkioDeviceWriteBps", "Rate"),
    "device_read_iops": ("BlkioDeviceReadIOps", "Rate"),
    "device_write_iops": ("BlkioDeviceWriteIOps", "Rate"),
}
_TEXTS: Mapping[str, str] = {
    "pid_mode": "PidMode",
    "ipc_mode": "IpcMode",
    "uts_mode": "UTSMode",
    "userns_mode": "UsernsMode",
    "cgroupns_mode": "CgroupnsMode",
    "cgroup_parent": "CgroupParent",
    "runtime": "Runtime",
}
_LISTS: Mapping[str, str] = {
    "cap_add": "CapAdd",
    "cap_drop": "CapDrop",
    "group_add": "GroupAdd",
    "device_cgroup_rules": "DeviceCgroupRules",
}


def limits_from_inspect(host: Answer) -> Values:
    numbers = {field: host.get(key) or 0 for field, key in _NUMBERS.items()}
    swappiness, pids = host.get("MemorySwappiness"), host.get("PidsLimit")
    return {
        **numbers,
        **{
            field: tuple(DeviceLimit(one["Path"], one[amount]) for one in host.get(key) or ())
            for field, (key, amount) in _DEVICE_LIMITS.items()
        },
        "cpuset_cpus": host.get("CpusetCpus") or "",
        "cpuset_mems": host.get("CpusetMems") or "",
        "memory_swappiness": None if swappiness == -1 else swappiness,
        "pids_limit": pids or None,
        "ulimits": tuple(_ulimits(host)),
        "oom_kill_disable": bool(host.get("OomKillDisable")),
        "oom_score_adj": host.get("OomScoreAdj") or 0,
    }


def _ulimits(host: Answer) -> Iterable[Ulimit]:
    for one in host.get("Ulimits") or ():
        yield Ulimit(one["Name"], one["Soft"], one["Hard"])


def security_from_inspect(host: Answer) -> Values:
    options = list(host.get("SecurityOpt") or ())
    shared = "host" in (host.get("IpcMode"), host.get("PidMode"))
    if (host.get("Privileged") or shared) and options[-1:] == [_UNLABELLED]:
        options.pop()  # the engine adds it to these by itself, where nobody says more
    if host.get("MaskedPaths") == [] and host.get("ReadonlyPaths") == []:
        options.append(SYSTEM_PATHS_UNCONFINED)
    requests = host.get("DeviceRequests") or ()
    return {
        **{field: host.get(key) or "" for field, key in _TEXTS.items()},
        **{field: tuple(host.get(key) or ()) for field, key in _LISTS.items()},
        "privileged": bool(host.get("Privileged")),
        "security_options": tuple(options),
        "sysctls": _pairs(host.get("Sysctls")),
        "devices": (*_devices(host), *_cdi_devices(requests)),
        "device_requests": tuple(_requests(requests)),
    }


def _pairs(values: Answer | None) -> Pairs:
    return tuple((str(name), str(value)) for name, value in (values or {}).items())


def _devices(host: Answer) -> Iterable[Device]:
    for one in host.get("Devices") or ():
        yield Device(one["PathOnHost"], one["PathInContainer"], one["CgroupPermissions"])


def _cdi_devices(requests: Iterable[Answer]) -> Iterable[Device]:
    for request in requests:
        if request.get("Driver") == "cdi":
            yield from (Device(name) for name in request.get("DeviceIDs") or ())


def _requests(requests: Iterable[Answer]) -> Iterable[DeviceRequest]:
    for request in requests:
        if request.get("Driver") != "cdi":
            capabilities = next(iter(request.get("Capabilities") or ()), ())
            yield DeviceRequest(
                request.get("Driver") or "",
                request.get("Count") or 0,
                tuple(request.get("DeviceIDs") or ()),
                tuple(capabilities),
                _pairs(request.get("Options")),
            )


def mounts_from_inspect(config: Answer, host: Answer, image: Answer) -> tuple[MountSpec, ...]:
    """Mounts in the order -v, anonymous -v, --mount, --tmpfs; not the image's own volumes."""
    anonymous = (t for t in config.get("Volumes") or {} if t not in (image.get("Volumes") or {}))
    return (
        *(_bind(bind) for bind in host.get("Binds") or ()),
        *(MountSpec(MountKind.VOLUME, target) for target in anonymous),
        *(_mount(mount) for mount in host.get("Mounts") or ()),
        *(_tmpfs(path, words) for path, words in (host.get("Tmpfs") or {}).items()),
    )


def _bind(bind: str) -> MountSpec:
    source, target, *modes = bind.split(":")
    words = [word for mode in modes for word in mode.split(",") if word and word != "rw"]
    return MountSpec(
        MountKind.BIND if source.startswith("/") else MountKind.VOLUME,
        target,
        source,
        "ro" in words,
        tuple((word, "") for word in words if word != "ro"),
    )


def _tmpfs(path: str, words: str) -> MountSpec:
    options = tuple((word, "") for word in words.split(",") if word)
    return MountSpec(MountKind.TMPFS, path, options=options, flag=MountFlag.TMPFS)


def _mount(mount: Answer) -> MountSpec:
    return MountSpec(
        MountKind(mount["Type"]),
        mount["Target"],
        mount.get("Source") or "",
        bool(mount.get("ReadOnly")),
        tuple(_mount_options(mount)),
        MountFlag.MOUNT,
    )


def _mount_options(mount: Answer) -> Iterable[tuple[str, str]]:
    bind, volume = mount.get("BindOptions") or {}, mount.get("VolumeOptions") or {}
    tmpfs, driver = mount.get("TmpfsOptions") or {}, volume.get("DriverConfig") or {}
    texts = {
        "consistency": mount.get("Consistency"),
        "bind-propagation": bind.get("Propagation"),
        "bind-nonrecursive": "true" if bind.get("NonRecursive") else "",
        "volume-driver": driver.get("Name"),
        "volume-nocopy": "true" if volume.get("NoCopy") else "",
        "volume-subpath": volume.get("Subpath"),
        "tmpfs-size": str(tmpfs.get("SizeBytes") or ""),
        "tmpfs-mode": f"{tmpfs['Mode']:o}" if tmpfs.get("Mode") else "",
    }
    yield from ((key, value) for key, value in texts.items() if value)
    for key, pairs in (
        ("volume-label", volume.get("Labels")),
        ("volume-opt", driver.get("Options")),
    ):
        yield from ((key, f"{name}={value}") for name, value in _pairs(pairs))
