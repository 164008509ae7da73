"""Mounts as the engine's create body has them: Binds, Mounts, Tmpfs and Volumes. Pure."""

from collections.abc import Iterable
from typing import Any

from engine.spec_values import MountFlag, MountKind, MountSpec, Pairs, sub_pairs
from engine.units import parse_size

Body = dict[str, Any]


def binds(mounts: Iterable[MountSpec]) -> list[str]:
    """``-v`` with a source: ``source:target[:options]``."""
    return [_bind(m) for m in mounts if m.flag is MountFlag.VOLUME and m.source]


def anonymous_volumes(mounts: Iterable[MountSpec]) -> Body:
    return {m.target: {} for m in mounts if m.flag is MountFlag.VOLUME and not m.source}


def long_mounts(mounts: Iterable[MountSpec]) -> list[Body]:
    return [_mount(m) for m in mounts if m.flag is MountFlag.MOUNT]


def tmpfs(mounts: Iterable[MountSpec]) -> dict[str, str]:
    chosen = (m for m in mounts if m.flag is MountFlag.TMPFS)
    return {m.target: ",".join(word for word, _ in m.options) for m in chosen}


def filled(values: Body) -> Body:
    return {key: value for key, value in values.items() if value}


def _bind(mount: MountSpec) -> str:
    words = (["ro"] if mount.read_only else []) + [key for key, _ in mount.options]
    return ":".join([mount.source, mount.target, *([",".join(words)] if words else [])])


def _mount(mount: MountSpec) -> Body:
    body = {
        "Type": mount.kind.value,
        "Source": mount.source,
        "Target": mount.target,
        "ReadOnly": mount.read_only,
        "Consistency": dict(mount.options).get("consistency", ""),
    }
    name, options = {
        MountKind.BIND: ("BindOptions", _bind_options),
        MountKind.VOLUME: ("VolumeOptions", _volume_options),
        MountKind.TMPFS: ("TmpfsOptions", _tmpfs_options),
    }[mount.kind]
    return filled(body | {name: options(mount.options)})


def _bind_options(options: Pairs) -> Body:
    given = dict(options)
    return filled(
        {
            "Propagation": given.get("bind-propagation", ""),
            "NonRecursive": given.get("bind-nonrecursive") == "true",
        }
    )


def _volume_options(options: Pairs) -> Body:
    given = dict(options)
    driver = {
        "Name": given.get("volume-driver", ""),
        "Options": sub_pairs(options, "volume-opt"),
    }
    return filled(
        {
            "NoCopy": given.get("volume-nocopy") == "true",
            "Labels": sub_pairs(options, "volume-label"),
            "DriverConfig": filled(driver),
            "Subpath": given.get("volume-subpath", ""),
        }
    )


def _tmpfs_options(options: Pairs) -> Body:
    given = dict(options)
    size, mode = given.get("tmpfs-size", ""), given.get("tmpfs-mode", "")
    return filled(
        {"SizeBytes": parse_size(size) if size else 0, "Mode": int(mode, 8) if mode else 0}
    )
