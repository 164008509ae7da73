"""The log sockets: transport only. What they show is a LogView."""

import asyncio
import time

from django.utils import translation

from containers.log_messages import BadMessage, Patience, parse
from containers.log_outbox import Outbox
from containers.log_view import LogView, Unreadable
from containers.log_wire import news
from engine.feed import LogRange
from hosts.live import engine_of
from web.sockets import BROKEN, ENDED, GONE, TicketSocket

FAREWELL_SECONDS = 2.0
FREE_ACK = 1024  # bytes: an acknowledgement of fewer says nothing new


class LogSocket(TicketSocket):
    """Lines of one container within the browser's credit, and what is asked about them."""

    action = right = "container.logs"
    merged = False
    view: LogView | None = None

    def wanted(self) -> dict[str, LogRange]:
        return {self.ticket.object_id: self.ticket.options["range"]}

    def object_ids(self) -> list[str]:
        return self.view.ids if self.view else list(self.wanted())

    async def opened(self) -> None:
        self.patience = Patience(time.monotonic())
        box = Outbox(lambda message: self.send(bytes_data=message), self.merged)
        host = self.ticket.host
        self.view = LogView(engine_of(host), host, self.actor, self.wanted(), box)
        self.view.start(self.own)
        self.own(self.show(self.view))

    async def show(self, view: LogView) -> None:
        try:
            await view.show(self.own)
        except Unreadable as error:
            await self.close(GONE if error.missing else ENDED)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.view is None:  # it was refused, and is closed already
            return
        acked = self.view.box.credit.acked
        try:
            with translation.override(self.actor.language):
                self.view.heard(parse(text_data))
                said_little = self.view.box.credit.acked - acked < FREE_ACK
                if said_little and not self.patience.lasts(time.monotonic()):
                    raise BadMessage(translation.gettext("Too many messages."))
        except BadMessage as error:
            await self.refuse(self.view, error.sentence)

    async def refuse(self, view: LogView, sentence: str) -> None:
        """Say why and close; a browser that takes nothing is not waited for."""
        self.view = None
        try:
            async with asyncio.timeout(FAREWELL_SECONDS):
                await view.box.spend(news("error", reason=sentence))
        except TimeoutError:
            pass
        await self.close(BROKEN)


class MergedLogSocket(LogSocket):
    """Lines of several containers of one host, in the order of time."""

    merged = True

    def wanted(self) -> dict[str, LogRange]:
        return dict(self.ticket.options["ranges"])
