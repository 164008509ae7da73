"""A browser at the log socket, without a browser: plain ASGI on the site's own loop."""

import asyncio
import json
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.test import Client
from django.urls import reverse

from tests.containers.socket_scope import scope_of
from tests.runtime import Loop, until

HEAD = struct.Struct(">BqHI")


@dataclass(frozen=True)
class Line:
    ns: int
    ordinal: int
    stream: int
    data: bytes
    place: int = 0
    marks: int = 0

    @property
    def cursor(self) -> str:
        return f"{self.ns}.{self.ordinal}"

    @property
    def text(self) -> str:
        return self.data.decode()


def lines_of(message: bytes, start: int = 1, tags: int = 0) -> Iterator[Line]:
    """The lines of one message; ``tags``: bytes before each, the last is its place."""
    at = start
    while at < len(message):
        tag = message[at : at + tags]
        stream, ns, ordinal, length = HEAD.unpack_from(message, at + tags)
        at += tags + HEAD.size
        place, marks = (tag[-1] if tag else 0), (tag[0] if tags == 2 else 0)
        yield Line(ns, ordinal, stream, message[at : at + length], place, marks)
        at += length


@dataclass
class LogBrowser:
    """``ids`` with more than one are a merged view. ``acks``: acknowledge all that comes."""

    loop: Loop
    browser: Client
    ids: list[str]
    acks: bool = True
    lines: list[Line] = field(default_factory=list)
    found: list[Line] = field(default_factory=list)
    news: list[dict[str, Any]] = field(default_factory=list)
    received: int = 0
    accepted: bool = False
    code: int | None = None
    task: "asyncio.Task[None] | None" = None

    @property
    def base(self) -> str:
        return f"hosts/dock/{'' if len(self.ids) > 1 else f'containers/{self.ids[0]}/'}logs/"

    def ticket(self, **fields: Any) -> Any:
        if len(self.ids) > 1:
            address = reverse("merged-logs-ticket", args=["dock"])
            return self.browser.post(address, {"id": self.ids, **fields})
        return self.browser.post(reverse("logs-ticket", args=["dock", self.ids[0]]), fields)

    def open(self, **fields: Any) -> "LogBrowser":
        response = self.ticket(**fields)
        assert response.status_code == 200, response.content.decode()
        return self.connect(response.json()["ticket"])

    def connect(self, ticket: str, first: tuple[dict[str, Any], ...] = ()) -> "LogBrowser":
        """``first``: messages that are sent before the socket is accepted."""
        scope = scope_of(self.browser, f"/ws/{self.base}", ticket)
        self.loop.run(self._begin(scope, first))
        until(lambda: self.accepted or self.code is not None)
        return self

    async def _begin(self, scope: dict[str, Any], first: tuple[dict[str, Any], ...]) -> None:
        from dashboard.asgi import application

        self._inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        for message in ({"type": "websocket.connect"}, *first):
            await self._inbox.put(message)
        run = application(scope, self._inbox.get, self._take)
        self.task = asyncio.get_running_loop().create_task(run)

    async def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "websocket.accept":
            self.accepted = True
        elif message["type"] == "websocket.close":
            self.code = message.get("code", 1000)
            await self._inbox.put({"type": "websocket.disconnect", "code": self.code})
        else:
            self._read(message["bytes"])

    def _read(self, data: bytes) -> None:
        self.received += len(data)
        if data[0] == 0:
            self.lines += lines_of(data)
        elif data[0] == 1:
            self.news.append(json.loads(data[1:]))
        elif data[0] == 2:
            self.found += lines_of(data, start=5, tags=2)
        else:
            self.lines += lines_of(data, tags=1)
        if self.acks:
            self._ack()

    def _ack(self) -> None:
        text = json.dumps({"ack": self.received})
        self._inbox.put_nowait({"type": "websocket.receive", "text": text})

    def go_on(self) -> None:
        """Acknowledge what came so far, and from now on everything."""
        self.acks = True
        self.loop.loop.call_soon_threadsafe(self._ack)

    def say(self, **message: Any) -> None:
        self.send(text=json.dumps(message))

    def send(self, **frame: Any) -> None:
        message = {"type": "websocket.receive", **frame}
        self.loop.loop.call_soon_threadsafe(self._inbox.put_nowait, message)

    def leave(self) -> None:
        async def go() -> None:
            await self._inbox.put({"type": "websocket.disconnect", "code": 1001})
            assert self.task is not None
            await asyncio.wait_for(self.task, 10)

        self.loop.run(go())

    def told(self, seconds: float = 20, **fields: Any) -> dict[str, Any]:
        """The newest event with these fields, once there is one."""

        def matching() -> list[dict[str, Any]]:
            return [one for one in list(self.news) if fields.items() <= one.items()]

        return dict(until(matching, seconds)[-1])

    @property
    def texts(self) -> list[str]:
        return [line.text for line in self.lines]
