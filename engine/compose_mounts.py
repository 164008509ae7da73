"""The mounts of a ``ContainerSpec`` as a Compose file has them. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from engine.mount_flags import format_tmpfs, format_volume
from engine.spec_values import MountFlag, MountKind, MountSpec

if TYPE_CHECKING:
    from engine.specs import ContainerSpec

Tree = dict[str, Any]

_OF_THE_VOLUME = ("volume-driver", "volume-opt", "volume-label")


def volumes(mounts: Iterable[MountSpec]) -> list[str | Tree]:
    """``-v`` as it is written there, ``--mount`` in the long form."""
    found: list[str | Tree] = []
    for mount in dict.fromkeys(mounts):
        if mount.flag is MountFlag.VOLUME:
            found.append(format_volume(mount))
        elif mount.flag is MountFlag.MOUNT:
            found.append(_long(mount))
    return found


def tmpfs(mounts: Iterable[MountSpec]) -> list[str]:
    return [format_tmpfs(m) for m in dict.fromkeys(mounts) if m.flag is MountFlag.TMPFS]


def loses(mount: MountSpec) -> bool:
    """A volume without a name has no place in the file for its driver."""
    of_volume = any(key in _OF_THE_VOLUME for key, _ in mount.options)
    return of_volume and not mount.source


def named(spec: ContainerSpec) -> Tree:
    """The volumes that it names, under just these names: without, Compose puts its own before."""
    found: Tree = {}
    for mount in spec.mounts:
        if mount.kind is MountKind.VOLUME and mount.source:
            found.setdefault(mount.source, {"name": mount.source})
            found[mount.source] |= _volume(mount, spec.volume_driver)
    return found


def _volume(mount: MountSpec, driver: str) -> Tree:
    own = dict(mount.options).get("volume-driver", "" if mount.flag is MountFlag.MOUNT else driver)
    return {
        **({"driver": own} if own else {}),
        **_pairs(mount, "volume-opt", "driver_opts"),
        **_pairs(mount, "volume-label", "labels"),
    }


def _pairs(mount: MountSpec, key: str, word: str) -> Tree:
    pairs = (value.partition("=") for name, value in mount.options if name == key)
    found = {name: value for name, _, value in pairs}
    return {word: found} if found else {}


def _long(mount: MountSpec) -> Tree:
    given = dict(mount.options)
    tree: Tree = {"type": mount.kind.value, "source": mount.source, "target": mount.target}
    tree |= {"read_only": mount.read_only, "consistency": given.get("consistency", "")}
    kept = {key: value for key, value in tree.items() if value}
    options = {
        MountKind.BIND: _bind,
        MountKind.VOLUME: _volume_options,
        MountKind.TMPFS: _tmpfs_options,
    }[mount.kind](given)
    return kept | ({mount.kind.value: options} if options else {})


def _bind(given: dict[str, str]) -> Tree:
    """``--mount`` never makes a missing directory of the host."""
    tree: Tree = {"create_host_path": False}
    if propagation := given.get("bind-propagation"):
        tree["propagation"] = propagation
    if given.get("bind-nonrecursive") == "true":
        tree["recursive"] = "disabled"
    return tree


def _volume_options(given: dict[str, str]) -> Tree:
    tree: Tree = {"nocopy": True} if given.get("volume-nocopy") == "true" else {}
    subpath = given.get("volume-subpath")
    return tree | ({"subpath": subpath} if subpath else {})


def _tmpfs_options(given: dict[str, str]) -> Tree:
    tree: Tree = {}
    if size := given.get("tmpfs-size"):
        tree["size"] = int(size)
    if mode := given.get("tmpfs-mode"):
        tree["mode"] = int(mode, 8)
    return tree
