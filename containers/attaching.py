"""Attaching to a container's main process: to leave it is never to end it."""

import shlex
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from access.targets import ContainerTarget
from containers.shell_ends import Leaving
from containers.shell_inquest import Run, end_of_attachment
from containers.shell_start import Line, Shell
from containers.shells import USUAL_SIZE
from containers.terminal_wire import Size
from containers.typed_lines import TypedLines
from engine.duplex import Duplex
from engine.engine import Engine
from engine.errors import Conflict, NotFound, Refused
from engine.threads import door

Show = Callable[[bytes], Awaitable[None]]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class AttachOrder:
    """To whose main process. ``tty``, ``takes_input`` (``-i``) and ``once`` are how the container
    was made: with ``once`` its input is closed when the first one who is attached leaves."""

    target: ContainerTarget
    tty: bool
    takes_input: bool
    once: bool
    size: Size = USUAL_SIZE

    page: ClassVar[str] = "container-attach"
    right: ClassVar[str] = "container.attach"
    user: ClassVar[str] = ""

    @classmethod
    def of(
        cls, target: ContainerTarget, inspect: dict[str, Any], size: Size = USUAL_SIZE
    ) -> "AttachOrder":
        """``inspect``: the engine's own of that container."""
        config = inspect.get("Config") or {}
        tty, takes, once = (bool(config.get(key)) for key in ("Tty", "OpenStdin", "StdinOnce"))
        return cls(target, tty, takes, once, size)

    @property
    def leaving(self) -> Leaving:
        closes = self.once and self.takes_input and not self.tty
        return Leaving.CLOSES_INPUT if closes else Leaving.GOES_ON

    @property
    def command_line(self) -> str:
        """The equal ``docker attach`` line."""
        return shlex.join(["docker", "attach", self.target.name or self.target.id[:12]])

    @property
    def parameters(self) -> dict[str, Any]:
        """For the record."""
        return {"tty": self.tty, "input": self.takes_input}


@asynccontextmanager
async def attached(
    engine: Engine, order: AttachOrder, show: Show, say: Say
) -> AsyncIterator[Shell]:
    """``show`` puts bytes on the screen, ``say`` a sentence beside it. Raises Conflict where the
    container does not run, Refused with the engine's words."""
    id = order.target.id
    inspect = await door.run(engine.commands.inspect_container, id)
    state = inspect.get("State") or {}
    if not state.get("Running"):
        raise Conflict(_("The container is not running: start it first."))
    run = Run(engine, id, str(state.get("StartedAt") or ""))
    async with engine.streams.attach(id, order.tty, order.takes_input) as duplex:
        line: Line = duplex if order.tty else TypedLine(duplex, order, show, say)
        resize = partial(engine.commands.resize, id) if order.tty else no_size
        with suppress(NotFound, Conflict, Refused):
            await door.run(resize, order.size.rows, order.size.cols)
        yield Shell("attach", line, resize, partial(end_of_attachment, run))


def no_size(rows: int, cols: int) -> None:
    """A program without a terminal has none."""


class TypedLine:
    """The connection to a program without a terminal: we are the terminal that it lacks."""

    def __init__(self, duplex: Duplex, order: AttachOrder, show: Show, say: Say) -> None:
        self._duplex, self._order, self._show, self._say = duplex, order, show, say
        self._lines = TypedLines()
        self._closed = self._refused = False
        self.close = duplex.close

    async def read(self) -> bytes:
        return (await self._duplex.read()).replace(b"\n", b"\r\n")

    def write_at_once(self, data: bytes) -> bool:
        """Never: what is typed is shown, and the screen may have to wait for a recording."""
        return False

    async def write(self, data: bytes) -> None:
        """As Duplex.write."""
        if self._closed:
            return self._refuse()
        told = self._lines.feed(data)
        if told.show:
            await self._show(bytes(told.show))
        if told.send:
            await self._duplex.write(bytes(told.send))
        if told.ended:
            await self._end_input()

    def _refuse(self) -> None:
        """Said once."""
        if not self._refused:
            self._refused = True
            self._say(_("Its input is closed."))

    async def _end_input(self) -> None:
        """Only an input that is taken once can be ended: of another, that would be leaving."""
        if not self._order.once:
            return self._say(_("Its input stays open: it was made so, for whoever comes next."))
        self._closed = self._duplex.close_stdin()
        if self._closed:
            await self._show(b"^D\r\n")
        else:
            self._say(_("This connection to the engine cannot close the input alone: leave."))
