"""What a program writes into a container's main process: without a connection that stays.

The engine is handed all of it and let go of again. Of what the process writes then, its log tells.
"""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.utils.translation import gettext as _

from access.errors import Denied
from access.targets import ContainerTarget
from containers.attaching import AttachOrder
from engine.engine import Engine
from engine.errors import Conflict
from engine.threads import door
from hosts.live import engine_of
from hosts.models import Host, Recording

RIGHT = AttachOrder.right
MOST = 64 * 1024  # bytes at a time
SECONDS = 10.0
LATEST = 2 * SECONDS  # the engine's address may have to be dialled and asked for its version


@dataclass(frozen=True, slots=True)
class Input:
    """``eof`` closes the input behind ``data``."""

    data: bytes
    eof: bool = False


def check_unrecorded(host: str) -> None:
    """Raises Denied where nothing may be typed that no recording goes along with."""
    if Host.objects.filter(slug=host, recording=Recording.REQUIRED).exists():
        words = _(
            "This host wants a recording of every terminal, and of what is sent by API there is"
            " none: attach in a browser."
        )
        raise Denied(words)


def send(target: ContainerTarget, given: Input) -> None:
    """In a thread. Raises Conflict where its main process does not run or takes no input."""
    engine = engine_of(target.host)
    with alone(target):
        inspect = engine.commands.inspect_container(target.id)
        if not (inspect.get("State") or {}).get("Running"):
            raise Conflict(_("The container is not running: start it first."))
        order = AttachOrder.of(target, inspect)
        check(order, given.eof)
        door.call(sent(engine, order, given.data), LATEST)


def check(order: AttachOrder, eof: bool) -> None:
    """Raises Conflict where the container was made for something else than is asked."""
    if not order.takes_input:
        raise Conflict(_("It takes no input: it was made without -i."))
    if order.tty and eof:
        raise Conflict(_("A terminal stays open: send \\u0004 in its place, as Ctrl+D does."))
    if not order.tty and order.once and not eof:
        raise Conflict(_("It takes input once, and what is sent closes it: say so by eof."))
    if not order.tty and not order.once and eof:
        raise Conflict(_("Its input stays open: it was made so, for whoever comes next."))


async def sent(engine: Engine, order: AttachOrder, data: bytes) -> None:
    """Of an input that is taken once the engine says nothing before the container has ended."""
    hear = order.tty or not order.once
    try:
        async with asyncio.timeout(SECONDS):
            await engine.streams.give_input(order.target.id, data, tty=order.tty, hear=hear)
    except TimeoutError:
        words = _("Its main process does not read: after %(seconds)g s some of this still waits.")
        raise Conflict(words % {"seconds": SECONDS}) from None


_busy: set[tuple[str, str]] = set()
_lock = threading.Lock()


@contextmanager
def alone(target: ContainerTarget) -> Iterator[None]:
    """One at a time for each container: two would come mixed, and of a process that does not read
    the engine keeps what it was given. Raises Conflict."""
    key = target.host, target.id
    with _lock:
        if key in _busy:
            raise Conflict(_("Something else is being written to it: send this when that is over."))
        _busy.add(key)
    try:
        yield
    finally:
        _busy.discard(key)
