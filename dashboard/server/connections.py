"""The connections: HTTP with deadlines and early refusal, sockets that hold their pongs back."""

import json
import logging
import math
from http import HTTPStatus
from typing import Any

from daphne.http_protocol import HTTPFactory, WebRequest
from daphne.ws_protocol import WebSocketFactory, WebSocketProtocol
from twisted.web import http

from dashboard.server.bodies import ANONYMOUS, OTHERS, in_words, rule_for, seconds_for
from dashboard.server.flow import BodyInbox, Gate, Handed, MessageInbox, new_content
from dashboard.server.frames import FIN_BINARY, FIN_TEXT, head, small_message, write_at_once

HEADER_SECONDS = 20
IDLE_SECONDS = 60
LINGER_SECONDS = 2  # a refused client goes on sending: what comes is dropped, so it can read why
CONNECTIONS_PER_ADDRESS = 1024
STEP, LONG_STEP = ANONYMOUS, 512 * 1024  # bytes read at once: usually, and of a long body
log = logging.getLogger(__name__)


def refusal(status: HTTPStatus, sentence: str, to_program: bool) -> tuple[str, bytes]:
    """Content type and body: a sentence, or for the JSON API problem details (RFC 9457)."""
    if not to_program:
        return "text/plain; charset=utf-8", f"{sentence}\n".encode()
    told = {"type": "about:blank", "title": status.phrase, "status": status, "detail": sentence}
    return "application/problem+json", json.dumps(told).encode()


class Channel(http.HTTPChannel):
    """One TCP connection: its headers and bodies have a deadline however often a byte comes."""

    maxHeaders = 100
    totalHeadersSize = 16_384

    def __init__(self) -> None:
        super().__init__()
        self._deadline: Any = None

    def dataReceived(self, data: bytes) -> None:
        if self._deadline is None and not self._handlingRequest:
            self.expect_within(HEADER_SECONDS)
        super().dataReceived(data)

    def allContentReceived(self) -> None:
        self.expect_within(None)
        super().allContentReceived()

    def expect_within(self, seconds: float | None) -> None:
        """Cut the connection unless the next step comes in time; None: nothing is awaited."""
        if self._deadline is not None and self._deadline.active():
            self._deadline.cancel()
        self._deadline = None
        if seconds is not None:
            self._deadline = self.callLater(seconds, self.transport.abortConnection)

    def connectionLost(self, reason: Any) -> None:
        self.expect_within(None)
        super().connectionLost(reason)
        self.factory.left(self.transport)


class Request(WebRequest):
    """One request: judged when its headers are there, before its body is read."""

    gate: Gate | None = None
    refused = received = False
    content: Any  # the body, then what stands for it once the inbox has it
    limit = ANONYMOUS  # until the login is known
    rule = OTHERS
    length = coming = 0  # of the body: what has come, and what should

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._parsePOSTFormSubmission = False  # Twisted would parse every form a second time

    def gotLength(self, length: int | None) -> None:
        """All headers are there; ``length`` is None for a chunked body."""
        self.content = new_content(self.server.spool)
        if self.is_ambiguous():
            self.refuse(HTTPStatus.BAD_REQUEST, "This request can be read in two ways.")
            return
        if length == 0:
            return
        self.coming = length or 0
        method, address = self.channel._command, self.channel._path
        self.rule = rule_for(method.decode("latin1"), address.decode("latin1"))
        self.channel.expect_within(seconds_for(self.rule.limit if length is None else length))
        if (length or 0) > self.rule.limit:
            self.refuse_length()
        elif self.rule.login or length is None or length > ANONYMOUS:
            self.hold_for_login(self.rule.login or (length or 0) > ANONYMOUS)

    def is_ambiguous(self) -> bool:
        """Two hosts, or two ways to find the body's end: a proxy may have chosen the other."""
        names = (b"Host", b"Transfer-Encoding")
        return any(len(self.requestHeaders.getRawHeaders(name, ())) > 1 for name in names)

    def hold_for_login(self, needed: bool) -> None:
        """Read no further until it is known that this client is signed in."""
        asks_first = self.requestHeaders.hasHeader(b"Expect")
        self.requestHeaders.removeHeader(b"Expect")
        transport = self.channel.transport
        transport.pauseProducing()
        self.server.own(self.admit(needed, transport, asks_first))

    async def admit(self, needed: bool, transport: Any, asks_first: bool) -> None:
        headers = [(k.lower(), v) for k, vs in self.requestHeaders.getAllRawHeaders() for v in vs]
        try:
            signed_in = await self.server.signed_in(headers)
        except Exception:
            log.exception("Whether a client is signed in could not be told")
            signed_in = False
        finally:
            transport.resumeProducing()
        if self.received or self.refused or self.channel is None:
            return
        if signed_in:
            self.limit = self.rule.limit
            if asks_first:
                self.channel._send100Continue()
        elif needed:
            self.refuse_anonymous()

    def handleContentChunk(self, data: bytes) -> None:
        if self.refused:
            return
        self.length += len(data)
        if self.length > self.limit:
            self.refuse_anonymous() if self.limit < self.rule.limit else self.refuse_length()
            return
        try:
            self.content.write(data)
        except OSError as error:
            log.error("No room for a request body: %s", error)
            self.refuse(HTTPStatus.INSUFFICIENT_STORAGE, "The server's disk is full.")
        if self.limit > ANONYMOUS:  # the next request's body is not read along with this one's
            left = self.coming - self.length
            self.channel.transport.bufferSize = min(LONG_STEP, max(STEP, left))

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        self.received = True
        if self.refused:
            self.channel.loseConnection()
            return
        self.requestHeaders.removeHeader(b"Daphne-Root-Path")  # a client must not move our root
        super().requestReceived(command, path, version)

    def refuse_length(self) -> None:
        sentence = f"The body is too long: at most {in_words(self.rule.limit)} are taken here."
        self.refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, sentence)

    def refuse_anonymous(self) -> None:
        self.refuse(HTTPStatus.UNAUTHORIZED, "Log in first.")

    def refuse(self, status: HTTPStatus, sentence: str) -> None:
        """Answer at once and drop the rest of the body; the connection ends with it."""
        self.refused = True
        self.requestHeaders.removeHeader(b"Expect")
        kind, body = refusal(status, sentence, self.channel._path.startswith(b"/api/"))
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\n"
            f"Content-Type: {kind}\r\nConnection: close\r\n"
            f"Cache-Control: no-store\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self.channel.transport.write(head.encode() + body)
        self.channel.expect_within(LINGER_SECONDS)

    def make_inbox(self) -> BodyInbox:
        inbox = BodyInbox(self.content)
        self.content = Handed(self.content)
        return inbox

    def begin_answer(self) -> None:
        self.gate = Gate(self.channel, shut=self.channel._waitingForTransport)
        self.registerProducer(self.gate, True)

    def end_answer(self) -> None:
        if self.gate is not None:
            self.unregisterProducer()

    def handle_exception(self, exception: Exception) -> None:
        """The application failed. What has begun cannot become an error page: it is cut short."""
        if self._response_started and self.channel is not None:
            self.channel.transport.abortConnection()
        elif self.channel is not None:
            super().handle_exception(exception)


class Socket(WebSocketProtocol):
    """One websocket. Its gate stands from ``accept`` on."""

    gate: Gate | None = None
    muted: bool

    def make_inbox(self) -> MessageInbox:
        return MessageInbox(self.transport)

    def begin_answer(self) -> None:
        self.transport.unregisterProducer()  # the HTTP channel that the upgrade left there
        self.gate = Gate(self.transport)
        self.transport.registerProducer(self.gate, True)

    def dataReceived(self, data: bytes) -> None:
        """A key or an acknowledgement comes alone and whole: Autobahn takes ten times as long."""
        message = small_message(data) if self.is_between_messages() else None
        if message is None:
            super().dataReceived(data)
            return
        if self.autoPingTimeoutCall:
            self._cancelAutoPingTimeoutCall()
        self.onMessage(message, data[0] == FIN_BINARY)

    def is_between_messages(self) -> bool:
        """Whether what comes next begins a message."""
        if self.state != self.STATE_OPEN or self.data:
            return False
        return self.current_frame is None and not self.inside_message

    def onPing(self, payload: bytes) -> None:
        """No pong while the way out is full: pings would fill the memory of a client's choice."""
        if self.gate is None or not self.gate.shut:
            super().onPing(payload)

    def handle_reply(self, message: dict[str, Any]) -> None:
        """An empty message is a message, too: Daphne's own method sends none."""
        if message["type"] != "websocket.send" or self.state == self.STATE_CONNECTING:
            super().handle_reply(message)
        elif self.state != self.STATE_OPEN:
            return  # the client said goodbye a moment ago; the application will hear of it
        elif (data := message.get("bytes")) is not None:
            write_at_once(self.transport, head(FIN_BINARY, len(data)), data)
        else:
            text = message["text"].encode()
            write_at_once(self.transport, head(FIN_TEXT, len(text)), text)

    def serverClose(self, code: int | None = None) -> None:
        """Close with any code: Autobahn's own method refuses 1008, 1009 and 1012 to servers."""
        self.sendCloseFrame(code or 1000)

    def onAutoPingTimeout(self) -> None:
        """It answered no ping: the application hears that it has been gone for as long already."""
        if not self.muted and hasattr(self, "application_queue"):
            left = {"type": "websocket.disconnect", "code": 1006, "reason": "silent"}
            self.application_queue.put_nowait(left)
            self.muted = True  # it is told once
        super().onAutoPingTimeout()

    def onClose(self, was_clean: bool, code: int | None, reason: str | None) -> None:
        """Where the handshake was refused there is no application to tell."""
        if hasattr(self, "server"):
            super().onClose(was_clean, code, reason)

    def connectionLost(self, reason: Any) -> None:
        super().connectionLost(reason)
        self.factory.server_class.http_factory.left(self.transport)


class SocketFactory(WebSocketFactory):
    protocol = Socket


class Factory(HTTPFactory):
    """Makes our channels and requests, and counts the connections of each address."""

    protocol = Channel

    def __init__(self, server: Any) -> None:
        super().__init__(server)
        self.timeOut = IDLE_SECONDS
        self._counts: dict[str, int] = {}

    def buildProtocol(self, address: Any) -> Channel | None:
        host = getattr(address, "host", "")
        most = CONNECTIONS_PER_ADDRESS if not self.server.is_proxy(host) else math.inf
        if self._counts.get(host, 0) >= most:
            log.warning("%s has %d connections: one more refused", host, CONNECTIONS_PER_ADDRESS)
            return None
        self._counts[host] = self._counts.get(host, 0) + 1
        channel: Channel = super().buildProtocol(address)
        channel.requestFactory = Request
        return channel

    def left(self, transport: Any) -> None:
        host = getattr(transport.getPeer(), "host", "")
        self._counts[host] = self._counts.get(host, 1) - 1
        if self._counts[host] <= 0:
            del self._counts[host]
