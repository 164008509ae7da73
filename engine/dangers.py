"""What makes a container dangerous to its host, read from its inspect. Pure.

Mounts are not told here: which paths of the host are harmless is for the site to say.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Json = Mapping[str, Any]
MODES = ("NetworkMode", "PidMode", "IpcMode", "UTSMode", "UsernsMode")
LISTS = ("CapAdd", "Devices", "DeviceRequests", "DeviceCgroupRules", "VolumesFrom")
LOOSE = ("unconfined", "disable", "new-privileges=false", "new-privileges:false")


def dangers_of(item: Json) -> tuple[str, ...]:
    """Words for a badge: ``privileged``, ``CapAdd SYS_ADMIN``, ``PidMode host``, …"""
    return tuple(_found(item.get("HostConfig") or {}))


def _found(host: Json) -> Iterator[str]:
    if host.get("Privileged"):
        yield "privileged"
    for key in LISTS:
        for value in host.get(key) or ():
            yield f"{key} {_shown(value)}"
    for key in MODES:
        mode = str(host.get(key) or "")
        if mode == "host" or mode.startswith("container:"):
            yield f"{key} {mode[:22]}"
    for option in host.get("SecurityOpt") or ():
        if any(word in option for word in LOOSE):
            yield f"SecurityOpt {option}"
    if host.get("MaskedPaths") == [] and not host.get("Privileged"):
        yield "no masked paths"


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return str(value.get("PathOnHost") or value.get("Driver") or "gpu")
    return str(value)
