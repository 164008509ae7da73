"""Networks and volumes as the run form tells of them while one types: as last listed, no more."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from access.actors import Actor
from access.sight import held_names, sees_all
from containers.run_checks import Check
from engine.engine import Engine
from engine.snapshot import Snapshot
from engine.spec_values import MountKind
from engine.specs import ContainerSpec
from engine.types import PREDEFINED_NETWORKS, EngineState
from networks.usable import visible

SHORT_ID = 12


@dataclass(frozen=True, slots=True)
class Known:
    """``networks`` are those that the person sees, names and ids; of ``volumes`` all and those."""

    networks: tuple[str, ...]
    volumes: frozenset[str]
    volumes_seen: frozenset[str]


def known(actor: Actor, engine: Engine, sight: Snapshot) -> Known | None:
    """None where the engine does not answer. ``sight`` is what the person sees of the host."""
    if sight.state != EngineState.UP:
        return None
    host, rows = engine.name, engine.networks.rows()
    seen = visible(actor, host, rows, sight)
    volumes = frozenset(row.name for row in engine.volumes.rows())
    held = held_names(actor, host, "volume")
    shown = volumes if sees_all(actor, host) else volumes & (held | sight.by_volume.keys())
    return Known(tuple(text for row in seen for text in (row.name, row.id)), volumes, shown)


def known_checks(spec: ContainerSpec, sight: Snapshot, known: Known | None) -> Iterator[Check]:
    if known is not None:
        yield from networks(spec, known)
        yield from volumes(spec, sight, known)


def networks(spec: ContainerSpec, known: Known) -> Iterator[Check]:
    for name in dict.fromkeys(network.name for network in spec.networks):
        if name in ("", "default", *PREDEFINED_NETWORKS) or name.startswith("container:"):
            continue
        begins = name if len(name) >= SHORT_ID else "-"
        if name not in known.networks and not any(n.startswith(begins) for n in known.networks):
            words = _("There is no network %(name)s here that you may see: create it first.")
            yield Check("bad", words % {"name": name})


def volumes(spec: ContainerSpec, sight: Snapshot, known: Known) -> Iterator[Check]:
    """Of one that is there and hidden the fence says what there is to say."""
    named = (mount.source for mount in spec.mounts if mount.kind is MountKind.VOLUME)
    for name in dict.fromkeys(filter(None, named)):
        users = [row.name for row in sight.containers_of_volume(name)]
        words = {"name": name, "user": ", ".join(users[:3])}
        if name not in known.volumes:
            yield Check("ok", _("The volume %(name)s is new: it is made.") % words)
        elif name in known.volumes_seen and users:
            yield Check("info", _("The volume %(name)s is here: %(user)s has it, too.") % words)
        elif name in known.volumes_seen:
            yield Check("ok", _("The volume %(name)s is here, with what is in it.") % words)
