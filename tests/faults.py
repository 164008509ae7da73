"""A stand-in in front of a real engine's socket that breaks in the ways an engine breaks.

It passes everything through until told otherwise, counts requests by path, and runs in a thread
of its own, so synchronous tests, asynchronous tests and server subprocesses can all stand
behind it. Each connection carries one request: the stand-in asks the engine to close after its
answer, so that every request is seen.
"""

import asyncio
import contextlib
import re
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

T = TypeVar("T")
PIECE = 65536
VERSION_PREFIX = re.compile(r"^/v\d+\.\d+")
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass
class Fault:
    """What happens to the next ``times`` requests whose ``METHOD /path?query`` matches, once
    ``after`` of them have passed.

    ``delay``: seconds before the engine gets the request. ``stall``: it is never answered.
    ``answer``: (status, body) in the engine's place. ``cut_after``: bytes of the answer, headers
    included, that pass before the connection is closed. ``hold_after``: the same, but it stays
    open. ``rewrite``: changes each piece of the answer. ``pour``: makes the pieces, head included,
    that come in the engine's place.
    """

    pattern: str
    times: int = 1_000_000
    after: int = 0
    delay: float = 0.0
    stall: bool = False
    answer: tuple[int, bytes] | None = None
    cut_after: int | None = None
    hold_after: int | None = None
    rewrite: Callable[[bytes], bytes] | None = None
    pour: Callable[[], AsyncIterator[bytes]] | None = None

    def takes(self, request: str) -> bool:
        if self.times <= 0 or not re.search(self.pattern, request):
            return False
        if self.after > 0:
            self.after -= 1
            return False
        self.times -= 1
        return True


class FaultyEngine:
    """``url`` is its address. Every method may be called from any thread."""

    def __init__(self, engine_path: str, path: Path) -> None:
        self.url = f"unix://{path}"
        self.requests: list[str] = []
        self._engine_path = engine_path
        self._path = path
        self._faults: list[Fault] = []
        self._open: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._flowing = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="faulty-engine")

    def start(self) -> None:
        self._thread.start()
        self._on_loop(self._listen())
        self.thaw()

    def stop(self) -> None:
        self.refuse()
        self._on_loop(self._finish())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def inject(self, pattern: str, **fault: Any) -> Fault:
        """Add a fault (fields of ``Fault``) for requests that match; the newest wins."""
        made = Fault(pattern, **fault)
        self._faults.insert(0, made)
        return made

    def heal(self) -> None:
        """Forget every fault, thaw and listen again."""
        self._faults.clear()
        self.thaw()
        self.listen()

    def refuse(self) -> None:
        """Stop listening and cut every connection: the engine is down."""
        self._on_loop(self._refuse())

    def listen(self) -> None:
        """Listen again after ``refuse``."""
        self._on_loop(self._listen())

    def freeze(self) -> None:
        """Accept and answer nothing, on old and new connections: the engine hangs."""
        self._loop.call_soon_threadsafe(self._flowing.clear)

    def thaw(self) -> None:
        self._loop.call_soon_threadsafe(self._flowing.set)

    def cut(self) -> None:
        """Close every open connection now; new ones are welcome."""
        self._on_loop(self._cut())

    def count(self, pattern: str) -> int:
        """How many requests (``GET /containers/json?all=1``) matched so far."""
        return sum(bool(re.search(pattern, request)) for request in list(self.requests))

    def _on_loop(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

    async def _listen(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_unix_server(self._accept, str(self._path))

    async def _refuse(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            # Who knocked before must be served and cut: asyncio forgets, open, a connection that
            # it accepted and whose server is closed, and its client would wait for ever.
            self._path.unlink(missing_ok=True)
            await asyncio.sleep(0.05)
            server.close()
            await self._cut()
            await asyncio.sleep(0.05)  # for those that were accepted and are not yet served
        await self._cut()

    async def _finish(self) -> None:
        """End what is still being accepted: on a busy machine it comes after the last cut."""
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await asyncio.sleep(0.05)  # an aborted transport closes its socket in a later turn

    async def _cut(self) -> None:
        tasks = list(self._open)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = self._loop.create_task(self._serve((reader, writer)))
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        # A task that is cancelled before its first step runs no cleanup of its own.
        task.add_done_callback(lambda ended: ended.cancelled() and writer.transport.abort())

    async def _serve(self, client: Streams) -> None:
        reader, writer = client
        with contextlib.closing(writer), contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            method, target, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
            request = f"{method} {VERSION_PREFIX.sub('', target)}"
            self.requests.append(request)
            fault = next((fault for fault in self._faults if fault.takes(request)), Fault(""))
            await self._answer(client, one_request_only(head), fault)

    async def _answer(self, client: Streams, head: bytes, fault: Fault) -> None:
        if fault.stall:
            await asyncio.Event().wait()
        if fault.answer is not None:
            client[1].write(plain_answer(*fault.answer))
            await client[1].drain()
            return
        if fault.pour is not None:
            async for piece in fault.pour():
                client[1].write(piece)
                await client[1].drain()
            return
        await asyncio.sleep(fault.delay)
        await self._flowing.wait()
        engine = await asyncio.open_unix_connection(self._engine_path)
        with contextlib.closing(engine[1]):
            engine[1].write(head)
            await self._both_ways(client, engine, fault, raw=is_upgrade(head))

    async def _both_ways(self, client: Streams, engine: Streams, fault: Fault, raw: bool) -> None:
        """Until the answer ends or the client leaves; a ``raw`` client may close one half."""
        up = asyncio.ensure_future(self._pump(client[0], engine[1], Fault("")))
        down = asyncio.ensure_future(self._pump(engine[0], client[1], fault))
        try:
            ends = {down} if raw else {up, down}
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            up.cancel()
            down.cancel()
            await asyncio.gather(up, down, return_exceptions=True)

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, fault: Fault
    ) -> None:
        limit = fault.cut_after if fault.cut_after is not None else fault.hold_after
        passed = 0
        while piece := await source.read(PIECE):
            await self._flowing.wait()
            piece = fault.rewrite(piece) if fault.rewrite else piece
            piece = piece if limit is None else piece[: limit - passed]
            passed += len(piece)
            sink.write(piece)
            await sink.drain()
            if limit is not None and passed >= limit:
                if fault.hold_after is not None:
                    await asyncio.Event().wait()
                return
        if sink.can_write_eof():
            sink.write_eof()


def is_upgrade(head: bytes) -> bool:
    return re.search(rb"(?i)\r\nconnection:\s*upgrade", head) is not None


def one_request_only(head: bytes) -> bytes:
    """The request's head, asking the engine to close after its answer (not for an upgrade)."""
    if is_upgrade(head):
        return head
    line, _, headers = head.partition(b"\r\n")
    kept = re.sub(rb"(?im)^connection:[^\r]*\r\n", b"", headers)
    return line + b"\r\nConnection: close\r\n" + kept


def plain_answer(status: int, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status} Fault\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body


@contextlib.contextmanager
def faulty_engine_before(engine_url: str, directory: Path) -> Iterator[FaultyEngine]:
    """A stand-in in front of ``unix://…``, listening in ``directory``."""
    stand_in = FaultyEngine(engine_url.removeprefix("unix://"), directory / "engine.sock")
    stand_in.start()
    try:
        yield stand_in
    finally:
        stand_in.heal()
        stand_in.stop()


@pytest.fixture
def faulty_engine(
    engine_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FaultyEngine]:
    """A stand-in in front of the test engine; ``.url`` is its address."""
    with faulty_engine_before(engine_url, tmp_path_factory.mktemp("faulty")) as stand_in:
        yield stand_in
