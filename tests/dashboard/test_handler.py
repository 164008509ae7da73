"""One visit to a thread for middleware and view together."""

import asyncio
import threading
from typing import Any

import pytest
from asgiref.sync import SyncToAsync

from dashboard.asgi import django_application
from dashboard.handler import MOST_IDLE, Handler
from tests.runtime import until

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


async def asked(handler: Handler) -> tuple[int, bytes]:
    sent: list[dict[str, Any]] = []
    body = [{"type": "http.request", "body": b""}]

    async def receive() -> dict[str, Any]:
        if not body:
            await asyncio.Event().wait()
        return body.pop()

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await handler(SCOPE, receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent)


@pytest.mark.django_db(transaction=True)
def test_an_answer_costs_few_visits_to_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    visits: list[Any] = []
    call = SyncToAsync.__call__

    async def counted(self: Any, *args: Any, **kwargs: Any) -> Any:
        visits.append(self.func)
        return await call(self, *args, **kwargs)

    monkeypatch.setattr(SyncToAsync, "__call__", counted)
    status, body = asyncio.run(asked(django_application))
    assert status == 200
    assert body.startswith(b"\x1f\x8b")  # it went through the middleware
    assert len(visits) <= MOST, visits


@pytest.mark.django_db(transaction=True)
def test_the_next_request_has_the_thread_of_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    handler, threads = Handler(), []
    respond = handler.get_response

    def noted(request: Any) -> Any:
        threads.append(threading.current_thread())
        return respond(request)

    monkeypatch.setattr(handler, "get_response", noted)

    async def one_after_the_other() -> None:
        for _ in range(5):
            await asked(handler)
            await asyncio.to_thread(until, lambda: handler.idle)

    asyncio.run(one_after_the_other())
    assert len(threads) == 5
    assert len(set(threads)) == 1
    asyncio.run(at_once(handler, MOST_IDLE + 4))
    assert len(threads) == 5 + MOST_IDLE + 4
    assert len(handler.idle) <= MOST_IDLE


async def at_once(handler: Handler, count: int) -> None:
    assert {
        status for status, _ in await asyncio.gather(*(asked(handler) for _ in range(count)))
    } == {200}


def test_a_thread_comes_back_after_what_it_still_does() -> None:
    handler, release = Handler(), threading.Event()

    async def given_up(scope: Any, receive: Any, send: Any) -> None:
        thread = SyncToAsync.context_to_thread_executor[SyncToAsync.thread_sensitive_context.get()]
        thread.submit(release.wait, 20)

    handler.handle = given_up
    asyncio.run(handler(SCOPE, None, None))
    assert handler.idle == []
    release.set()
    until(lambda: handler.idle)
