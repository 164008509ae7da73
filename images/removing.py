"""Untag and remove images, and what stands in the way."""

from dataclasses import dataclass

from access import door
from access.actors import Actor
from access.targets import ImageTarget
from engine.snapshot import Snapshot
from engine.types import ContainerRow, ImageRow
from hosts.live import engine_of


@dataclass(frozen=True, slots=True)
class Blockers:
    """Containers made from it: running ones forbid its removal, stopped ones ask for force."""

    running: tuple[ContainerRow, ...]
    stopped: tuple[ContainerRow, ...]


def blockers(row: ImageRow, snapshot: Snapshot) -> Blockers:
    users = snapshot.containers_of_image(row.id)
    return Blockers(
        tuple(user for user in users if user.running),
        tuple(user for user in users if not user.running),
    )


def remove(actor: Actor, target: ImageTarget, reference: str = "", force: bool = False) -> bool:
    """Remove one tag or digest (``reference``), or the image with all its tags.

    True where the image itself went. Raises Conflict in the engine's words.
    """
    name = reference or target.id
    line = f"docker rmi {'--force ' if force else ''}{reference or target.id[:12]}"
    parameters = {"reference": reference, "force": force}
    with door.change(actor, "image.remove", target, line, **parameters):
        engine = engine_of(target.host)
        before = engine.mirror.snapshot.version
        gone = engine.commands.remove_image(name, force)
        engine.mirror.wait_seen("image", target.id, before)
    return any(word == "Deleted" and what.endswith(target.id) for word, what in gone)
