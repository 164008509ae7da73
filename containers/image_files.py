"""The files of an image, through a container of ours that is made from it (``engine.helpers``)."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial

from containers.copy_out import Source, Text, resolve, text_of
from containers.directory import list_by_headers
from containers.lent import lent
from engine.archive import Listing
from engine.engine import Engine
from engine.types import PathStat


def found_at(engine: Engine, image_id: str, who: int, path: str) -> tuple[str, PathStat]:
    """Where a path leads, links followed, and what is there. In threads. Raises NotFound.

    ``who`` is the person's id, here and below: each has a share of the helpers."""
    with engine.helpers.borrowed(image_id, who=who) as reader:
        return resolve(engine.commands, reader, path)


def borrowed(engine: Engine, image_id: str, who: int) -> AbstractAsyncContextManager[str]:
    """On the loop: the id of a container with the image's files, until the block ends."""
    return lent(engine, partial(engine.helpers.enter, image_id, who=who))


async def listed(engine: Engine, image_id: str, who: int, path: str) -> Listing:
    """The entries of a folder, directories first. Raises NotFound, Refused where it is none."""
    async with borrowed(engine, image_id, who) as reader:
        return await list_by_headers(engine, reader, path)


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
