"""What every socket shares: origin, session, ticket, credit, and tasks that end with it."""

import asyncio
import struct
import sys
from collections.abc import Coroutine
from typing import Any
from urllib.parse import urlsplit

from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.utils import translation

from access import at_once
from access.actors import Actor, session_key_of
from access.errors import OverQuota
from access.gate import may
from access.targets import ContainerTarget
from engine.threads import door
from hosts.live import engine_of
from web import tickets
from web.seats import seats
from web.wards import RIGHT_LOST as RIGHT_LOST
from web.wards import wards

PROTOCOL = "wharfinger.1"
ENDED, BROKEN, TOO_BIG, RESTARTING = 1000, 1008, 1009, 1012
LOGIN_OVER, GONE, IDLE, TOO_MANY = 4001, 4004, 4008, 4429
PINGS_UNANSWERED = 1.5  # times SOCKET_PING_SECONDS: then the browser is gone


class Credit:
    """How much may be under way to a browser: sending waits while as many as window bytes are."""

    def __init__(self, window: int) -> None:
        self.window = window
        self.sent = self.acked = 0
        self._room = asyncio.Event()
        self._room.set()

    async def wait(self) -> None:
        await self._room.wait()

    def spend(self, count: int) -> None:
        self.sent += count
        if self.sent - self.acked >= self.window:
            self._room.clear()

    def ack(self, total: int) -> bool:
        """The browser has parsed ``total`` bytes so far. False where that cannot be."""
        if not self.acked <= total <= self.sent:
            return False
        self.acked = total
        if self.sent - self.acked < self.window:
            self._room.set()
        return True

    def waive(self) -> None:
        """From now on nothing waits: these are the last words."""
        self.window = sys.maxsize
        self._room.set()

    @property
    def left(self) -> int:
        return max(0, self.window - (self.sent - self.acked))


class Socket(AsyncWebsocketConsumer):
    """A socket that knows its actor and owns its tasks, also when the server cancels it."""

    actor: Actor
    session_key = ""
    silent = 0.0  # for so many seconds nothing had come when it was given up

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._tasks: set[asyncio.Task[None]] = set()
        self._seat: int | None = None
        self.place = at_once.NOBODYS

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope, self.base_send = scope, send  # without a channel layer, and so without groups
        try:
            while True:
                await self.dispatch(await receive())
        except StopConsumer:
            pass
        finally:
            wards.discard(self)
            if self._seat is not None:
                seats.leave(self._seat)
            self.place.leave()
            await self._stop_tasks()

    async def dispatch(self, message: Any) -> None:
        """As Channels' own, without its way through the one thread that all would share for each
        key that is pressed: our sockets ask the database through the door, which tidies up."""
        await getattr(self, get_handler_name(message))(message)

    async def connect(self) -> None:
        if not same_origin(self.scope):
            return await self.close()
        self.actor = await door.run(Actor.of_scope, dict(self.scope))
        translation.activate(self.actor.language)  # for all that this socket's tasks say
        if self.actor.user_id is None:
            return await self.close()
        protocol = PROTOCOL if PROTOCOL in self.scope.get("subprotocols", ()) else None
        if not seats.take(self.actor.user_id, settings.SOCKETS_PER_PERSON):
            await self.accept(protocol)
            return await self.close(TOO_MANY)
        self._seat = self.actor.user_id
        self.session_key = session_key_of(dict(self.scope))
        if not await self.admitted():
            return await self.close()
        if not await self.seated():
            await self.accept(protocol)
            return await self.close(TOO_MANY)
        await self.accept(protocol)
        wards.add(self)
        await self.opened()

    async def admitted(self) -> bool:
        """Whether this actor may open this socket. Runs before ``accept``."""
        raise NotImplementedError

    async def seated(self) -> bool:
        """Whether a team of the actor's has room for it."""
        return True

    async def opened(self) -> None:
        """The socket stands: start what it carries."""

    def verdict(self, actor: Actor | None) -> int:
        """0, or the code to close with: the login is over, or who one is has changed, so that
        the browser comes back as that. ``actor`` is who the login is now. In a thread."""
        if actor is None:
            return LOGIN_OVER
        same = (actor.superuser, actor.auditor) == (self.actor.superuser, self.actor.auditor)
        return 0 if same else RESTARTING

    def lost(self, code: int) -> None:
        """Nothing more is sent, and then it is closed."""
        self.own(self._end(code))

    async def _end(self, code: int) -> None:
        await self._stop_tasks()
        await self.close(code)

    def own(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def websocket_disconnect(self, message: Any) -> None:
        if message.get("reason") == "silent":
            self.silent = PINGS_UNANSWERED * settings.SOCKET_PING_SECONDS
        await super().websocket_disconnect(message)

    async def disconnect(self, code: int) -> None:
        await self._stop_tasks()

    async def _stop_tasks(self) -> None:
        tasks = [task for task in self._tasks if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class TicketSocket(Socket):
    """A socket that a one-use ticket opens (``ticket.<value>`` as a subprotocol)."""

    action: str
    ticket: tickets.Ticket

    async def admitted(self) -> bool:
        kwargs = self.scope["url_route"]["kwargs"]
        value = next(
            (p[7:] for p in self.scope.get("subprotocols", ()) if p.startswith("ticket.")), ""
        )
        ticket = tickets.redeem(
            value, self.actor.session, self.action, kwargs["host"], kwargs["container_id"]
        )
        if ticket is None:
            return False
        self.ticket = ticket
        return await door.run(self.verdict, self.actor) == 0

    async def seated(self) -> bool:
        try:
            offer = await door.run(at_once.offer, self.actor, self.ticket.host, "sockets")
            self.place = offer.take()
        except OverQuota:
            return False
        return True

    def object_ids(self) -> list[str]:
        """What the socket shows now."""
        return [self.ticket.object_id]

    def verdict(self, actor: Actor | None) -> int:
        """The right is asked for again: on each object that is there; the others end by
        themselves."""
        if actor is None:
            return LOGIN_OVER
        rows = engine_of(self.ticket.host).mirror.snapshot.containers
        ids = [id for id in self.object_ids() if id in rows]
        targets = [ContainerTarget.of(self.ticket.host, rows[id]) for id in ids]
        return 0 if all(may(actor, self.action, target) for target in targets) else RIGHT_LOST


def same_origin(scope: Any) -> bool:
    """The origin must equal the public origin in scheme, host and port; none or null is refused."""
    headers = dict(scope["headers"])
    origin = str(headers.get(b"origin", b"").decode("latin1")).rstrip("/")
    if settings.PUBLIC_URL:
        return origin == str(settings.PUBLIC_URL)
    host = headers.get(b"host", b"").decode("latin1")
    scheme = "https" if scope.get("scheme") == "wss" else "http"
    parts = urlsplit(origin)
    return bool(host) and parts.scheme == scheme and parts.netloc == host


def uint64(data: bytes) -> int | None:
    """A big-endian uint64, or None where the bytes are not eight."""
    return struct.unpack(">Q", data)[0] if len(data) == 8 else None
