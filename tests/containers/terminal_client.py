"""A browser at the terminal socket, without a browser: plain ASGI on the site's own loop."""

import asyncio
import json
import struct
import time
from typing import Any

from django.test import Client
from django.urls import reverse

from tests.containers.socket_scope import ORIGIN, scope_of
from tests.runtime import Loop, until

LAST = ("exited", "ended")


class Terminal:
    """One socket. ``output`` is what came, ``news`` the events, ``code`` how it was closed."""

    def __init__(
        self,
        loop: Loop,
        browser: Client,
        container_id: str,
        acks: bool = True,
        where: str = "terminal",
    ) -> None:
        self.loop, self.browser, self.container_id, self.acks = loop, browser, container_id, acks
        self.where = where
        self.output, self.news = bytearray(), []
        self.messages: list[int] = []
        self.accepted = False
        self._came = asyncio.Event()
        self.code: int | None = None
        self.pongs = 0
        self._task: asyncio.Task[None] | None = None

    def ticket(self, **fields: Any) -> Any:
        address = reverse(f"{self.where}-ticket", args=["dock", self.container_id])
        return self.browser.post(address, fields)

    def open(self, **fields: Any) -> "Terminal":
        response = self.ticket(**fields)
        assert response.status_code == 200, response.content.decode()
        return self.connect(response.json()["ticket"])

    def connect(self, ticket: str, origin: bytes = ORIGIN) -> "Terminal":
        path = f"/ws/hosts/dock/containers/{self.container_id}/{self.where}/"
        scope = scope_of(self.browser, path, ticket, origin)
        self.loop.run(self._begin(scope))
        until(lambda: self.accepted or self.code is not None)
        return self

    async def _begin(self, scope: dict[str, Any]) -> None:
        from dashboard.asgi import application

        self._inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        await self._inbox.put({"type": "websocket.connect"})
        run = application(scope, self._inbox.get, self._take)
        self._task = asyncio.get_running_loop().create_task(run)

    async def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "websocket.accept":
            self.accepted = True
        elif message["type"] == "websocket.close":
            self.code = message.get("code", 1000)
            await self._inbox.put({"type": "websocket.disconnect", "code": self.code})
        else:
            self._read(message["bytes"])

    def _read(self, data: bytes) -> None:
        if data[0] == 0:
            self.output += data[1:]
            self._came.set()
            self.messages.append(len(data) - 1)
            if self.acks:
                self._put(b"\x02" + struct.pack(">Q", len(self.output)))
        elif data[0] == 1:
            self.news.append(json.loads(data[1:]))
        else:
            self.pongs += 1

    def _put(self, data: bytes) -> None:
        self._inbox.put_nowait({"type": "websocket.receive", "bytes": data})

    def send(self, data: bytes) -> None:
        self.loop.loop.call_soon_threadsafe(self._put, data)

    def send_text(self, text: str) -> None:
        message = {"type": "websocket.receive", "text": text}
        self.loop.loop.call_soon_threadsafe(self._inbox.put_nowait, message)

    async def echoes(self, keys: int) -> list[float]:
        """On the site's loop: milliseconds from each key to what comes next."""
        samples = []
        for _ in range(keys):
            began = time.perf_counter()
            self._came.clear()
            self._put(b"\x00x")
            await self._came.wait()
            samples.append(1000 * (time.perf_counter() - began))
            await asyncio.sleep(0.01)  # past what is gathered into one message
        return samples

    def ack(self) -> None:
        self.send(b"\x02" + struct.pack(">Q", len(self.output)))

    def type(self, text: str) -> None:
        self.send(b"\x00" + text.encode())

    def resize(self, cols: int, rows: int) -> None:
        self.send(b"\x01" + json.dumps({"cols": cols, "rows": rows}).encode())

    def drop(self, reason: str = "") -> None:
        """The network is gone: the server is told, as its ping would."""

        async def leave() -> None:
            gone = {"type": "websocket.disconnect", "code": 1006, "reason": reason}
            await self._inbox.put(gone)
            assert self._task is not None
            await asyncio.wait_for(self._task, 5)

        self.loop.run(leave())

    def shows(self, text: str, seconds: float = 15) -> None:
        until(lambda: text.encode() in self.output, seconds)

    def told(self, event: str, seconds: float = 15) -> dict[str, Any]:
        found = until(lambda: [news for news in self.news if news["event"] == event], seconds)
        return dict(found[-1])

    def ending(self, seconds: float = 15) -> dict[str, Any]:
        """What was said last: ``exited`` or ``ended``."""
        return dict(until(lambda: [n for n in self.news if n["event"] in LAST], seconds)[0])

    @property
    def session(self) -> str:
        return str(self.told("started")["session"])
