"""The terminal socket: transport only. What it shows is a TerminalSession, which outlives it."""

from access.errors import OverQuota
from containers.shell_ends import End, EndKind
from containers.terminal import TerminalSession
from containers.terminal_wire import PONG, Ack, Input, Message, Size, news, parse
from containers.terminals import TooManyShells, terminals
from containers.viewer import Viewer
from engine.errors import NotFound
from web.rates import Rate
from web.sockets import BROKEN, GONE, LOGIN_OVER, TOO_MANY, TicketSocket

MESSAGES = 4000, 10_000  # a second, and at once: acknowledgements of a flood, a restless mouse


class TerminalSocket(TicketSocket):
    """Opened with a ticket for a new terminal (``order``) or one's own (``session``)."""

    action = right = "container.exec"
    session: TerminalSession
    viewer: Viewer | None = None

    async def opened(self) -> None:
        self.rate = Rate(*MESSAGES)
        options = self.ticket.options
        try:
            if "order" in options:
                self.session = await terminals.open(self.actor, options["order"])
            else:
                self.session = terminals.known(
                    self.actor, options["session"], self.ticket.object_id
                )
        except (TooManyShells, OverQuota) as error:
            return await self.refuse(error.message, TOO_MANY)
        except NotFound as error:
            return await self.refuse(error.message, GONE)
        self.viewer = self.session.join(options.get("position"))
        self.own(self.show(self.session, self.viewer))

    def lost(self, code: int) -> None:
        """The shell is killed, and that ends the socket with its reason."""
        kind = EndKind.LOGIN_OVER if code == LOGIN_OVER else EndKind.RIGHT_LOST
        if self.viewer is not None:
            self.session.finish(End(kind))

    async def refuse(self, reason: str, code: int) -> None:
        await self.send(bytes_data=news("ended", reason=reason))
        await self.close(code)

    async def show(self, session: TerminalSession, viewer: Viewer) -> None:
        try:
            async for message in viewer.messages():
                await self.send(bytes_data=message)
            await self.close(session.close_code)
        finally:
            session.leave(viewer, self.silent)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if not self.rate.take():
            return await self.close(TOO_MANY)
        try:
            message = parse(bytes_data or b"")
            good = self.viewer is None or await self.took(message, self.viewer)
        except ValueError:
            good = False
        if not good:
            await self.close(BROKEN)

    async def took(self, message: Message, viewer: Viewer) -> bool:
        """False where the message breaks the protocol."""
        if isinstance(message, Input):
            return self.session.type(viewer, message.data)
        if isinstance(message, Ack):
            return viewer.credit.ack(message.total)
        if isinstance(message, Size):
            self.session.resize(viewer, message)
        else:
            await self.send(bytes_data=PONG)
        return True
