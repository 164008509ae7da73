"""Untag and remove images, and what stands in the way."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from access import door
from access.actors import Actor
from access.gate import authorize
from access.targets import ImageTarget
from engine.command_line import verb_line
from engine.commands import Commands
from engine.errors import EngineError
from engine.snapshot import Snapshot
from engine.types import ContainerRow, ImageRow
from hosts.live import engine_of
from images.naming import check_remove


@dataclass(frozen=True, slots=True)
class Blockers:
    """Containers made from it: running ones forbid its removal, stopped ones ask for force."""

    running: tuple[ContainerRow, ...]
    stopped: tuple[ContainerRow, ...]

    def __bool__(self) -> bool:
        return bool(self.running or self.stopped)


def blockers(row: ImageRow, snapshot: Snapshot) -> Blockers:
    users = snapshot.containers_of_image(row.id)
    return Blockers(
        tuple(user for user in users if user.running),
        tuple(user for user in users if not user.running),
    )


def only_a_name(row: ImageRow, reference: str) -> bool:
    """Whether the image stays when ``reference`` goes: it has another name then."""
    return bool(reference) and bool({*names(row)} - {reference})


def names(row: ImageRow) -> tuple[str, ...]:
    """All that must be untagged for the image to go: its tags, and the digests of repositories
    without a tag (the others go with their repository's last tag)."""
    tagged = {tag.rpartition(":")[0] for tag in row.tags}
    bare = (digest for digest in row.digests if digest.partition("@")[0] not in tagged)
    return (*row.tags, *bare)


def wanted(row: ImageRow, snapshot: Snapshot, force: bool) -> tuple[str, ...]:
    """What to ask the engine for: by its id it removes no image of several names without force.

    Where containers use it the id is asked for all the same, so that it refuses before a name
    went.
    """
    found = names(row)
    return (row.id,) if force or len(found) < 2 or blockers(row, snapshot) else found


def remove(actor: Actor, target: ImageTarget, reference: str = "", force: bool = False) -> bool:
    """Remove one tag or digest (``reference``), or the image with all its names.

    True where the image itself went. Raises Conflict in the engine's words.
    """
    engine = engine_of(target.host)
    before = engine.mirror.snapshot
    assert target.row is not None
    which = (reference,) if reference else wanted(target.row, before, force)
    shown = (target.id[:12] if name == target.id else name for name in which)
    line = verb_line("rmi", *["--force"] * force, *shown)
    parameters = {"reference": reference, "force": force}
    with door.judged(actor, "image.remove", target):
        authorize(actor, "image.remove", target)
        check_remove(actor, target)
    with door.change(actor, "image.remove", target, line, **parameters):
        engine.helpers.release(image=target.id)
        gone = remove_all(engine.commands, which, force)
        engine.mirror.wait_seen("image", target.id, before.version)
    return ("Deleted", f"sha256:{target.id}") in gone


def remove_all(commands: Commands, which: Sequence[str], force: bool) -> list[tuple[str, str]]:
    """One after the other; an error says what went before it."""
    gone: list[tuple[str, str]] = []
    for name in which:
        try:
            gone += commands.remove_image(name, force)
        except EngineError as error:
            before = ", ".join(what for word, what in gone if word == "Untagged")
            if not before:
                raise
            words = _("%(error)s (%(names)s had gone before.)")
            raise type(error)(words % {"error": error.message, "names": before}) from error
    return gone
