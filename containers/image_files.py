"""The files of an image, through a container of ours that is made from it (``engine.helpers``)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from containers.copy_out import Source, Text, resolve, text_of
from containers.directory import in_order
from engine.archive import Listing, list_directory
from engine.engine import Engine
from engine.helpers import Loan
from engine.threads import door
from engine.types import PathStat


def found_at(engine: Engine, image_id: str, who: int, path: str) -> tuple[str, PathStat]:
    """Where a path leads, links followed, and what is there. In threads. Raises NotFound.

    ``who`` is the person's id, here and below: each has a share of the helpers."""
    with engine.helpers.borrowed(image_id, who=who) as reader:
        return resolve(engine.commands, reader, path)


@asynccontextmanager
async def borrowed(engine: Engine, image_id: str, who: int) -> AsyncIterator[str]:
    """On the loop: the id of a container with the image's files, until the block ends."""
    entering = asyncio.ensure_future(door.run(engine.helpers.enter, image_id, (), who))
    try:
        loan = await asyncio.shield(entering)
    except asyncio.CancelledError:
        entering.add_done_callback(lambda done: given_back(engine, done))
        raise
    try:
        yield loan.id
    finally:
        engine.helpers.leave(loan)


def given_back(engine: Engine, done: "asyncio.Future[Loan]") -> None:
    if not done.cancelled() and done.exception() is None:
        engine.helpers.leave(done.result())


async def listed(engine: Engine, image_id: str, who: int, path: str) -> Listing:
    """The entries of a folder, directories first. Raises NotFound, Refused where it is none."""
    async with (
        borrowed(engine, image_id, who) as reader,
        engine.streams.get_archive(reader, f"{path.rstrip('/')}/.") as (_stat, pieces),
    ):
        found = await list_directory(pieces)
    return Listing(in_order(list(found.entries)), found.partial)


async def text(engine: Engine, image_id: str, who: int, path: str, size: int) -> Text:
    """The last MiB of a file; ``path`` is what ``found_at`` said."""
    async with borrowed(engine, image_id, who) as reader:
        return await text_of(engine, reader, path, size)


@asynccontextmanager
async def pieces_of(
    engine: Engine, image_id: str, who: int, source: Source, path: str
) -> AsyncIterator[AsyncIterator[bytes]]:
    """What ``source`` gives of this path, the container kept for as long."""
    async with (
        borrowed(engine, image_id, who) as reader,
        source(engine, reader, path) as pieces,
    ):
        yield pieces
