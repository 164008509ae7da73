"""The server: Daphne's, with the gate in its replies and an orderly end."""

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any

import daphne.server  # installs the asyncio reactor: before anything else of Twisted
from twisted.internet import defer, reactor
from twisted.internet.error import CannotListenError
from twisted.logger import STDLibLogObserver, globalLogBeginner

from dashboard.server.connections import Factory, Socket, SocketFactory

Headers = list[tuple[bytes, bytes]]
RESTARTING = 1012
NEVER = -1
PING_SECONDS = 20  # proxies drop what is silent for longer, often 30 s
FAREWELL_SECONDS = 2.0  # for sockets to close and short requests to end
CANCEL_SECONDS = 1.0
LAST_SECONDS = 4.5  # then the process ends whatever still runs
log = logging.getLogger(__name__)


async def nothing() -> None:
    """For a server without background work."""


class Server(daphne.server.Server):
    """Serves one ASGI application on one TCP port, on the loop of this process.

    ``signed_in`` tells from a request's headers whether its body may be long. ``on_start`` is
    awaited before the port opens, ``on_stop`` after the last application has ended.
    """

    def __init__(
        self,
        application: Any,
        host: str,
        port: int,
        signed_in: Callable[[Headers], Awaitable[bool]],
        spool: Path | None = None,
        on_start: Callable[[], Awaitable[None]] = nothing,
        on_stop: Callable[[], Awaitable[None]] = nothing,
    ) -> None:
        super().__init__(
            application,
            [host],
            websocket_timeout=NEVER,
            ping_interval=PING_SECONDS,
            server_name="wharfinger",
        )
        self.host, self.port = host, port
        self.signed_in = signed_in
        self.spool = str(spool) if spool else None
        self.on_start, self.on_stop = on_start, on_stop
        # Behind a trusted proxy many people come from one address.
        self.is_proxy: Callable[[str], bool] = lambda address: False
        self._stopping = False
        self._tasks: set[asyncio.Future[None]] = set()

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT. Raises OSError where the port cannot be had."""
        self.connections: dict[Any, dict[str, Any]] = {}
        self.http_factory = Factory(self)
        self.ws_factory = self.make_socket_factory()
        globalLogBeginner.beginLoggingTo(
            [STDLibLogObserver("twisted")], redirectStandardIO=False, discardBuffer=True
        )
        loop = daphne.server.twisted_loop
        asyncio.set_event_loop(loop)
        loop.run_until_complete(self.on_start())
        try:
            self.listen()
        except OSError:
            loop.run_until_complete(self.on_stop())
            raise
        reactor.callLater(1, self.application_checker)
        reactor.callLater(2, self.timeout_checker)
        reactor.addSystemEventTrigger("before", "shutdown", self.kill_all_applications)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop_once)
        reactor.run(installSignalHandlers=False)

    def stop_once(self) -> None:
        """A second signal changes nothing: the end has a deadline of its own."""
        if not self._stopping:
            self._stopping = True
            reactor.stop()

    def make_socket_factory(self) -> SocketFactory:
        factory = SocketFactory(self, server=self.server_name)
        factory.setProtocolOptions(
            autoPingTimeout=self.ping_timeout,
            allowNullOrigin=True,  # the origin is the application's to judge: web.sockets
            failByDrop=False,  # a close code tells the browser not to come back
            openHandshakeTimeout=self.websocket_handshake_timeout,
            closeHandshakeTimeout=FAREWELL_SECONDS,  # after 1 s a slow sender reads a reset instead
            maxMessagePayloadSize=self.websocket_max_message_size,
            maxFramePayloadSize=self.websocket_max_frame_size,
        )
        return factory

    def listen(self) -> None:
        try:
            self.listener = reactor.listenTCP(self.port, self.http_factory, 256, self.host)
        except CannotListenError as error:
            raise OSError(f"{self.host}:{self.port}: {error.socketError}") from error
        address = self.listener.getHost()
        host = f"[{address.host}]" if ":" in address.host else address.host
        print(f"Wharfinger listens on http://{host}:{address.port}", flush=True)

    def own(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run a task of the server's own until it ends or the server does."""
        task = asyncio.ensure_future(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Future[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("A task of the server failed", exc_info=error)

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        """Start the application for one request or socket; returns the inbox Daphne fills."""
        inbox = protocol.make_inbox()
        scope.setdefault("asgi", {"version": "3.0"})
        running = self.application(scope, inbox.get, partial(self.handle_reply, protocol))
        self.connections[protocol]["application_instance"] = asyncio.ensure_future(running)
        return inbox

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        """Send, then wait until the client has taken enough of it."""
        if self.connections.get(protocol, {"disconnected": True}).get("disconnected"):
            await asyncio.sleep(0)  # an application that only sends must not hold the loop
            return
        kind = message["type"]
        if kind == "websocket.send":
            protocol.handle_reply(message)
            if protocol.gate is not None:
                await protocol.gate.wait()
            return
        last = kind == "http.response.body" and not message.get("more_body")
        if last:
            protocol.end_answer()
        await super().handle_reply(protocol, message)
        if kind in ("http.response.start", "websocket.accept"):
            protocol.begin_answer()
        elif not last and protocol.gate is not None:
            await protocol.gate.wait()

    def kill_all_applications(self) -> Any:
        """Called by the reactor when it was told to stop."""
        backstop = threading.Timer(LAST_SECONDS, end_process)
        backstop.daemon = True
        backstop.start()
        return defer.Deferred.fromFuture(asyncio.ensure_future(self.close_down()))

    async def close_down(self) -> None:
        """Close sockets with 1012, let requests end, cancel what is left, stop the rest."""
        self.listener.stopListening()
        for protocol in list(self.connections):
            if isinstance(protocol, Socket) and protocol.state == Socket.STATE_OPEN:
                protocol.serverClose(RESTARTING)
        await end_within(self.running(), FAREWELL_SECONDS)
        pending = [*self.running(), *self._tasks]
        for task in pending:
            task.cancel()
        await end_within(pending, CANCEL_SECONDS)
        try:
            await asyncio.wait_for(self.on_stop(), CANCEL_SECONDS)
        except Exception:
            log.exception("The background work did not stop")

    def running(self) -> list[asyncio.Future[Any]]:
        found = (details.get("application_instance") for details in self.connections.values())
        return [task for task in found if task is not None and not task.done()]


async def end_within(tasks: list[asyncio.Future[Any]], seconds: float) -> None:
    if tasks:
        await asyncio.wait(tasks, timeout=seconds)


def end_process() -> None:
    """Something did not end in time. What matters is committed: leave."""
    sys.stderr.flush()
    os._exit(0)
