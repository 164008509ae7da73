"""One visit to a thread for middleware and view together."""

import asyncio
from typing import Any

import pytest
from asgiref.sync import SyncToAsync

from dashboard.asgi import django_application

MOST = 3  # the start signal, the answer, its end; Django's own handler makes more than twenty
SCOPE = {
    "type": "http",
    "asgi": {"version": "3.0"},
    "http_version": "1.1",
    "method": "GET",
    "path": "/login/",
    "raw_path": b"/login/",
    "query_string": b"",
    "headers": [(b"host", b"localhost"), (b"accept-encoding", b"gzip")],
    "client": ("127.0.0.1", 1),
    "server": ("127.0.0.1", 80),
}


async def asked() -> tuple[int, bytes]:
    sent: list[dict[str, Any]] = []
    body = [{"type": "http.request", "body": b""}]

    async def receive() -> dict[str, Any]:
        if not body:
            await asyncio.Event().wait()
        return body.pop()

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await django_application(SCOPE, receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent)


@pytest.mark.django_db(transaction=True)
def test_an_answer_costs_few_visits_to_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    visits: list[Any] = []
    call = SyncToAsync.__call__

    async def counted(self: Any, *args: Any, **kwargs: Any) -> Any:
        visits.append(self.func)
        return await call(self, *args, **kwargs)

    monkeypatch.setattr(SyncToAsync, "__call__", counted)
    status, body = asyncio.run(asked())
    assert status == 200
    assert body.startswith(b"\x1f\x8b")  # it went through the middleware
    assert len(visits) <= MOST, visits
