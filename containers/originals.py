"""A container that is to be copied or made anew: what the engine says of it, as a spec."""

import re
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from posixpath import normpath
from typing import Any

from access.targets import Target
from engine.answers import Json
from engine.commands import Commands
from engine.errors import NotFound
from engine.spec_values import MountFlag, MountKind, MountSpec
from engine.specs import ContainerSpec, unread_fields
from hosts.live import engine_of

MADE_UP = re.compile(r"[0-9a-f]{64}")  # the name that an engine gives to a volume without one
NETWORK_ID = re.compile(r"[0-9a-f]{12,64}")


@dataclass(frozen=True, slots=True)
class Original:
    """``spec`` is what would make it again, its anonymous volumes without their made-up names;
    ``unread`` is what it has and a spec cannot say; ``shared`` are other containers' volumes."""

    spec: ContainerSpec
    inspect: Json
    unread: tuple[str, ...]
    shared: frozenset[str] = frozenset()

    @property
    def image_id(self) -> str:
        return str(self.inspect["Image"]).removeprefix("sha256:")

    @property
    def state(self) -> str:
        return str((self.inspect.get("State") or {}).get("Status") or "")

    @property
    def running(self) -> bool:
        return bool((self.inspect.get("State") or {}).get("Running"))


def original(target: Target) -> Original:
    """Two calls to the engine. Raises EngineErrors."""
    rows = engine_of(target.host).mirror.snapshot.containers.values()
    others = (mount.name for row in rows if row.id != target.id for mount in row.mounts)
    return replace(read(*inspected(target)), shared=frozenset(others))


def read(inspect: Json, image: Json | None, info: Json) -> Original:
    spec = ContainerSpec.from_inspect(inspect, image, info)
    anonymous = {place(path): path for path in volumes_of(inspect)}
    mounts = [nameless(mount, anonymous) for mount in spec.mounts]
    said = {place(mount.target) for mount in mounts if not unnamed(mount)}
    said |= set(map(place, volumes_of(image or {})))
    own = (mount for mount in mounts if not unnamed(mount) or place(mount.target) not in said)
    # What the engine sets by itself: it goes with the memory, also with another one.
    swap = 0 if spec.memory_swap == 2 * spec.memory else spec.memory_swap
    spec = replace(spec, mounts=tuple(dict.fromkeys(own)), memory_swap=swap)
    return Original(spec, inspect, unread_fields(inspect))


def volumes_of(inspect: Json) -> Collection[str]:
    """Paths at which a container or an image wants volumes of no name, as they were written."""
    return ((inspect.get("Config") or {}).get("Volumes") or {}).keys()


def place(path: str) -> str:
    """Where a path as it was written, ``/data/``, is mounted: ``/data``."""
    return normpath(f"/{path.strip('/')}")


def unnamed(mount: MountSpec) -> bool:
    return mount == MountSpec(MountKind.VOLUME, mount.target)


def nameless(mount: MountSpec, anonymous: Mapping[str, str]) -> MountSpec:
    """One that was carried over has its made-up name in the engine's answer, and is still one
    that nobody named."""
    made_up = mount.kind is MountKind.VOLUME and MADE_UP.fullmatch(mount.source)
    plain = mount.flag is MountFlag.MOUNT or not (mount.read_only or mount.options)
    if not (made_up and plain and place(mount.target) in anonymous):
        return mount
    short = mount.flag is MountFlag.VOLUME
    target = anonymous[place(mount.target)] if short else mount.target
    return replace(mount, source="", target=target)


def carried(spec: ContainerSpec, old: Original) -> ContainerSpec:
    """The spec with the anonymous volumes that the old one has, by their made-up names: at each
    path where it still wants one, or where its image did. Only for the engine.

    What it may only read stays so, also where it is wanted otherwise; and what came with another
    container's (``--volumes-from``) is not kept once those are not asked for."""
    dropped = set(old.spec.volumes_from) - set(spec.volumes_from)
    made_up = made_up_volumes(old.inspect.get("Mounts") or ())
    held = {path: name for path, name in made_up if not (dropped and name in old.shared)}
    closed = read_only_paths(old.inspect.get("Mounts") or ())
    before = {place(mount.target) for mount in old.spec.mounts if is_anonymous(mount)}
    wanted = {place(mount.target) for mount in spec.mounts if is_anonymous(mount)}
    taken = {place(mount.target) for mount in spec.mounts} - wanted
    of_image = set(map(place, volumes_of(old.inspect))) - before
    mounts = [
        replace(mount, source=held[at], read_only=mount.read_only or at in closed)
        if mount.flag is MountFlag.MOUNT and is_anonymous(mount) and at in held
        else mount
        for mount, at in ((mount, place(mount.target)) for mount in spec.mounts)
    ]
    for path in sorted(((before & wanted) | of_image) & held.keys() - taken):
        if not any(unnamed(mount) and place(mount.target) == path for mount in mounts):
            mounts.append(MountSpec(MountKind.VOLUME, path))  # by which ``read`` knows it again
        if not any(place(mount.target) == path and mount.source for mount in mounts):
            mounts.append(MountSpec(MountKind.VOLUME, path, held[path], path in closed))
    return replace(spec, mounts=tuple(dict.fromkeys(mounts)))


def is_anonymous(mount: MountSpec) -> bool:
    return mount.kind is MountKind.VOLUME and not mount.source


def made_up_volumes(mounts: Iterable[Mapping[str, Any]]) -> Iterable[tuple[str, str]]:
    for mount in mounts:
        name = str(mount.get("Name") or "")
        if mount.get("Type") == "volume" and MADE_UP.fullmatch(name):
            yield str(mount["Destination"]), name


def read_only_paths(mounts: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Where volumes are that the container cannot write."""
    volumes = (mount for mount in mounts if mount.get("Type") == "volume")
    return frozenset(str(mount["Destination"]) for mount in volumes if not mount.get("RW"))


def inspected(target: Target, known: Json | None = None) -> tuple[Json, Json | None, Json]:
    """The inspects of the container (``known``: asked for already) and of its image, which may be
    gone; the engine's /info."""
    engine = engine_of(target.host)
    facts = engine.mirror.snapshot.facts
    info = facts.raw if facts else {}
    container = known or engine.commands.inspect_container(target.id)
    tell_network(container, engine.commands)
    try:
        return container, engine.commands.inspect_image(container["Image"]), info
    except NotFound:
        return container, None, info


def tell_network(container: Json, commands: Commands) -> None:
    """Fill in which of its networks the id means that it was created with: of a container that
    never ran the engine itself does not say."""
    mode = str(container["HostConfig"].get("NetworkMode") or "")
    joined = (container.get("NetworkSettings") or {}).get("Networks") or {}
    if mode in joined or len(joined) < 2 or not NETWORK_ID.fullmatch(mode):
        return
    with suppress(NotFound):
        network = commands.inspect_network(mode)
        if endpoint := joined.get(network["Name"]):
            endpoint["NetworkID"] = network["Id"]
