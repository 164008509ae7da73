"""Long calls that carry a tar: copies of files, whole file systems, images."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any

from engine import answers
from engine.errors import EngineError
from engine.file_parts import Piece
from engine.names import quoted
from engine.sending import send_chunks
from engine.types import PathStat
from engine.upstream import Upstream, objects_of, until_error

STALL_SECONDS = 30.0
LOAD_STALL_SECONDS = 120.0  # it reads the last of the archive from its own disk first
ARCHIVE_PIECE = 256 * 1024  # a copy wants few turns of the loop; everything else, quick ones


class TarStreams:
    """The part of ``Streams`` that sends and receives archives."""

    _upstream: Upstream

    @asynccontextmanager
    async def get_archive(
        self, id: str, path: str
    ) -> AsyncIterator[tuple[PathStat, AsyncIterator[bytes]]]:
        """A tar of one path. Read it to its end at the engine's speed: while a reader stalls,
        the container answers nothing else. EngineSilent after 30 s of nothing.
        """
        target = f"/containers/{quoted(id)}/archive"
        async with self._upstream.open("GET", target, {"path": path}) as answer:
            try:
                stat = answers.path_stat(answer.headers["x-docker-container-path-stat"])
            except (KeyError, ValueError) as error:
                raise EngineError("The engine did not say what the path is.") from error
            async with aclosing(answer.body(STALL_SECONDS, ARCHIVE_PIECE)) as pieces:
                yield stat, pieces

    async def put_archive(
        self, id: str, path: str, chunks: AsyncGenerator[Piece], *, over_folders: bool = False
    ) -> None:
        """Unpack a plain tar into the directory ``path``. ``chunks`` must not stall; it is closed.

        Where ``chunks`` raises, the engine is cut off and may keep half a file. A file takes a
        folder's place only with ``over_folders``.
        """
        target = f"/containers/{quoted(id)}/archive"
        params = {"path": path, "noOverwriteDirNonDir": not over_folders}
        headers = {
            "Content-Type": "application/x-tar",
            "Transfer-Encoding": "chunked",
            # No byte goes before the engine is ready: one copy at a time gets into a container.
            "Expect": "100-continue",
        }
        async with (
            aclosing(chunks),  # a file that it reads would stay open where the engine goes
            self._upstream.open("PUT", target, params, headers) as answer,
        ):
            await send_chunks(answer, chunks, STALL_SECONDS)

    @asynccontextmanager
    async def export(self, id: str) -> AsyncIterator[AsyncIterator[bytes]]:
        """A tar of a container's whole file system, without its mounts. As ``get_archive``."""
        path = f"/containers/{quoted(id)}/export"
        async with (
            self._upstream.open("GET", path, {}) as answer,
            aclosing(answer.body(STALL_SECONDS, ARCHIVE_PIECE)) as pieces,
        ):
            yield pieces

    @asynccontextmanager
    async def save(self, names: Sequence[str]) -> AsyncIterator[AsyncIterator[bytes]]:
        """A tar of these images, each under the references it is named by here.

        The engine writes all of it to its own disk before the first byte, however long it takes.
        """
        async with (
            self._upstream.open("GET", "/images/get", {"names": names}, first_byte=None) as answer,
            aclosing(answer.body(STALL_SECONDS, ARCHIVE_PIECE)) as pieces,
        ):
            yield pieces

    @asynccontextmanager
    async def load(
        self, archive: AsyncGenerator[Piece]
    ) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        """Let the engine take in images from a plain tar; its progress objects, as ``pull``.

        ``archive`` is closed. Cut off before its end, nothing of it is kept.
        """
        headers = {
            "Content-Type": "application/x-tar",
            "Transfer-Encoding": "chunked",
            "Expect": "100-continue",
        }
        async with (
            aclosing(archive),
            self._upstream.open("POST", "/images/load", {"quiet": False}, headers) as answer,
        ):
            await send_chunks(answer, archive, LOAD_STALL_SECONDS)
            async with (
                aclosing(objects_of(answer)) as objects,
                aclosing(until_error(objects)) as output,
            ):
                yield output

    @asynccontextmanager
    async def build(
        self, params: Mapping[str, Any], context: AsyncGenerator[bytes]
    ) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
        """The engine's output of a build from a plain tar; as ``pull``. ``context`` is closed."""
        headers = {
            "Content-Type": "application/x-tar",
            "Transfer-Encoding": "chunked",
            "Expect": "100-continue",
        }
        async with (
            aclosing(context),
            self._upstream.open("POST", "/build", params, headers) as answer,
        ):
            await send_chunks(answer, context, STALL_SECONDS)
            async with (
                aclosing(objects_of(answer)) as objects,
                aclosing(until_error(objects)) as output,
            ):
                yield output
