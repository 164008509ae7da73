"""The socket of somebody who watches another's terminal: transport only, and nothing goes in."""

from access import door as record
from access.errors import NotRecorded
from containers.terminal import TerminalSession
from containers.terminal_socket import MESSAGES
from containers.terminal_wire import PONG, Ack, Ping, news, parse
from containers.terminals import lost_sentence, terminals
from containers.viewer import Viewer
from engine.threads import door
from web.rates import Rate
from web.sockets import BROKEN, ENDED, GONE, TOO_MANY, TicketSocket


class WatchSocket(TicketSocket):
    """Opened with a ticket for one terminal (``session``)."""

    action = right = "terminal.watch"
    viewer: Viewer | None = None

    async def opened(self) -> None:
        self.rate = Rate(*MESSAGES)
        session = terminals.at(self.ticket.host, self.ticket.options["session"])
        if session is None:
            await self.send(bytes_data=news("ended", reason=lost_sentence()))
            return await self.close(GONE)
        try:
            await door.run(self.recorded, session)
        except NotRecorded as error:
            await self.send(bytes_data=news("ended", reason=error.message))
            return await self.close(ENDED)
        self.viewer = session.watch(self.actor)
        self.own(self.show(session, self.viewer))

    def recorded(self, session: TerminalSession) -> None:
        """Before anything is shown. Raises NotRecorded where it cannot be written."""
        of = {"session": session.id, "person": session.actor.username}
        record.note(self.actor, self.action, session.order.target, parameters=of)

    async def show(self, session: TerminalSession, viewer: Viewer) -> None:
        try:
            async for message in viewer.messages():
                await self.send(bytes_data=message)
            await self.close(session.close_code)
        finally:
            session.watchers.discard(viewer)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if not self.rate.take():
            return await self.close(TOO_MANY)
        try:
            message = parse(bytes_data or b"")
        except ValueError:
            return await self.close(BROKEN)
        if isinstance(message, Ping):
            await self.send(bytes_data=PONG)
        elif isinstance(message, Ack) and self.viewer and not self.viewer.credit.ack(message.total):
            await self.close(BROKEN)
