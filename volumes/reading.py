"""The files of a volume, through a container of ours that holds it (``engine.helpers``).

The engine follows links in that container, whose other files are an image's: so each step of a
path is looked at, and what leads out of the volume is refused. The image is one that the person
sees, in case a step is changed under our eyes.
"""

import posixpath
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from django.utils.translation import gettext as _

from access.actors import Actor
from access.errors import Denied
from containers.copy_out import MOST_LINKS, Source, Text, text_of
from containers.directory import list_by_headers
from containers.lent import lent
from containers.run_fence import may_go_beyond
from engine.archive import Listing
from engine.commands import Commands
from engine.engine import Engine
from engine.errors import Conflict, EngineError, NotFound, Refused
from engine.helpers import VOLUME_PLACE as PLACE
from engine.helpers import Helper, Loan, volume_at
from engine.snapshot import Snapshot
from engine.threads import door
from engine.types import PathStat
from engine.volume_rows import VolumeRow, volume_from


def check_plain(actor: Actor, host: str, row: VolumeRow) -> None:
    """Raises Denied for what may be any folder of the host, to all but those who have all of it."""
    if not row.plain and not may_go_beyond(actor, host):
        words = _(
            "%(name)s has driver options or another driver, so that it may be any folder of the"
            " host: its files are beyond the fence."
        )
        raise Denied(words % {"name": row.name})


@dataclass(frozen=True, slots=True)
class Through:
    """By what a volume is read: an image's id, and for whom (a person's id)."""

    image: str
    who: int


def through(sight: Snapshot, who: int) -> Through:
    """The smallest image that the person sees. Raises Conflict where there is none."""
    if not sight.images:
        words = _("No image is on this host, or none that you see. Pull one, such as busybox:")
        how = _("files are read through a container made from it, which is never started.")
        raise Conflict(f"{words} {how}")
    return Through(min(sight.images.values(), key=lambda row: (row.size, row.id)).id, who)


def inside(commands: Commands, reader: str, path: str) -> tuple[str, PathStat]:
    """Where ``path`` (of the volume, absolute and normal) is in the reader, and what is there.

    Links within the volume are followed. Raises NotFound, Refused for those that leave it.
    """
    there = commands.stat(reader, PLACE)
    try:
        return followed(commands, reader, path, there)
    except NotFound as error:  # its words are of a place in our container
        words = _("There is no %(path)s in this volume.")
        raise NotFound(words % {"path": path}) from error


def followed(commands: Commands, reader: str, path: str, there: PathStat) -> tuple[str, PathStat]:
    """``inside``, from the volume's own folder on, which is ``there``."""
    at, links = PLACE, 0
    for name in filter(None, path.split("/")):
        at = posixpath.join(at, name)
        there = commands.stat(reader, at)
        while there.is_link:
            links += 1
            at = there.link_target  # the engine tells where it ends, as a path of the container
            if links > MOST_LINKS or (at != PLACE and not at.startswith(f"{PLACE}/")):
                words = _("%(path)s is a link that leads out of the volume.")
                raise Refused(words % {"path": path})
            there = commands.stat(reader, at)
    return at, there


def enter(engine: Engine, row: VolumeRow, by: Through) -> Loan:
    """One that has the volume: give it back to ``engine.helpers.leave``.

    Raises NotFound for a volume that is gone meanwhile, Conflict where too many are looked into.
    """
    for last in (False, True):
        loan = engine.helpers.enter(by.image, (volume_at(row.name, PLACE),), by.who)
        try:
            engine.commands.stat(loan.id, PLACE)
            check_same(engine, row, loan.helper)
            return loan
        except NotFound:  # somebody removed it: a prune, a hand on the host
            loan.helper.broken = True
            engine.helpers.leave(loan)
            if last:
                raise
        except BaseException:
            engine.helpers.leave(loan)
            raise
    raise AssertionError


def check_same(engine: Engine, row: VolumeRow, helper: Helper) -> None:
    """A volume that went before its helper came was made anew by the engine: away with it."""
    now = volume_from(engine.commands.inspect_volume(row.name))
    if abs(now.created - row.created) < timedelta(seconds=1):
        return
    helper.broken = True
    with suppress(EngineError):
        engine.commands.remove(helper.id, force=True, volumes=True)
        engine.commands.remove_volume(row.name)
    raise Conflict(_("%(name)s was removed just now.") % {"name": row.name})


@contextmanager
def held(engine: Engine, row: VolumeRow, by: Through) -> Iterator[str]:
    """The id of a container that has the volume at ``PLACE``, until the block ends. In threads."""
    loan = enter(engine, row, by)
    try:
        yield loan.id
    finally:
        engine.helpers.leave(loan)


def held_long(engine: Engine, row: VolumeRow, by: Through) -> AbstractAsyncContextManager[str]:
    """The same on the loop."""
    return lent(engine, partial(enter, engine, row, by))


async def listed(engine: Engine, row: VolumeRow, by: Through, path: str) -> Listing:
    """The entries of a folder, directories first. Raises NotFound, Refused."""
    async with held_long(engine, row, by) as reader:
        at, _there = await door.run(inside, engine.commands, reader, path)
        return await list_by_headers(engine, reader, at)


async def text(engine: Engine, row: VolumeRow, by: Through, at: str, size: int) -> Text:
    """The last MiB of a file; ``at`` is what ``inside`` said."""
    async with held_long(engine, row, by) as reader:
        return await text_of(engine, reader, at, size)


@asynccontextmanager
async def pieces_of(
    engine: Engine, row: VolumeRow, by: Through, source: Source, at: str
) -> AsyncIterator[AsyncIterator[bytes]]:
    """What ``source`` gives of this path, the volume held for as long."""
    async with (
        held_long(engine, row, by) as reader,
        source(engine, reader, at) as pieces,
    ):
        yield pieces
