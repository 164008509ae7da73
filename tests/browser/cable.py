"""The network between a browser and the site: a relay on a port of its own that can be cut."""

import asyncio
import contextlib
from collections.abc import Iterator
from urllib.parse import urlsplit

from tests.runtime import Loop


class Cable:
    """``url`` reaches the site. Cut, bytes stop without a word, as on a lost Wi-Fi.

    ``idle``: it hangs up after so many seconds without a byte from one side, as a proxy does.
    """

    def __init__(self, site_url: str, loop: Loop, idle: float | None = None) -> None:
        self._to = urlsplit(site_url)
        self._idle = idle
        self._loop = loop
        self._whole = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server = loop.run(self._listen())
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _listen(self) -> asyncio.Server:
        self._whole.set()
        return await asyncio.start_server(self._serve, "127.0.0.1")

    def cut(self, reset: bool = True) -> None:
        """``reset``: both sides notice at once; otherwise nobody is told."""
        self._loop.loop.call_soon_threadsafe(self._whole.clear)
        if reset:
            self._loop.run(self._drop())

    def mend(self) -> None:
        self._loop.loop.call_soon_threadsafe(self._whole.set)

    async def _drop(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def close(self) -> None:
        self._server.close()
        await self._drop()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            if not self._whole.is_set():
                return
            to = await asyncio.open_connection(self._to.hostname, self._to.port)
            with contextlib.closing(to[1]):
                async with asyncio.TaskGroup() as group:
                    up = group.create_task(self._pump(reader, to[1]))
                    down = group.create_task(self._pump(to[0], writer))
                    await asyncio.wait({up, down}, return_when=asyncio.FIRST_COMPLETED)
                    up.cancel()
                    down.cancel()
        except asyncio.CancelledError:
            pass  # its end; asyncio's streams report a cancelled handler as an error
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):  # TimeoutError is one
            while data := await asyncio.wait_for(source.read(65536), self._idle):
                await self._whole.wait()
                sink.write(data)
                await sink.drain()


@contextlib.contextmanager
def cable_to(site_url: str, idle: float | None = None) -> Iterator[Cable]:
    loop = Loop()
    try:
        cable = Cable(site_url, loop, idle)
        try:
            yield cable
        finally:
            loop.run(cable.close())
    finally:
        loop.close()
