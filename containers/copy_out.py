"""Files out of a container: a file raw, a directory as a plain tar, a text to look at."""

import posixpath
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass

from django.utils.translation import gettext as _

from engine.archive import single_file, whole
from engine.commands import Commands
from engine.engine import Engine
from engine.errors import Refused
from engine.types import PathStat
from engine.zips import zipped

MOST_LINKS = 8
TEXT_BYTES = 2**20
MOST_READ = 2**30  # a text's tail costs reading all before it
Source = Callable[
    [Engine, str, str], AbstractAsyncContextManager[AsyncIterator[bytes]]
]  # of a container's full id and a path


@dataclass(frozen=True, slots=True)
class Text:
    """The end of a file as text; ``cut`` where its beginning was left out."""

    text: str
    cut: bool
    binary: bool


def resolve(commands: Commands, container_id: str, path: str) -> tuple[str, PathStat]:
    """Follow links inside the container to what is there. Raises NotFound, Refused."""
    for _step in range(MOST_LINKS):
        there = commands.stat(container_id, path)
        if not there.is_link:
            return path, there
        path = posixpath.normpath(posixpath.join(posixpath.dirname(path), there.link_target))
    raise Refused(_("%(path)s: too many links lead to each other.") % {"path": path})


@asynccontextmanager
async def raw_file(
    engine: Engine, container_id: str, path: str
) -> AsyncIterator[AsyncIterator[bytes]]:
    async with (
        engine.streams.get_archive(container_id, path) as (_stat, pieces),
        aclosing(single_file(pieces)) as content,
    ):
        yield content


@asynccontextmanager
async def directory_tar(
    engine: Engine, container_id: str, path: str
) -> AsyncIterator[AsyncIterator[bytes]]:
    async with (
        engine.streams.get_archive(container_id, path) as (_stat, pieces),
        aclosing(whole(pieces)) as content,
    ):
        yield content


@asynccontextmanager
async def directory_zip(
    engine: Engine, container_id: str, path: str
) -> AsyncIterator[AsyncIterator[bytes]]:
    async with (
        engine.streams.get_archive(container_id, path) as (there, pieces),
        aclosing(zipped(pieces, there.name.strip("/") or "root")) as content,
    ):
        yield content


async def text_of(engine: Engine, container_id: str, path: str, size: int) -> Text:
    """The last MiB of a file. Raises Refused for a file of more than 1 GiB."""
    if size > MOST_READ:
        raise Refused(_("%(path)s is too large to look into here: download it.") % {"path": path})
    kept: deque[bytes] = deque()
    held = 0
    async with raw_file(engine, container_id, path) as pieces:
        async for piece in pieces:
            kept.append(piece)
            held += len(piece)
            while held - len(kept[0]) >= TEXT_BYTES:
                held -= len(kept.popleft())
    data = b"".join(kept)[-TEXT_BYTES:]
    cut = size > len(data)
    if cut:
        data = data[data.find(b"\n") + 1 :]
    return Text(data.decode("utf-8", "replace"), cut, b"\0" in data[:8192])
