"""Django's request handler with one visit to a thread in place of some twenty."""

from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any

import django
from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest, HttpResponseBase

MOST_IDLE = 8  # threads that wait for the next request; the others are in engine.threads


class Handler(ASGIHandler):
    """Middleware and view run in one go in the request's thread, as under WSGI.

    Django's own goes to that thread and back for each middleware, in and out: 3 ms of CPU, and
    more than that in waiting, for every answer. All of our views are synchronous. And it starts
    a thread for each request and another one to end it, while the loop waits for both.
    """

    def __init__(self) -> None:
        super().__init__()
        self.idle: list[ThreadPoolExecutor] = []

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        thread = self.idle.pop() if self.idle else ThreadPoolExecutor(1, "request")
        try:
            async with ThreadSensitiveContext(executor=thread):
                await self.handle(scope, receive, send)
        finally:
            # By its own hand: a view that nobody waits for any more is ended first.
            thread.submit(self.rest, thread)

    async def read_body(self, receive: Any) -> IO[bytes]:
        """Our server has the body in a file already: a second copy of each upload is saved."""
        whole = getattr(getattr(receive, "__self__", None), "whole", None)
        body: IO[bytes] = (whole and whole()) or await super().read_body(receive)
        return body

    def rest(self, thread: ThreadPoolExecutor) -> None:
        if len(self.idle) < MOST_IDLE:
            self.idle.append(thread)
        else:
            thread.shutdown(wait=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        respond: Any = sync_to_async(self.get_response, thread_sensitive=True)
        response: HttpResponseBase = await respond(request)
        return response


def application_of_django() -> Handler:
    django.setup(set_prefix=False)
    return Handler()
